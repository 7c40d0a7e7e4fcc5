// `images`: what is in the local store.

import { compileFilters, type ImageFilter } from '../images/image-filters.js'
import { createdMs, findImage, listStoredImages } from '../images/image-store.js'
import { listStoredLists, type StoredList } from '../images/manifest-lists.js'
import type { LocalImage } from '../model/image.js'
import type { ListedImage } from '../model/listed-image.js'
import type { Store } from '../platform/store.js'
import { listRecords } from '../state/records.js'
import { layerMapping, readLayers } from '../storage/layers.js'
import { findParent, groupByTop, isIntermediate } from './image-family.js'

export interface ListImagesOptions {
  readonly filters?: readonly ImageFilter[]
  /** Without it, images that are but steps on the way to others are left out. */
  readonly all?: boolean
}

/** Newest first, then lists of images. Throws UsageError for a filter that is none. */
export function listImages(store: Store, { filters = [], all = false }: ListImagesOptions = {}): ListedImage[] {
  const images = listStoredImages(store.paths)
  const used = listRecords(store.paths, () => undefined).map(({ plan }) => plan.image.id)
  const isWanted = compileFilters(all ? filters : [...filters, { key: 'intermediate', value: 'false' }], {
    find: (name) => findImage(store.paths, name),
    isUsed: ({ id }) => used.includes(id),
    isIntermediate: (image) => isIntermediate(image, images),
  })
  const family = groupByTop(images)
  const listed = images.filter(isWanted).map((image) => ({
    image,
    isList: false,
    sizeBytes: imageSize(store, image),
    createdMs: createdMs(image),
    containers: used.filter((id) => id === image.id).length,
    parentId: findParent(image, family)?.id,
  }))
  const lists = listStoredLists(store.paths).map(toListedImage)
  return [...listed, ...lists.filter(({ image }) => isWanted(image))]
}

function toListedImage({ id, digest, names, sizeBytes }: StoredList): ListedImage {
  const image = { id, manifestDigest: digest, indexDigests: [], names, config: {} }
  return { image, isList: true, sizeBytes, createdMs: 0, containers: 0, parentId: undefined }
}

/** In bytes. */
export function imageSize(store: Store, image: LocalImage): number {
  const layers = readLayers(store.paths, image.config.rootfs.diff_ids, layerMapping(store))
  return image.manifest.layers.reduce((sum, { size }, index) => sum + (layers[index]?.sizeBytes ?? size), 0)
}
