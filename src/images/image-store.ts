// Reading the local images: by name, ID or digest, or all of them. `findImage` is on the hot path of `run`: by name it reads the index, one
// manifest and one config, nothing else.

import { NotFoundError, UsageError } from '../model/errors.js'
import type { Descriptor, Digest, ImageConfig, LayerSource, LocalImage, Manifest } from '../model/image.js'
import { parseImageRef } from '../model/image-ref.js'
import { NO_REPORT, type ProgressReport } from '../model/progress.js'
import type { StorePaths } from '../platform/paths.js'
import { blobPath, readBlob, readDocument, unlessDamaged } from './blobs.js'
import { parseConfig, parseManifest } from './documents.js'
import { fromIndexOf, type LayoutPaths, nameOf, readIndex } from './image-index.js'
import { matchReference, namesOf } from './local-names.js'
import { chooseLocalInstance, findList } from './manifest-lists.js'
import { isIndexType } from './media-types.js'

/** How an image was named: a name can be taken away on its own, an ID means the whole image. */
export interface FoundImage {
  readonly image: LocalImage
  /** The full reference that matched; undefined: found by ID or digest. */
  readonly byName?: string
}

/**
 * The image `text` names: a reference (short names: `localhost/` first, then docker.io), an ID or a unique prefix of one, or a digest. What
 * names a list means the image in it for this host.
 * Throws NotFoundError, and UsageError for a prefix of several IDs or for what can be no name at all.
 */
export function findImage(paths: StorePaths, text: string): LocalImage {
  return lookUpImage(paths, text).image
}

export function lookUpImage(paths: StorePaths, text: string): FoundImage {
  const manifests = readIndex(paths)
  const found =
    findByReference(paths, manifests, text) ?? findById(paths, manifests, text) ?? findByListId(paths, manifests, text)
  if (found !== undefined) return found
  if (!/^(sha256:)?[0-9a-f]{1,64}$/.test(text)) parseImageRef(text) // a name that cannot be one is told apart from one not there
  throw new NotFoundError(`find image: ${text}: not in the local store`, {
    exitCode: 125,
    hint: '`lichen images` lists what is there, `lichen pull` brings it here',
  })
}

/** The descriptor a reference names, without reading the image: it may be damaged. Undefined: none. */
export function findDescriptor(paths: StorePaths, text: string): Descriptor | undefined {
  return matchReference(readIndex(paths), text)
}

export function listNames(paths: StorePaths, digest: Digest): string[] {
  return namesOf(readIndex(paths), digest)
}

/** Every image, each once however many names it has; newest first. Damaged ones are left out: naming one tells what is wrong with it. */
export function listStoredImages(paths: StorePaths): LocalImage[] {
  const manifests = readIndex(paths)
  const byId = new Map<string, LocalImage>()
  for (const image of readWholeImages(paths, manifests)) {
    const twin = byId.get(image.id) // the same image, kept under two manifests
    byId.set(image.id, twin === undefined ? image : mergeTwins(twin, image))
  }
  return [...byId.values()].sort((a, b) => compareCreated(b, a))
}

function mergeTwins(kept: LocalImage, other: LocalImage): LocalImage {
  const indexDigests = [...new Set([...kept.indexDigests, ...other.indexDigests])].sort()
  return { ...kept, names: [...kept.names, ...other.names].sort(), indexDigests }
}

/** One manifest of the index as an image. Throws BadInputError when the store is damaged. */
export function readImage(paths: StorePaths, manifests: readonly Descriptor[], digest: Digest): LocalImage {
  const manifest = parseManifest(
    readDocument(blobPath(paths, digest), digest, `manifest ${digest}`),
    `manifest ${digest}`,
  )
  const configDigest = manifest.config.digest
  const config = parseConfig(
    readDocument(blobPath(paths, configDigest), configDigest, `config ${configDigest}`),
    `config ${configDigest}`,
  )
  const names = namesOf(manifests, digest)
  const indexDigests = indexDigestsOf(manifests, digest)
  return { id: configDigest.slice('sha256:'.length), manifestDigest: digest, indexDigests, names, manifest, config }
}

function indexDigestsOf(manifests: readonly Descriptor[], digest: Digest): Digest[] {
  const found = manifests.flatMap((entry) => (entry.digest === digest ? (fromIndexOf(entry) ?? []) : []))
  return [...new Set(found)].sort()
}

function readWholeImages(paths: StorePaths, manifests: readonly Descriptor[]): LocalImage[] {
  const digests = new Set(manifests.flatMap(({ mediaType, digest }) => (isIndexType(mediaType) ? [] : [digest])))
  return [...digests].flatMap((digest) => unlessDamaged(() => readImage(paths, manifests, digest)) ?? [])
}

/** undefined: damaged; what it named cannot be known, and nobody can use it. */
export function readManifest(paths: LayoutPaths, digest: Digest): Manifest | undefined {
  const subject = `manifest ${digest}`
  return unlessDamaged(() => parseManifest(readDocument(blobPath(paths, digest), digest, subject), subject))
}

/** The image's layers, bottom first; `report` is told how far they have been read. */
export function layerSources(paths: StorePaths, image: LocalImage, report: ProgressReport = NO_REPORT): LayerSource[] {
  return image.manifest.layers.map(({ digest, size }, index) => ({
    open: () => reportReading(readBlob(blobPath(paths, digest)), { digest, size }, report),
    sizeBytes: size,
    digest,
    diffId: image.config.rootfs.diff_ids[index] ?? digest,
  }))
}

async function* reportReading(
  chunks: AsyncIterable<Buffer>,
  { digest, size }: Pick<Descriptor, 'digest' | 'size'>,
  report: ProgressReport,
): AsyncGenerator<Buffer> {
  let doneBytes = 0
  for await (const chunk of chunks) {
    doneBytes += chunk.length
    report.onProgress({ verb: 'unpack', digest, doneBytes, totalBytes: size, isDone: doneBytes === size })
    yield chunk
  }
}

function findByReference(paths: StorePaths, manifests: readonly Descriptor[], text: string): FoundImage | undefined {
  const entry = matchReference(manifests, text)
  if (entry === undefined) return undefined
  const digest = isIndexType(entry.mediaType) ? chooseLocalInstance(paths, entry.digest, text) : entry.digest
  const image = readImage(paths, manifests, digest)
  const name = nameOf(entry)
  return text.includes('@') || name === undefined ? { image } : { image, byName: name }
}

function findById(paths: StorePaths, manifests: readonly Descriptor[], text: string): FoundImage | undefined {
  const prefix = text.replace(/^sha256:/, '')
  if (!/^[0-9a-f]{1,64}$/.test(prefix)) return undefined
  const images = readWholeImages(paths, manifests)
  const hits = images.filter(
    ({ id, manifestDigest, indexDigests }) =>
      id.startsWith(prefix) || [manifestDigest, ...indexDigests].some((digest) => digest === text),
  )
  const ids = [...new Set(hits.map(({ id }) => id))]
  if (ids.length > 1) {
    throw new UsageError(
      `find image: "${text}" is the beginning of ${ids.length} IDs: ${ids.map((id) => id.slice(0, 12)).join(' ')}`,
    )
  }
  const [image] = hits
  return image === undefined ? undefined : { image }
}

function findByListId(paths: StorePaths, manifests: readonly Descriptor[], text: string): FoundImage | undefined {
  const found = findList(paths, text)
  if (found === undefined) return undefined
  return { image: readImage(paths, manifests, chooseLocalInstance(paths, found.list.digest, text)) }
}

function compareCreated(a: LocalImage, b: LocalImage): number {
  const [first, second] = [createdMs(a), createdMs(b)]
  if (first !== second) return first - second
  return a.id < b.id ? -1 : 1
}

/** Images without a creation time are of the epoch. */
export function createdMs(image: { readonly config: Pick<ImageConfig, 'created'> }): number {
  const ms = Date.parse(image.config.created ?? '')
  return Number.isNaN(ms) ? 0 : ms
}
