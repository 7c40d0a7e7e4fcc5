// Removes volumes that no container uses.

import type { Store } from '../platform/store.js'
import { appendVolumeEvent } from '../state/events.js'
import { listVolumes, readVolume, removeUnusedVolume } from '../storage/volumes.js'
import type { Pruned, PruneRequest } from './prune-containers.js'
import { type MeasuredStore, measureUsage } from './store-usage.js'
import { compileVolumeFilters } from './volume-filter.js'
import { findVolumeUsers } from './volume-users.js'

const UNKNOWN_USERS =
  'no volume was removed: the record of a container is damaged, and its volumes are not known; `lichen system check --repair` sets it aside'

export interface PruneVolumesRequest extends PruneRequest {
  /** Named ones as well as anonymous ones. */
  readonly all: boolean
  /** Containers that count as gone. */
  readonly without: ReadonlySet<string>
}

/** `volume prune`. */
export async function pruneVolumesAlone(store: Store, request: Omit<PruneVolumesRequest, 'without'>): Promise<Pruned> {
  return await pruneVolumes(store, { ...request, without: new Set() }, await measureUsage(store))
}

/** Which volumes a container uses whose record cannot be read is not known: then none goes. Throws UsageError for a filter that is none. */
export async function pruneVolumes(
  store: Store,
  { filters, dryRun, all, without }: PruneVolumesRequest,
  { volumes }: MeasuredStore,
): Promise<Pruned> {
  const { paths } = store
  const ids: string[] = []
  let freedBytes = 0
  // asked anew for each: a container made just now may use it
  const isUsed = (name: string) => findVolumeUsers(store, name).users.some(({ id }) => !without.has(id))
  const isWanted = compileVolumeFilters(filters, { volumes: listVolumes(paths), isUsed })
  for (const { name, sizeBytes } of volumes) {
    const record = readVolume(paths, name)
    if (record === undefined || !(all || record.anonymous) || !isWanted(record)) continue
    const { users, unknown } = findVolumeUsers(store, name)
    if (unknown.length > 0) return { ids, freedBytes, warning: UNKNOWN_USERS }
    if (users.some(({ id }) => !without.has(id))) continue
    if (!dryRun) {
      if (!(await removeUnusedVolume(store, name, () => isUsed(name)))) continue
      for (const status of ['remove', 'prune']) appendVolumeEvent(paths, status, name)
    }
    ids.push(name)
    freedBytes += sizeBytes
  }
  return { ids, freedBytes }
}
