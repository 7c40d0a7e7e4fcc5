// Frees what nothing refers to: blobs without an image, layers without image or container, what killed processes left behind.

import { sweepArtifacts } from '../images/artifact-store.js'
import { listStoredImages } from '../images/image-store.js'
import { sweepBlobs } from '../images/remove-images.js'
import { usedLayers } from '../model/container.js'
import { ensureReserve } from '../platform/reserve.js'
import type { Store } from '../platform/store.js'
import { listRecords } from '../state/records.js'
import { chainIds } from '../storage/layer-names.js'
import { sweepTrash } from '../storage/trash.js'
import { type LayersInUse, removeUnusedLayers } from '../storage/unused-layers.js'

/** Idempotent; safe beside anything else that runs; works on a full disk. */
export async function sweepStore(store: Store): Promise<void> {
  await sweepBlobs(store.paths)
  await sweepArtifacts(store.paths)
  await removeUnusedLayers(store, () => findLayersInUse(store))
  await sweepTrash(store)
  ensureReserve(store.paths)
}

/**
 * Without those of images (by ID) that are about to go. undefined: a container whose record is damaged may run on layers that only the
 * record names.
 */
export function findLayersInUse(store: Store, doomed: ReadonlySet<string> = new Set()): LayersInUse | undefined {
  let isDamaged = false
  const records = listRecords(store.paths, () => {
    isDamaged = true
  })
  if (isDamaged) return undefined
  const images = listStoredImages(store.paths).filter(({ id }) => !doomed.has(id))
  return {
    chainIds: new Set(images.flatMap(({ config }) => chainIds(config.rootfs.diff_ids))),
    names: new Set(records.flatMap(({ plan }) => usedLayers(plan))),
  }
}
