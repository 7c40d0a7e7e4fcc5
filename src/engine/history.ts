// `history`: the steps an image was made by, newest first, with what each one added.

import { findImage, layerSources, listStoredImages } from '../images/image-store.js'
import type { Digest, HistoryEntry, LocalImage } from '../model/image.js'
import type { HistoryStep } from '../model/image-history.js'
import type { Store } from '../platform/store.js'
import { chainIds } from '../storage/layer-names.js'
import { layerMapping, readLayers } from '../storage/layers.js'
import { isAncestor } from './image-family.js'

/** Throws NotFoundError. */
export function readHistory(store: Store, text: string): HistoryStep[] {
  const image = findImage(store.paths, text)
  const ancestors = listStoredImages(store.paths).filter((other) => isAncestor(other, image))
  const steps = alignLayers(image.config.history ?? [], layersOf(store, image))
  return steps
    .map(({ entry, layer }, index) => {
      const isLast = index === steps.length - 1
      const completed = isLast ? image : ancestors.find(({ config }) => config.history?.length === index + 1)
      return {
        ...(completed === undefined ? {} : { id: completed.id }),
        tags: completed?.names ?? [],
        createdBy: entry.created_by ?? '',
        comment: entry.comment ?? '',
        ...(entry.created === undefined ? {} : { created: entry.created }),
        sizeBytes: layer?.sizeBytes ?? 0,
      }
    })
    .reverse()
}

interface ImageLayer {
  readonly chainId: Digest
  readonly sizeBytes: number
}

/** Bottom first. */
export function layersOf(store: Store, image: LocalImage): ImageLayer[] {
  const { diff_ids: diffIds } = image.config.rootfs
  const unpacked = readLayers(store.paths, diffIds, layerMapping(store))
  const sources = layerSources(store.paths, image)
  return chainIds(diffIds).map((chainId, index) => ({
    chainId,
    sizeBytes: unpacked[index]?.sizeBytes ?? sources[index]?.sizeBytes ?? 0,
  }))
}

/** Each step with the layer it made; a step that made none (`empty_layer`) has none. */
function alignLayers(
  history: readonly HistoryEntry[],
  layers: readonly ImageLayer[],
): { readonly entry: HistoryEntry; readonly layer: ImageLayer | undefined }[] {
  const waiting = [...layers]
  return history.map((entry) => ({ entry, layer: entry.empty_layer === true ? undefined : waiting.shift() }))
}
