// A repository's image on its way into the store: its documents fetched and checked, its layers ready to be read while they come.
// Everything lies below staging/ and downloads/ until `commitImages`.

import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Descriptor, Digest, LayerSource } from '../model/image.js'
import type { ProgressReport } from '../model/progress.js'
import type { Chunks } from '../platform/byte-streams.js'
import type { StorePaths } from '../platform/paths.js'
import { createTurns, type Turns } from '../platform/turns.js'
import { readBlob, stageBytes } from './blobs.js'
import { chooseManifest, type Document } from './choose-manifest.js'
import { parseManifest } from './documents.js'
import { downloadedFile, forgetDownload, linkStored, readDownload } from './downloads.js'
import type { Platform } from './host-platform.js'
import type { Repository } from './registry/repository.js'
import { assembleImage, type StagedImage } from './staged-image.js'

export interface RemoteImage {
  /** What the name leads to; the manifest itself when there is no index. */
  readonly root: Document
  readonly manifest: Document
}

/** Asks what `reference` (a tag or digest) leads to. Errors: Repository.getManifest, chooseManifest. */
export async function findRemoteImage(
  repository: Repository,
  reference: string,
  platform: Platform,
): Promise<RemoteImage> {
  const root = await repository.getManifest(reference)
  const subject = `${repository.name}:${reference}`.replace(/:(sha256:)/, '@$1')
  const get = ({ digest }: Descriptor): Promise<Document> => repository.getManifest(digest)
  return { root, manifest: await chooseManifest(root, { platform, subject, get }) }
}

export interface Fetching {
  readonly paths: StorePaths
  readonly repository: Repository
  /** Below staging/, the caller's own. */
  readonly dir: string
  readonly report: ProgressReport
  /** Of transfers. */
  readonly turns: Turns
  /** Blobs that lie in `dir`, checked. */
  readonly whole: Set<Digest>
}

export function startFetching({
  parallel,
  ...rest
}: Omit<Fetching, 'turns' | 'whole'> & { readonly parallel: number }): Fetching {
  return { ...rest, turns: createTurns(parallel), whole: new Set() }
}

/** Fetches the config and plans the rest: the layers' blobs are where they will be once their sources were read to the end. */
export async function stageRemoteImage(
  fetching: Fetching,
  { root, manifest: document }: RemoteImage,
  name: string,
): Promise<StagedImage> {
  const { dir } = fetching
  const { config } = parseManifest(document.bytes.toString('utf8'), `manifest ${document.digest}`)
  await fetchBlob(fetching, config)
  const find = ({ digest, size }: Descriptor) => ({ file: downloadedFile(dir, digest), digest, sizeBytes: size })
  const isFromIndex = root.digest !== document.digest
  return await assembleImage({
    manifestBlob: stageBytes(path.join(dir, 'manifest'), document.bytes),
    mediaType: document.mediaType,
    names: [name],
    find,
    ...(isFromIndex
      ? { fromIndex: { digest: root.digest, blob: stageBytes(path.join(dir, 'index'), root.bytes) } }
      : {}),
  })
}

/** Bottom first. What is read of them comes from the store where it has them, else from the registry. */
export function remoteSources(fetching: Fetching, image: StagedImage): LayerSource[] {
  return image.manifest.layers.map((descriptor, index) => ({
    open: () => openBlob(fetching, descriptor),
    sizeBytes: descriptor.size,
    digest: descriptor.digest,
    diffId: image.config.rootfs.diff_ids[index] ?? descriptor.digest,
  }))
}

/** Brings a blob below staging/, if it is not there already. Errors: Repository.readBlob, readDownload. */
export async function fetchBlob(fetching: Fetching, descriptor: Descriptor): Promise<void> {
  if (isStaged(fetching, descriptor)) return
  for await (const _ of readRemote(fetching, descriptor));
}

/** Reads every layer that was begun to its end, so that none is kept that is not what its digest says; throws as `fetchBlob` does. */
export async function checkBegunBlobs(fetching: Fetching, image: StagedImage): Promise<void> {
  const begun = image.manifest.layers.filter(({ digest }) => existsSync(downloadedFile(fetching.dir, digest)))
  const ends = await Promise.allSettled(begun.map((layer) => fetchBlob(fetching, layer)))
  for (const end of ends) if (end.status === 'rejected') throw end.reason
}

/** The image is visible: nothing is left to resume. */
export function forgetDownloads(paths: StorePaths, image: StagedImage): void {
  for (const digest of image.blobs.keys()) forgetDownload(paths, digest)
}

function openBlob(fetching: Fetching, descriptor: Descriptor): Chunks {
  if (isStaged(fetching, descriptor)) return readBlob(downloadedFile(fetching.dir, descriptor.digest))
  return readRemote(fetching, descriptor)
}

function isStaged({ paths, dir, report, whole }: Fetching, descriptor: Descriptor): boolean {
  const { digest, size } = descriptor
  if (whole.has(digest)) return true
  if (!linkStored(paths, descriptor, dir)) return false
  whole.add(digest)
  report.onProgress({ verb: 'skip', digest, doneBytes: size, totalBytes: size, isDone: true })
  return true
}

async function* readRemote(fetching: Fetching, descriptor: Descriptor): AsyncGenerator<Buffer> {
  const { paths, repository, dir, report, turns, whole } = fetching
  const { digest, size } = descriptor
  yield* readDownload({
    paths,
    descriptor,
    dir,
    read: (fromByte) => inTurn(turns, () => repository.readBlob(descriptor, fromByte)),
    onBytes: (doneBytes) =>
      report.onProgress({ verb: 'fetch', digest, doneBytes, totalBytes: size, isDone: doneBytes === size }),
  })
  whole.add(digest)
}

async function* inTurn(turns: Turns, open: () => Chunks): AsyncGenerator<Buffer> {
  const giveBack = await turns.take()
  try {
    yield* open()
  } finally {
    giveBack()
  }
}
