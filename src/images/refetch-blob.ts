// A blob that is damaged or gone, once more from the registries that the names of its image lead to. It replaces the old one whole and with
// the right digest, or not at all.

import { renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { BadInputError, HostError, LichenError } from '../model/errors.js'
import { type ImageRef, parseImageRef } from '../model/image-ref.js'
import { NO_REPORT } from '../model/progress.js'
import type { RegistryOptions } from '../model/registry.js'
import { syncDirectory } from '../platform/files.js'
import { makeStagingDir } from '../platform/staging.js'
import type { Store } from '../platform/store.js'
import { blobPath, createBlobWriter, type StagedBlob, stageBytes, syncBlobs } from './blobs.js'
import type { LayoutPaths } from './image-index.js'
import { openRepository, type Repository } from './registry/repository.js'
import type { BadBlob } from './verify-blobs.js'

export interface Refetch {
  /** Where it is to be. */
  readonly layout: LayoutPaths
  /** Full references of the image. */
  readonly names: readonly string[]
  readonly options: RegistryOptions
}

/** Returns the repository it came from. Throws the last registry's error, or HostError when no name leads to one. */
export async function refetchBlob(store: Store, bad: BadBlob, { layout, names, options }: Refetch): Promise<string> {
  const dir = makeStagingDir(store.paths)
  try {
    let failure: LichenError = new HostError('no registry has it: its image was made here or has no name')
    for (const ref of names.map((name) => parseImageRef(name)).filter(isRemote)) {
      const repository = openRepository({ facts: store.facts, ref, purpose: 'pull', options, report: NO_REPORT })
      try {
        const fetched = await fetch(repository, bad, path.join(dir, 'blob'))
        await syncBlobs([fetched])
        renameSync(fetched.file, blobPath(layout, bad.digest))
        syncDirectory(layout.blobs)
        return repository.name
      } catch (error) {
        if (!(error instanceof LichenError)) throw error
        failure = error
      }
    }
    throw failure
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** What is called `localhost/…` was never pulled. */
const isRemote = ({ domain }: ImageRef): boolean => domain !== 'localhost'

async function fetch(repository: Repository, bad: BadBlob, file: string): Promise<StagedBlob> {
  rmSync(file, { force: true })
  const { digest, size } = bad
  const fetched =
    bad.isDocument || size === undefined
      ? stageBytes(file, (await repository.getManifest(digest)).bytes)
      : await download(repository, { digest, size }, file)
  if (fetched.digest === digest) return fetched
  throw new BadInputError(`fetch: ${repository.name}: blob ${digest}: what came has the digest ${fetched.digest}`)
}

async function download(
  repository: Repository,
  blob: Required<Pick<BadBlob, 'digest' | 'size'>>,
  file: string,
): Promise<StagedBlob> {
  const writer = createBlobWriter(file)
  try {
    for await (const chunk of repository.readBlob(blob, 0)) writer.write(chunk)
    return writer.finish()
  } finally {
    writer.close()
  }
}
