// `system prune`: everything nobody uses, in the order in which each step makes room for the next.

import { freedBytes, type PrunedStore } from '../model/store-usage.js'
import type { Store } from '../platform/store.js'
import { pruneImages } from './image-prune.js'
import { type Pruned, type PruneRequest, pruneContainers } from './prune-containers.js'
import { pruneLeftovers } from './prune-leftovers.js'
import { pruneVolumes } from './prune-volumes.js'
import { measureUsage } from './store-usage.js'
import { sweepStore } from './sweep.js'

export interface PruneStoreRequest extends PruneRequest {
  /** Every image without a container, not only those without a name. */
  readonly all: boolean
  readonly volumes: boolean
}

const NOTHING: Pruned = { ids: [], freedBytes: 0 }

/** Works on a full disk. Throws UsageError for a filter that is none. */
export async function pruneStore(store: Store, request: PruneStoreRequest): Promise<PrunedStore> {
  const { all, filters, dryRun } = request
  const measured = await measureUsage(store)
  const leftovers = await pruneLeftovers(store, request, measured)
  const containers = await pruneContainers(store, request, measured)
  const without = new Set(containers.ids)
  const volumes = request.volumes
    ? await pruneVolumes(store, { filters, dryRun, all: true, without }, measured)
    : NOTHING
  const { images, freedBytes: imageBytes } = await pruneImages(store, {
    all,
    filters,
    dryRun,
    withoutContainers: without,
  })
  if (!dryRun) await sweepStore(store)
  // what nobody needed before goes along with images, and without any as well
  const orphanBytes =
    images.length > 0 ? 0 : freedBytes(measured.parts, { images: new Set<string>(), containers: without })
  return {
    containers: containers.ids,
    volumes: volumes.ids,
    images: images.map(({ id }) => id),
    leftovers: leftovers.ids,
    freedBytes: leftovers.freedBytes + containers.freedBytes + volumes.freedBytes + imageBytes + orphanBytes,
    warnings: volumes.warning === undefined ? [] : [volumes.warning],
  }
}
