// Which blobs the entries of an index lead to: an image's manifest, config and layers, the index it was pulled by, and what of a list's
// images is here. A blob that nothing leads to is free to go.

import type { Descriptor, Digest } from '../model/image.js'
import { hasBlob, unlessDamaged } from './blobs.js'
import { fromIndexOf, type LayoutPaths } from './image-index.js'
import { readManifest } from './image-store.js'
import { readList } from './manifest-lists.js'
import { isIndexType } from './media-types.js'

/** Also those that are not here. What a damaged document leads to cannot be known. */
export function usedBlobs(paths: LayoutPaths, manifests: readonly Descriptor[]): ReadonlySet<Digest> {
  const used = new Set<Digest>()
  for (const entry of manifests) {
    addUsed(paths, entry, used)
    const index = fromIndexOf(entry)
    if (index !== undefined) used.add(index)
  }
  return used
}

function addUsed(paths: LayoutPaths, { mediaType, digest }: Descriptor, used: Set<Digest>): void {
  if (used.has(digest)) return
  used.add(digest)
  if (isIndexType(mediaType)) {
    const list = unlessDamaged(() => readList(paths, digest))
    for (const entry of list?.manifests ?? []) if (hasBlob(paths, entry)) addUsed(paths, entry, used)
  } else {
    const manifest = readManifest(paths, digest)
    if (manifest !== undefined) for (const { digest: it } of [manifest.config, ...manifest.layers]) used.add(it)
  }
}
