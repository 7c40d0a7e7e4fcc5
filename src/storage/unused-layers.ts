// Which unpacked layers nobody needs any more, and their end.

import path from 'node:path'
import type { Digest } from '../model/image.js'
import { readJson } from '../platform/files.js'
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

/** Removes the other ones. Idempotent. A layer being published by another process may go too: `run` unpacks it again. */
export async function removeUnusedLayers(store: Store, used: LayersInUse): Promise<void> {
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
