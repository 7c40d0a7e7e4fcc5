// Frees what nothing refers to: blobs without an image, layers without image or container, what killed processes left behind.

import { listStoredImages } from '../images/image-store.js'
import { sweepBlobs } from '../images/remove-images.js'
import type { Store } from '../platform/store.js'
import { listRecords } from '../state/records.js'
import { chainIds } from '../storage/layer-names.js'
import { sweepTrash } from '../storage/trash.js'
import { removeUnusedLayers } from '../storage/unused-layers.js'

/** Idempotent; safe beside anything else that runs. */
export async function sweepStore(store: Store): Promise<void> {
  await sweepBlobs(store.paths)
  let isDamaged = false
  const records = listRecords(store.paths, () => {
    isDamaged = true
  })
  const images = listStoredImages(store.paths)
  // a container whose record is damaged may still run on layers that only the record names
  if (!isDamaged)
    await removeUnusedLayers(store, {
      chainIds: new Set(images.flatMap(({ config }) => chainIds(config.rootfs.diff_ids))),
      names: new Set(records.flatMap(({ plan }) => plan.layers)),
    })
  await sweepTrash(store)
}
