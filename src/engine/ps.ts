// `ps`: every container as it is right now. Choosing and printing is the front's.

import type { ContainerView } from '../model/container.js'
import type { Store } from '../platform/store.js'
import { listRecords } from '../state/records.js'
import { clearOrphans, settleContainer } from './cleanup.js'

/** Newest first, as docker lists them (podman: oldest first). What a killed monitor left is settled on the way. */
export async function listContainers(store: Store): Promise<ContainerView[]> {
  const views: ContainerView[] = []
  await clearOrphans(store)
  for (const record of listRecords(store.paths).reverse()) {
    const view = await settleContainer(store, record)
    if (view !== undefined) views.push(view)
  }
  return views
}
