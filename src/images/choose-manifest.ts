// From what a name leads to, a manifest or an index of them (maybe of indexes), to the one manifest for a platform. OCI image-spec
// image-index.md; Docker's manifest lists.

import { BadInputError, NotFoundError } from '../model/errors.js'
import type { Descriptor, Digest } from '../model/image.js'
import { MAX_NESTED_INDEXES, parseIndex } from './documents.js'
import { choosePlatform, formatPlatform, type Platform } from './host-platform.js'
import { isIndexType, isManifestType } from './media-types.js'

/** A manifest or an index: its bytes, which have that digest. */
export interface Document {
  readonly bytes: Buffer
  readonly digest: Digest
  readonly mediaType: string
}

export interface ManifestSearch {
  readonly platform: Platform
  /** What is searched, for messages. */
  readonly subject: string
  readonly get: (descriptor: Descriptor) => Promise<Document>
}

/** Throws NotFoundError when there is none for the platform, BadInputError for what is neither a manifest nor an index. */
export async function chooseManifest(root: Document, search: ManifestSearch): Promise<Document> {
  const found = await findManifest(root, search, 0)
  if (found !== undefined) return found
  const there = [...new Set(listPlatforms(root, search.subject))]
  throw new NotFoundError(`choose image: ${search.subject}: it has none for ${formatPlatform(search.platform)}`, {
    hint: there.length === 0 ? 'it names no platform at all' : `it has ${there.join(', ')}`,
  })
}

async function findManifest(document: Document, search: ManifestSearch, depth: number): Promise<Document | undefined> {
  const { mediaType, digest } = document
  if (isManifestType(mediaType)) return document
  if (!isIndexType(mediaType)) throw new BadInputError(`read: ${search.subject}: ${mediaType} is no image`)
  if (depth > MAX_NESTED_INDEXES)
    throw new BadInputError(`read: ${search.subject}: indexes nested more than ${MAX_NESTED_INDEXES} deep`)
  const { manifests } = parseIndex(document.bytes.toString('utf8'), `index ${digest}`)
  const direct = choosePlatform(
    manifests.filter((entry) => isManifestType(entry.mediaType)),
    search.platform,
  )
  if (direct !== undefined) return await search.get(direct)
  for (const entry of manifests.filter((it) => isIndexType(it.mediaType))) {
    const nested = await findManifest(await search.get(entry), search, depth + 1)
    if (nested !== undefined) return nested
  }
  return undefined
}

/** Attestations say that they are of an unknown one. */
function listPlatforms(index: Document, subject: string): string[] {
  return parseIndex(index.bytes.toString('utf8'), subject).manifests.flatMap(({ platform }) => {
    const { os, architecture, variant } = platform ?? {}
    if (typeof os !== 'string' || typeof architecture !== 'string' || os === 'unknown') return []
    return [formatPlatform({ os, architecture, ...(typeof variant === 'string' ? { variant } : {}) })]
  })
}
