// `image prune`: removes images nobody uses: those without a name, or with `all` every one that no container was made from.

import { compileFilters, type ImageFilter } from '../images/image-filters.js'
import { findImage, listStoredImages } from '../images/image-store.js'
import type { LocalImage } from '../model/image.js'
import { freedBytes } from '../model/store-usage.js'
import type { Store } from '../platform/store.js'
import { listRecords } from '../state/records.js'
import { listLayerMounts } from '../storage/layer-mounts.js'
import { isIntermediate } from './image-family.js'
import { dropImages, isMountedElsewhere } from './rmi.js'
import { measureUsage } from './store-usage.js'

export interface PruneImagesRequest {
  /** Also those that have a name. */
  readonly all: boolean
  readonly filters: readonly ImageFilter[]
  /** Only say what would go. */
  readonly dryRun: boolean
  /** Containers that count as gone: `system prune` takes them away first. */
  readonly withoutContainers?: ReadonlySet<string>
}

export interface PrunedImages {
  /** Newest first. */
  readonly images: readonly LocalImage[]
  /** On disk: what nothing but these images needed (and what nobody needed before). */
  readonly freedBytes: number
}

/** Mounted images and those of containers stay. Throws UsageError for a filter that is none. */
export async function pruneImages(store: Store, request: PruneImagesRequest): Promise<PrunedImages> {
  const images = findUnusedImages(store, request)
  if (images.length === 0) return { images, freedBytes: 0 }
  const ids = images.map(({ id }) => id)
  const { parts } = await measureUsage(store)
  const gone = { images: new Set(ids), containers: request.withoutContainers ?? new Set<string>() }
  if (!request.dryRun) await dropImages(store, ids)
  return { images, freedBytes: freedBytes(parts, gone) }
}

function findUnusedImages(store: Store, { all, filters, withoutContainers }: PruneImagesRequest): LocalImage[] {
  const images = listStoredImages(store.paths)
  const records = listRecords(store.paths, () => undefined).filter(({ id }) => withoutContainers?.has(id) !== true)
  const used = new Set(records.map(({ plan }) => plan.image.id))
  const mounted = listLayerMounts(store.paths)
  const isWanted = compileFilters(all ? filters : [...filters, { key: 'dangling', value: 'true' }], {
    find: (name) => findImage(store.paths, name),
    isUsed: ({ id }) => used.has(id),
    isIntermediate: (image) => isIntermediate(image, images),
  })
  return images.filter(
    (image) =>
      isWanted(image) && !used.has(image.id) && !mounted.includes(image.id) && !isMountedElsewhere(store, image),
  )
}
