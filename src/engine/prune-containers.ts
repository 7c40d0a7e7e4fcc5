// Removes containers that do not run. Their volumes stay.

import { ConflictError } from '../model/errors.js'
import { isLive } from '../model/status.js'
import type { Store } from '../platform/store.js'
import { type PruneFilter, passesPrune } from './prune-filter.js'
import { listContainers } from './ps.js'
import { removeRecord } from './rm.js'
import type { MeasuredStore } from './store-usage.js'

export interface PruneRequest {
  readonly filters: readonly PruneFilter[]
  /** Only say what would go. */
  readonly dryRun: boolean
}

export interface Pruned {
  /** IDs, or names where those are what things are called by. */
  readonly ids: readonly string[]
  readonly freedBytes: number
  /** What was asked for and could not be done. */
  readonly warning?: string
}

export async function pruneContainers(
  store: Store,
  { filters, dryRun }: PruneRequest,
  { containers }: MeasuredStore,
): Promise<Pruned> {
  const ids: string[] = []
  let freedBytes = 0
  for (const { view, sizeBytes } of containers) {
    const { createdAt, id, plan } = view.record
    if (isLive(view.status) || !passesPrune(filters, { createdAt, labels: plan.labels })) continue
    if (!dryRun && !(await removeStopped(store, view.record))) continue
    ids.push(id)
    freedBytes += sizeBytes
  }
  return { ids, freedBytes }
}

/** The same for containers alone, without measuring anything. Newest first, so that whoever depends on another goes before it. */
export async function pruneStopped(store: Store, { filters, dryRun }: PruneRequest): Promise<readonly string[]> {
  const ids: string[] = []
  for (const { record, status } of await listContainers(store)) {
    const { createdAt, id, plan } = record
    if (isLive(status) || !passesPrune(filters, { createdAt, labels: plan.labels })) continue
    if (dryRun || (await removeStopped(store, record))) ids.push(id)
  }
  return ids
}

/** False: it was started meanwhile, or another one that stays depends on it. */
async function removeStopped(store: Store, record: Parameters<typeof removeRecord>[1]): Promise<boolean> {
  try {
    await removeRecord(store, record, { force: false, volumes: false })
    return true
  } catch (error) {
    if (error instanceof ConflictError) return false
    throw error
  }
}
