// `rm`: takes containers off the disk.

import type { ContainerRecord } from '../model/container.js'
import { ConflictError } from '../model/errors.js'
import { isLive } from '../model/status.js'
import type { Store } from '../platform/store.js'
import { viewContainer } from '../state/views.js'
import { sweepTrash } from '../storage/trash.js'
import { awaitMonitorEnd, dropContainer } from './cleanup.js'
import { findContainer } from './find.js'
import { stopView } from './stop.js'

export interface RemoveOptions {
  /** Stop it first if it runs. */
  readonly force: boolean
  /** Its anonymous volumes, too. */
  readonly volumes: boolean
  readonly timeoutS?: number
}

/** Throws ConflictError for a running container without `force`. Returns the id. */
export async function removeContainer(store: Store, name: string, options: RemoveOptions): Promise<string> {
  const { record } = await findContainer(store, name)
  await removeRecord(store, record, options)
  await sweepTrash(store)
  return record.id
}

export async function removeRecord(store: Store, record: ContainerRecord, options: RemoveOptions): Promise<void> {
  const view = viewContainer(store.paths, record)
  if (isLive(view.status)) {
    if (!options.force)
      throw new ConflictError(`remove container: ${record.name}: it is running`, {
        exitCode: 2,
        hint: `stop it first, or: lichen rm -f ${record.name}`,
      })
    await stopView(store, view, options.timeoutS === undefined ? {} : { timeoutS: options.timeoutS })
  }
  await awaitMonitorEnd(view)
  // with --rm its monitor may be doing the same right now: both are idempotent
  await dropContainer(store, record, { removeVolumes: options.volumes || record.removeOnExit })
}
