// A new index.json for one that cannot be read: from the manifests among the blobs, with the names that the damaged text still shows or that
// containers remember. What has no name left is kept as dangling: nothing is lost but names.

import { readFileSync } from 'node:fs'
import type { Descriptor, Digest, Manifest } from '../model/image.js'
import { fileDiskBytes } from '../platform/disk-usage.js'
import type { StorePaths } from '../platform/paths.js'
import { setAside } from '../platform/set-aside.js'
import { listBlobs } from './blob-owners.js'
import { blobPath, hasBlob, readDocument, unlessDamaged } from './blobs.js'
import { isDigest, MAX_DOCUMENT_BYTES, parseIndex } from './documents.js'
import { changeIndex, indexFile, withFromIndex, withNames } from './image-index.js'
import { isIndexType, OCI_MANIFEST } from './media-types.js'

export interface RebuiltIndex {
  /** Where the damaged one lies now. */
  readonly aside: string
  readonly names: readonly string[]
  readonly nameless: number
}

/** `remembered`: names by image ID. */
export async function rebuildIndex(
  paths: StorePaths,
  remembered: ReadonlyMap<string, readonly string[]>,
): Promise<RebuiltIndex> {
  const file = indexFile(paths)
  const salvaged = salvage(readFileSync(file, 'utf8'))
  const found = findDocuments(paths, salvaged)
  const aside = setAside(paths, file)
  const named = found.map(({ descriptor, imageId }) => {
    const own = salvaged.names.get(descriptor.digest) ?? []
    return { descriptor, names: own.length > 0 ? own : (remembered.get(imageId ?? '') ?? []) }
  })
  await changeIndex(paths, (before) => ({
    manifests: named.reduce((list, { descriptor, names }) => withNames(list, descriptor, names), before),
    result: undefined,
  }))
  return {
    aside,
    names: named.flatMap(({ names }) => names).sort(),
    nameless: named.filter(({ names }) => names.length === 0).length,
  }
}

interface Salvaged {
  readonly names: ReadonlyMap<Digest, readonly string[]>
  readonly fromIndex: ReadonlyMap<Digest, Digest>
}

/** What follows a descriptor's digest belongs to it: also in a text that ends in the middle. */
function salvage(text: string): Salvaged {
  const pattern =
    /"digest":\s*"(sha256:[0-9a-f]{64})"|"org\.opencontainers\.image\.ref\.name":\s*"([^"\\]+)"|"org\.lichen\.index\.digest":\s*"(sha256:[0-9a-f]{64})"/g
  const names = new Map<Digest, string[]>()
  const fromIndex = new Map<Digest, Digest>()
  let current: Digest | undefined
  for (const [, digest, name, index] of text.matchAll(pattern)) {
    if (digest !== undefined) current = digest as Digest
    else if (current !== undefined && name !== undefined) names.set(current, [...(names.get(current) ?? []), name])
    else if (current !== undefined && index !== undefined) fromIndex.set(current, index as Digest)
  }
  return { names, fromIndex }
}

interface FoundDocument {
  readonly descriptor: Descriptor
  /** undefined: a list. */
  readonly imageId?: string
}

/** Of an image or an artifact; undefined: no manifest. */
function readAnyManifest(text: string): Pick<Manifest, 'config' | 'mediaType'> | undefined {
  try {
    const { config, layers, mediaType } = JSON.parse(text) as Partial<Manifest>
    const isManifest = Array.isArray(layers) && isDigest(config?.digest) && typeof config.size === 'number'
    return isManifest ? { config, ...(typeof mediaType === 'string' ? { mediaType } : {}) } : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Every whole manifest whose config is here; lists only under their names, because others are what images were pulled by. */
function findDocuments(paths: StorePaths, { names, fromIndex }: Salvaged): FoundDocument[] {
  return listBlobs(paths).flatMap((digest): FoundDocument[] => {
    const file = blobPath(paths, digest)
    if (fileDiskBytes(file) > MAX_DOCUMENT_BYTES) return []
    const text = unlessDamaged(() => readDocument(file, digest, digest))
    if (text?.startsWith('{') !== true) return []
    const size = Buffer.byteLength(text)
    const list = unlessDamaged(() => parseIndex(text, digest))
    if (list !== undefined)
      return names.has(digest) && isIndexType(list.mediaType ?? '')
        ? [{ descriptor: { mediaType: list.mediaType ?? '', digest, size } }]
        : []
    const manifest = readAnyManifest(text)
    if (manifest === undefined || !hasBlob(paths, manifest.config)) return []
    const index = fromIndex.get(digest)
    const descriptor = { mediaType: manifest.mediaType ?? OCI_MANIFEST, digest, size }
    return [
      {
        descriptor: index === undefined ? descriptor : withFromIndex(descriptor, index),
        imageId: manifest.config.digest.slice('sha256:'.length),
      },
    ]
  })
}
