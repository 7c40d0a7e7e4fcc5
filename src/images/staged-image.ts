// An image that is complete below staging/ (or whose other blobs the store already has): its documents checked against each other, its
// blobs ready to be moved. Nothing of it is visible before `commitImages`.

import { BadInputError } from '../model/errors.js'
import type { Descriptor, Digest, ImageConfig, LayerSource, Manifest } from '../model/image.js'
import { syncDirectory } from '../platform/files.js'
import type { StorePaths } from '../platform/paths.js'
import { moveBlob, readBlob, readDocument, type StagedBlob, syncBlobs } from './blobs.js'
import { parseConfig, parseManifest } from './documents.js'
import { changeIndex, nameOf, withFromIndex, withNames } from './image-index.js'
import { readManifest } from './image-store.js'

export interface StagedImage {
  readonly id: string
  readonly descriptor: Descriptor
  readonly names: readonly string[]
  readonly manifest: Manifest
  readonly config: ImageConfig
  /** Everything the manifest names, and itself; a blob that the store has already may be missing here. */
  readonly blobs: ReadonlyMap<Digest, StagedBlob>
  /** The index its names led to, when they did not lead to the manifest itself. */
  readonly fromIndex?: FromIndex
}

export interface FromIndex {
  readonly digest: Digest
  readonly blob: StagedBlob
}

export interface ImageParts {
  readonly manifestBlob: StagedBlob
  readonly mediaType: string
  readonly names: readonly string[]
  /** Finds a blob among those staged. */
  readonly find: (descriptor: Descriptor) => Promise<StagedBlob | undefined> | StagedBlob | undefined
  readonly fromIndex?: FromIndex
}

/** Reads and checks. Throws BadInputError when a document is bad, a blob is missing, or one is not what its descriptor says. */
export async function assembleImage(parts: ImageParts): Promise<StagedImage> {
  const { manifestBlob, mediaType, names, fromIndex } = parts
  const subject = `manifest ${manifestBlob.digest}`
  const manifest = parseManifest(readDocument(manifestBlob.file, manifestBlob.digest, subject), subject)
  const blobs = new Map<Digest, StagedBlob>([[manifestBlob.digest, manifestBlob]])
  for (const descriptor of [manifest.config, ...manifest.layers]) {
    const blob = await parts.find(descriptor)
    if (blob === undefined)
      throw new BadInputError(`read: ${subject}: blob ${descriptor.digest} is missing from the archive`)
    checkBlob(blob, descriptor, subject)
    blobs.set(descriptor.digest, blob)
  }
  const configDigest = manifest.config.digest
  const configSubject = `config ${configDigest}`
  const config = parseConfig(
    readDocument(blobs.get(configDigest)?.file ?? '', configDigest, configSubject),
    configSubject,
  )
  const { length } = config.rootfs.diff_ids
  if (length !== manifest.layers.length)
    throw new BadInputError(`read: ${subject}: it has ${manifest.layers.length} layers, its config ${length}`)
  const descriptor = { mediaType, digest: manifestBlob.digest, size: manifestBlob.sizeBytes }
  const image = { id: configDigest.slice('sha256:'.length), descriptor, names, manifest, config, blobs }
  return fromIndex === undefined ? image : { ...image, fromIndex }
}

function checkBlob(blob: StagedBlob, { digest, size }: Descriptor, subject: string): void {
  if (blob.digest === digest && blob.sizeBytes === size) return
  const cause =
    blob.digest === digest ? `is ${blob.sizeBytes} bytes long, not ${size}` : `has in truth the digest ${blob.digest}`
  throw new BadInputError(`read: ${subject}: blob ${digest} ${cause}`, {
    hint: 'the archive is damaged or was tampered with; get it again',
  })
}

/** The layers where they lie now, bottom first. */
export function stagedSources(image: StagedImage): LayerSource[] {
  return image.manifest.layers.map(({ digest, size }, index) => ({
    open: () => readBlob(image.blobs.get(digest)?.file ?? ''),
    sizeBytes: size,
    digest,
    diffId: image.config.rootfs.diff_ids[index] ?? digest,
  }))
}

/** Makes images visible, all in one change of the index: blobs first, under the lock that a removal takes too. */
export async function commitImages(paths: StorePaths, images: readonly StagedImage[]): Promise<void> {
  await syncBlobs(images.flatMap(({ blobs, fromIndex }) => [...blobs.values(), ...(fromIndex ? [fromIndex.blob] : [])]))
  await changeIndex(paths, (before) => {
    for (const { blobs, fromIndex } of images) {
      for (const blob of blobs.values()) moveBlob(paths, blob)
      if (fromIndex !== undefined) moveBlob(paths, fromIndex.blob)
    }
    syncDirectory(paths.blobs)
    const manifests = images.reduce((list, image) => addImage(paths, list, image), before)
    return { manifests, result: undefined }
  })
}

/** The same image (config) under another manifest that has no name left is of no use to anybody: not kept as dangling. */
function addImage(paths: StorePaths, before: readonly Descriptor[], image: StagedImage): readonly Descriptor[] {
  const { descriptor, fromIndex } = image
  const target = fromIndex === undefined ? descriptor : withFromIndex(descriptor, fromIndex.digest)
  return withNames(before, target, image.names).filter(
    (entry) =>
      nameOf(entry) !== undefined ||
      entry.digest === image.descriptor.digest ||
      readManifest(paths, entry.digest)?.config.digest !== image.manifest.config.digest,
  )
}
