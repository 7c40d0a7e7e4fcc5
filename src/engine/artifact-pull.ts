// `artifact pull`: from a registry into the store of artifacts. Its files are fetched as layers are: resumed, checked, and visible only when
// all of them are here.

import { rmSync } from 'node:fs'
import { artifactPaths, storeArtifact } from '../images/artifact-store.js'
import type { StagedBlob } from '../images/blobs.js'
import { parseArtifact } from '../images/documents.js'
import { downloadedFile, forgetDownload, StaleDownloadError } from '../images/downloads.js'
import { isManifestType } from '../images/media-types.js'
import { fetchBlob, startFetching } from '../images/pull-image.js'
import { searchDomains } from '../images/registry/endpoints.js'
import { openRepository, type Repository } from '../images/registry/repository.js'
import { BadInputError } from '../model/errors.js'
import type { Descriptor, Digest } from '../model/image.js'
import { formatImageRef, type ImageRef, parseImageRef } from '../model/image-ref.js'
import type { RegistryOptions } from '../model/registry.js'
import { toDiskError } from '../platform/disk-errors.js'
import { mapParallel } from '../platform/parallel.js'
import { readSettings } from '../platform/settings.js'
import { makeStagingDir } from '../platform/staging.js'
import { sweepTrash } from '../storage/trash.js'
import type { Engine } from './engine.js'

/** Returns the manifest's digest. Throws NotFoundError, HostError (registry, network, disk), BadInputError; the store is then as it was. */
export async function pullArtifact(engine: Engine, text: string, options: RegistryOptions): Promise<Digest> {
  const ref = parseImageRef(text.replace(/^docker:\/\//, ''), searchDomains(engine.facts)[0])
  const { facts, report } = engine
  const repository = openRepository({ facts, ref, purpose: 'pull', options, report })
  await sweepTrash(engine)
  const dir = makeStagingDir(engine.paths)
  try {
    return await bringArtifact(engine, { repository, ref, dir })
  } catch (error) {
    throw toDiskError(error, `pull artifact: ${formatImageRef(ref)}`)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

interface Bringing {
  readonly repository: Repository
  readonly ref: ImageRef
  /** Below staging/. */
  readonly dir: string
}

async function bringArtifact(engine: Engine, { repository, ref, dir }: Bringing): Promise<Digest> {
  const name = formatImageRef(ref)
  const { bytes, mediaType, digest } = await repository.getManifest(ref.digest ?? ref.tag ?? 'latest')
  if (!isManifestType(mediaType)) throw new BadInputError(`pull artifact: ${name}: it is no artifact but ${mediaType}`)
  const { config, layers } = parseArtifact(bytes.toString('utf8'), `manifest ${digest}`)
  const files = [...new Map([config, ...layers].map((file) => [file.digest, file])).values()]
  const { parallelDownloads } = readSettings(engine.facts).pull
  const paths = artifactPaths(engine.paths)
  const fetching = startFetching({ paths, repository, dir, report: engine.report, parallel: parallelDownloads })
  const fetch = async (file: Descriptor): Promise<StagedBlob> => {
    await fetchBlob(fetching, file).catch(async (error: unknown) => {
      if (!(error instanceof StaleDownloadError)) throw error
      await fetchBlob(fetching, file) // what an earlier pull left was damaged, and is gone now
    })
    return { file: downloadedFile(dir, file.digest), digest: file.digest, sizeBytes: file.size }
  }
  const blobs = await mapParallel(files, parallelDownloads, fetch)
  const stored = await storeArtifact(engine.paths, { name, blobs, toManifest: () => ({ bytes, mediaType }) })
  for (const file of files) forgetDownload(engine.paths, file.digest)
  return stored
}
