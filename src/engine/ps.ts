// `ps`: every container as it is right now. Choosing and printing is the front's.

import type { ContainerView } from '../model/container.js'
import { BadInputError } from '../model/errors.js'
import type { Store } from '../platform/store.js'
import { listRecords, type OnDamaged } from '../state/records.js'
import { readHealth } from '../state/views.js'
import { clearOrphans, settleContainer } from './cleanup.js'

/**
 * Newest first, as docker lists them (podman: oldest first). What a killed monitor left is settled on the way. Those that cannot be read are
 * left out, and told to `onDamaged`.
 */
export async function listContainers(store: Store, onDamaged: OnDamaged = () => undefined): Promise<ContainerView[]> {
  const views: ContainerView[] = []
  await clearOrphans(store)
  for (const record of listRecords(store.paths, onDamaged).reverse()) {
    try {
      const view = await settleContainer(store, record)
      if (view !== undefined) views.push(withHealth(view))
    } catch (error) {
      if (!(error instanceof BadInputError)) throw error
      onDamaged(record.id, error)
    }
  }
  return views
}

function withHealth(view: ContainerView): ContainerView {
  const health = readHealth(view)
  return health === undefined ? view : { ...view, health }
}
