// Reading the local images: by name, ID or digest, or all of them. `findImage` is on the hot path of `run`: by name it reads the index, one
// manifest and one config, nothing else.

import { BadInputError, HostError, NotFoundError, UsageError } from '../model/errors.js'
import type { Descriptor, Digest, LayerSource, LocalImage, Manifest } from '../model/image.js'
import { formatImageRef, type ImageRef, parseImageRef } from '../model/image-ref.js'
import type { StorePaths } from '../platform/paths.js'
import { blobPath, readDocument } from './blobs.js'
import { parseConfig, parseManifest } from './documents.js'
import { nameOf, readIndex } from './image-index.js'

/** How an image was named: a name can be taken away on its own, an ID means the whole image. */
export interface FoundImage {
  readonly image: LocalImage
  /** The full reference that matched; undefined: found by ID or digest. */
  readonly byName?: string
}

/**
 * The image `text` names: a reference (short names: `localhost/` first, then docker.io), an ID or a unique prefix of one, or a digest.
 * Throws NotFoundError, and UsageError for a prefix of several IDs or for what can be no name at all.
 */
export function findImage(paths: StorePaths, text: string): LocalImage {
  return lookUpImage(paths, text).image
}

export function lookUpImage(paths: StorePaths, text: string): FoundImage {
  const manifests = readIndex(paths)
  const found = findByReference(paths, manifests, text) ?? findById(paths, manifests, text)
  if (found !== undefined) return found
  if (!/^(sha256:)?[0-9a-f]{1,64}$/.test(text)) parseImageRef(text) // a name that cannot be one is told apart from one not there
  throw new NotFoundError(`find image: ${text}: not in the local store`, {
    exitCode: 125,
    hint: '`lichen images` lists what is there; `lichen load` and `lichen import` add images (this version cannot pull yet)',
  })
}

/** The descriptor a reference names, without reading the image: it may be damaged. Undefined: none. */
export function findDescriptor(paths: StorePaths, text: string): Descriptor | undefined {
  return matchReference(readIndex(paths), text)
}

export function listNames(paths: StorePaths, digest: Digest): string[] {
  return namesOf(readIndex(paths), digest)
}

function namesOf(manifests: readonly Descriptor[], digest: Digest): string[] {
  return manifests.flatMap((entry) => (entry.digest === digest ? (nameOf(entry) ?? []) : [])).sort()
}

/** Every image, each once however many names it has; newest first. Damaged ones are left out: naming one tells what is wrong with it. */
export function listStoredImages(paths: StorePaths): LocalImage[] {
  const manifests = readIndex(paths)
  const byId = new Map<string, LocalImage>()
  for (const image of readWholeImages(paths, manifests)) {
    const twin = byId.get(image.id) // the same image, kept under two manifests
    byId.set(image.id, twin === undefined ? image : { ...twin, names: [...twin.names, ...image.names].sort() })
  }
  return [...byId.values()].sort((a, b) => compareCreated(b, a))
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
  return { id: configDigest.slice('sha256:'.length), manifestDigest: digest, names, manifest, config }
}

function readWholeImages(paths: StorePaths, manifests: readonly Descriptor[]): LocalImage[] {
  const digests = [...new Set(manifests.map(({ digest }) => digest))]
  return digests.flatMap((digest) => unlessDamaged(() => readImage(paths, manifests, digest)) ?? [])
}

/** undefined: damaged; what it named cannot be known, and nobody can use it. */
export function readManifest(paths: StorePaths, digest: Digest): Manifest | undefined {
  const subject = `manifest ${digest}`
  return unlessDamaged(() => parseManifest(readDocument(blobPath(paths, digest), digest, subject), subject))
}

function unlessDamaged<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof BadInputError || error instanceof HostError) return undefined
    throw error
  }
}

/** Where the image's layers are, bottom first. */
export function layerSources(paths: StorePaths, image: LocalImage): LayerSource[] {
  return image.manifest.layers.map(({ mediaType, digest }, index) => ({
    blobPath: blobPath(paths, digest),
    mediaType,
    digest,
    diffId: image.config.rootfs.diff_ids[index] ?? digest,
  }))
}

function findByReference(paths: StorePaths, manifests: readonly Descriptor[], text: string): FoundImage | undefined {
  const entry = matchReference(manifests, text)
  if (entry === undefined) return undefined
  const image = readImage(paths, manifests, entry.digest)
  const name = nameOf(entry)
  return text.includes('@') || name === undefined ? { image } : { image, byName: name }
}

function matchReference(manifests: readonly Descriptor[], text: string): Descriptor | undefined {
  if (/^(sha256:|[0-9a-f]{64}$)/.test(text)) return undefined
  for (const ref of candidates(text)) {
    const entry = ref.digest === undefined ? findNamed(manifests, formatImageRef(ref)) : findPinned(manifests, ref)
    if (entry !== undefined) return entry
  }
  return undefined
}

/** Empty for what is no reference (an ID prefix may be none, `_x` is nothing). */
function candidates(text: string): ImageRef[] {
  try {
    const local = parseImageRef(text, 'localhost')
    const hub = parseImageRef(text)
    return local.domain === hub.domain ? [hub] : [local, hub]
  } catch (error) {
    if (error instanceof UsageError) return []
    throw error
  }
}

function findNamed(manifests: readonly Descriptor[], name: string): Descriptor | undefined {
  return manifests.find((entry) => nameOf(entry) === name)
}

/** `repository[:tag]@digest`: the digest decides; the repository must be one of that manifest's. */
function findPinned(manifests: readonly Descriptor[], ref: ImageRef): Descriptor | undefined {
  const repository = `${ref.domain}/${ref.path}`
  return manifests.find((entry) => {
    if (entry.digest !== ref.digest) return false
    const name = nameOf(entry)
    return name?.startsWith(`${repository}:`) === true || name?.startsWith(`${repository}@`) === true
  })
}

function findById(paths: StorePaths, manifests: readonly Descriptor[], text: string): FoundImage | undefined {
  const prefix = text.replace(/^sha256:/, '')
  if (!/^[0-9a-f]{1,64}$/.test(prefix)) return undefined
  const images = readWholeImages(paths, manifests)
  const hits = images.filter(({ id, manifestDigest }) => id.startsWith(prefix) || manifestDigest === text)
  const ids = [...new Set(hits.map(({ id }) => id))]
  if (ids.length > 1) {
    throw new UsageError(
      `find image: "${text}" is the beginning of ${ids.length} IDs: ${ids.map((id) => id.slice(0, 12)).join(' ')}`,
    )
  }
  const [image] = hits
  return image === undefined ? undefined : { image }
}

function compareCreated(a: LocalImage, b: LocalImage): number {
  const [first, second] = [createdMs(a), createdMs(b)]
  if (first !== second) return first - second
  return a.id < b.id ? -1 : 1
}

/** Images without a creation time are of the epoch. */
export function createdMs(image: LocalImage): number {
  const ms = Date.parse(image.config.created ?? '')
  return Number.isNaN(ms) ? 0 : ms
}
