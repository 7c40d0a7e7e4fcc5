// `images`: what is in the local store.

import { compileFilters, type ImageFilter } from '../images/image-filters.js'
import { createdMs, findImage, listStoredImages } from '../images/image-store.js'
import type { LocalImage } from '../model/image.js'
import type { Store } from '../platform/store.js'
import { listRecords } from '../state/records.js'
import { layerMapping, readLayers } from '../storage/layers.js'

export interface ListedImage {
  readonly image: LocalImage
  /** Of the files in its layers; of the stored blob for a layer that is not unpacked yet. */
  readonly sizeBytes: number
  /** Milliseconds since the epoch; 0: the image does not say. */
  readonly createdMs: number
  /** How many containers were made from it. */
  readonly containers: number
}

/** Newest first. Throws UsageError for a filter that is none. */
export function listImages(store: Store, filters: readonly ImageFilter[] = []): ListedImage[] {
  const wanted = compileFilters(filters, (name) => findImage(store.paths, name))
  const used = listRecords(store.paths, () => undefined).map(({ plan }) => plan.image.id)
  return listStoredImages(store.paths)
    .filter(wanted)
    .map((image) => ({
      image,
      sizeBytes: imageSize(store, image),
      createdMs: createdMs(image),
      containers: used.filter((id) => id === image.id).length,
    }))
}

/** In bytes. */
export function imageSize(store: Store, image: LocalImage): number {
  const layers = readLayers(store.paths, image.config.rootfs.diff_ids, layerMapping(store, undefined))
  return image.manifest.layers.reduce((sum, { size }, index) => sum + (layers[index]?.sizeBytes ?? size), 0)
}
