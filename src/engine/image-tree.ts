// `image tree`: an image's layers and whose topmost one each is; or, turned around, what is built upon it.

import { findImage, listStoredImages } from '../images/image-store.js'
import type { Digest, LocalImage } from '../model/image.js'
import type { ImageTree, TreeLayer } from '../model/image-tree.js'
import type { Store } from '../platform/store.js'
import { layersOf } from './history.js'
import { topChainId } from './image-family.js'

/** Throws NotFoundError. */
export function readImageTree(store: Store, text: string, whatRequires: boolean): ImageTree {
  const image = findImage(store.paths, text)
  const images = listStoredImages(store.paths)
  const layers = layersOf(store, image)
  const sizeBytes = layers.reduce((sum, layer) => sum + layer.sizeBytes, 0)
  const topOf = (id: Digest) => images.filter((it) => topChainId(it) === id).flatMap(({ names }) => names)
  if (!whatRequires) {
    const plain = layers.map((layer) => ({
      id: layer.chainId,
      sizeBytes: layer.sizeBytes,
      topOf: topOf(layer.chainId),
      children: [],
    }))
    return { image, sizeBytes, layers: plain }
  }
  const top = layers.at(-1)
  if (top === undefined) return { image, sizeBytes, layers: [] }
  const upon = childrenOf(store, images)
  const grow = (id: Digest, size: number): TreeLayer => ({
    id,
    sizeBytes: size,
    topOf: topOf(id),
    children: [...(upon.get(id) ?? [])].map(([child, childSize]) => grow(child, childSize)),
  })
  return { image, sizeBytes, layers: [grow(top.chainId, top.sizeBytes)] }
}

/** For each layer those right upon it, with their sizes. */
function childrenOf(store: Store, images: readonly LocalImage[]): Map<Digest, Map<Digest, number>> {
  const upon = new Map<Digest, Map<Digest, number>>()
  for (const image of images) {
    const layers = layersOf(store, image)
    for (const [index, { chainId, sizeBytes }] of layers.entries()) {
      const below = layers[index - 1]
      if (below === undefined) continue
      const known = upon.get(below.chainId) ?? new Map<Digest, number>()
      upon.set(below.chainId, known.set(chainId, sizeBytes))
    }
  }
  return upon
}
