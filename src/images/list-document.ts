// The document of a list that is made here: an OCI index that also keeps, as annotations of ours, an ID that stays when the document
// changes, and where each image came from. Pure. What others get to see is `publishList`'s: without those. OCI image-spec image-index.md;
// Docker's manifest list.

import { NotFoundError } from '../model/errors.js'
import type { Descriptor, Digest } from '../model/image.js'
import type { ManifestFormat } from '../model/image-conversion.js'
import type { EntryChange } from '../model/manifest-list.js'
import type { ImageIndex } from './documents.js'
import { DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX } from './media-types.js'

const OWN = 'org.lichen.list.'
/** 64 hex digits; it also keeps the documents of two lists apart. */
const ID = `${OWN}id`
const SOURCE = `${OWN}source`

type Annotations = Readonly<Record<string, string>>

export function newList(id: string, annotations: Annotations = {}): ImageIndex {
  return { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [], annotations: { ...annotations, [ID]: id } }
}

/** A list that was not made here is known by its digest. */
export function listIdOf(index: ImageIndex, digest: Digest): string {
  return index.annotations?.[ID] ?? digest.slice('sha256:'.length)
}

/** What it was named in its registry; undefined: it is of the local store. */
export function sourceOf(entry: Descriptor): string | undefined {
  return entry.annotations?.[SOURCE]
}

export function withSource(entry: Descriptor, source: string): Descriptor {
  return { ...entry, annotations: { ...entry.annotations, [SOURCE]: source } }
}

/** An image is there once: added again, it is what it is said to be now. */
export function withEntry(index: ImageIndex, entry: Descriptor): ImageIndex {
  const at = index.manifests.findIndex(({ digest }) => digest === entry.digest)
  const manifests = at < 0 ? [...index.manifests, entry] : index.manifests.with(at, entry)
  return { ...index, manifests }
}

/** Throws NotFoundError, as `changeEntry`. */
export function withoutEntry(index: ImageIndex, digest: Digest): ImageIndex {
  requireEntry(index, digest)
  return { ...index, manifests: index.manifests.filter((entry) => entry.digest !== digest) }
}

export function changeEntry(index: ImageIndex, digest: Digest, change: EntryChange): ImageIndex {
  requireEntry(index, digest)
  return {
    ...index,
    manifests: index.manifests.map((entry) => (entry.digest === digest ? applyChange(entry, change) : entry)),
  }
}

export function annotateList(index: ImageIndex, annotations: Annotations): ImageIndex {
  return { ...index, annotations: { ...index.annotations, ...annotations } }
}

export function applyChange(entry: Descriptor, change: EntryChange): Descriptor {
  const { os, architecture, variant, osVersion, osFeatures, features, annotations = {} } = change
  const said = { architecture, os, 'os.version': osVersion, 'os.features': osFeatures, variant, features }
  const platform = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined))
  return withAnnotations(
    { ...entry, platform: { ...entry.platform, ...platform } },
    { ...entry.annotations, ...annotations },
  )
}

/**
 * As a registry keeps it, and as `inspect` shows it. Without a format it is Docker's when all of its images are, and nothing in it needs
 * OCI's: Docker's lists have no annotations.
 */
export function publishList(index: ImageIndex, format: ManifestFormat = nativeFormat(index)): ImageIndex {
  if (format === 'docker') {
    const manifests = index.manifests.map(({ mediaType, size, digest, platform = {} }) => ({
      mediaType,
      size,
      digest,
      platform,
    }))
    return { schemaVersion: 2, mediaType: DOCKER_LIST, manifests }
  }
  const manifests = index.manifests.map((entry) => {
    const { mediaType, size, digest, platform, annotations, ...more } = entry
    const shown = { mediaType, size, digest, ...(platform === undefined ? {} : { platform }), ...more }
    return withAnnotations(shown, withoutOurs(annotations))
  })
  return withAnnotations({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }, withoutOurs(index.annotations))
}

function nativeFormat({ manifests, annotations }: ImageIndex): ManifestFormat {
  const isDocker = (entry: Descriptor): boolean =>
    entry.mediaType === DOCKER_MANIFEST && Object.keys(withoutOurs(entry.annotations)).length === 0
  const isPlain = Object.keys(withoutOurs(annotations)).length === 0
  return manifests.length > 0 && isPlain && manifests.every(isDocker) ? 'docker' : 'oci'
}

function withAnnotations<T extends object>(value: T, annotations: Annotations): T {
  return Object.keys(annotations).length === 0 ? value : { ...value, annotations }
}

function withoutOurs(annotations: Annotations = {}): Annotations {
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => !key.startsWith(OWN)))
}

function requireEntry(index: ImageIndex, digest: Digest): void {
  if (index.manifests.some((entry) => entry.digest === digest)) return
  throw new NotFoundError(`find image in list: ${digest}: the list has no such manifest`, {
    hint: '`lichen manifest inspect` shows the digests it has',
  })
}
