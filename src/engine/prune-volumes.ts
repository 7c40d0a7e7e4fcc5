// Removes volumes that no container uses, named ones as well as anonymous ones.

import type { ContainerRecord } from '../model/container.js'
import type { Store } from '../platform/store.js'
import { listRecords } from '../state/records.js'
import { findVolume, removeVolume } from '../storage/volumes.js'
import type { Pruned, PruneRequest } from './prune-containers.js'
import { passesPrune } from './prune-filter.js'
import { type MeasuredStore, usesVolume } from './store-usage.js'

const UNKNOWN_USERS =
  'no volume was removed: the record of a container is damaged, and its volumes are not known; `lichen system check --repair` sets it aside'

/** Which volumes a container uses whose record cannot be read is not known: then none goes. Containers in `without` count as gone. */
export async function pruneVolumes(
  store: Store,
  { filters, dryRun, without }: PruneRequest & { readonly without: ReadonlySet<string> },
  { volumes }: MeasuredStore,
): Promise<Pruned> {
  const ids: string[] = []
  let freedBytes = 0
  for (const { name, sizeBytes } of volumes) {
    // asked anew for each: a container made just now may use it
    const users = listUsers(store)
    if (users === undefined) return { ids, freedBytes, warning: UNKNOWN_USERS }
    if (users.some((record) => !without.has(record.id) && usesVolume(record, name))) continue
    if (!passesPrune(filters, findVolume(store.paths, name))) continue
    if (!dryRun) await removeVolume(store, name)
    ids.push(name)
    freedBytes += sizeBytes
  }
  return { ids, freedBytes }
}

/** undefined: not all of them can be read. */
function listUsers({ paths }: Store): ContainerRecord[] | undefined {
  let isDamaged = false
  const records = listRecords(paths, () => {
    isDamaged = true
  })
  return isDamaged ? undefined : records
}
