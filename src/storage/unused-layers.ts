// Which unpacked layers nobody needs any more, and their end.

import path from 'node:path'
import type { Digest } from '../model/image.js'
import { readJson } from '../platform/files.js'
import { isStagingInUse } from '../platform/staging.js'
import type { Store } from '../platform/store.js'
import type { LayerRecord } from './layer-record.js'
import { listLayerNames } from './layers.js'
import { removeTrees } from './trash.js'

export interface LayersInUse {
  /** Of every image there is. */
  readonly chainIds: ReadonlySet<Digest>
  /** Of every container there is: directories below layers/. */
  readonly names: ReadonlySet<string>
}

/**
 * Removes the other ones. Idempotent. While something is being loaded nothing goes: its layers are there before its image is; the next
 * removal takes what is left.
 */
export async function removeUnusedLayers(store: Store, used: LayersInUse): Promise<void> {
  if (isStagingInUse(store.paths)) return
  const unused = listLayerNames(store.paths).filter((name) => {
    if (used.names.has(name)) return false
    const record = readJson<LayerRecord>(path.join(store.paths.layers, name, 'done'))
    return record === undefined || !used.chainIds.has(record.chainId)
  })
  await removeTrees(
    store,
    unused.map((name) => path.join(store.paths.layers, name)),
  )
}
