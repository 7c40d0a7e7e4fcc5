// An image on its way to a registry: blobs first, several at a time, those that are there not at all; the manifest last, so that nobody
// ever sees an image that is not whole. OCI distribution-spec, "Push".

import { createReadStream } from 'node:fs'
import type { Digest } from '../model/image.js'
import type { ProgressReport } from '../model/progress.js'
import { CHUNK_BYTES, type Chunks, chunksOf } from '../platform/byte-streams.js'
import { mapParallel } from '../platform/parallel.js'
import type { StagedBlob } from './blobs.js'
import type { Document } from './choose-manifest.js'
import type { OutgoingImage, OutgoingLayer } from './outgoing-image.js'
import type { BlobUpload, Repository } from './registry/repository.js'

export interface Sending {
  readonly repository: Repository
  /** Paths of other repositories of the same registry that may have the blobs; tried in this order. */
  readonly mountFrom: readonly string[]
  readonly report: ProgressReport
}

/** Of one image, on the way to a registry. */
export const PARALLEL_BLOBS = 4
/** Each try that fails costs a request for each blob. */
const MOST_MOUNT_TRIES = 3

/** `reference`: a tag; undefined: the manifest's own digest. Returns the manifest as the registry has it now. Idempotent. */
export async function sendImage(sending: Sending, image: OutgoingImage, reference?: string): Promise<Document> {
  const layers = await mapParallel(image.layers, PARALLEL_BLOBS, async ({ prepare }): Promise<OutgoingLayer> => {
    const layer = await prepare()
    await sendBlob(sending, layer)
    return layer
  })
  const manifest = image.toManifest(layers)
  await sendBlob(sending, image.config)
  await sending.repository.putManifest(reference ?? manifest.digest, manifest)
  return manifest
}

export async function sendBlob(sending: Sending, { file, digest, sizeBytes }: StagedBlob): Promise<void> {
  const open = (fromByte: number): Chunks =>
    chunksOf(createReadStream(file, { start: fromByte, highWaterMark: CHUNK_BYTES }))
  await sendBytes(sending, { digest, size: sizeBytes, open })
}

/** From wherever they come; not sent when the repository has them, or can get them from another of its registry. */
export async function sendBytes(sending: Sending, blob: Pick<BlobUpload, 'digest' | 'size' | 'open'>): Promise<void> {
  const { repository, report } = sending
  const { digest, size } = blob
  const tell = (verb: 'send' | 'skip', doneBytes: number, isDone: boolean): void =>
    report.onProgress({ verb, digest, doneBytes, totalBytes: size, isDone })
  if ((await repository.hasBlob(digest)) || (await mountFromAny(sending, digest))) {
    tell('skip', size, true)
    return
  }
  tell('send', 0, false)
  await repository.putBlob({ ...blob, onSent: (sentBytes) => tell('send', sentBytes, false) })
  tell('send', size, true)
}

async function mountFromAny({ repository, mountFrom }: Sending, digest: Digest): Promise<boolean> {
  for (const path of mountFrom.slice(0, MOST_MOUNT_TRIES)) {
    if (await repository.mountBlob(digest, path)) return true
  }
  return false
}
