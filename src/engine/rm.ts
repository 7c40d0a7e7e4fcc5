// `rm`: takes containers off the disk.

import type { ContainerRecord } from '../model/container.js'
import { BadInputError, ConflictError } from '../model/errors.js'
import { isLive } from '../model/status.js'
import type { Store } from '../platform/store.js'
import { appendContainerEvent } from '../state/events.js'
import { findId } from '../state/records.js'
import { viewContainer } from '../state/views.js'
import { sweepTrash } from '../storage/trash.js'
import { awaitMonitorEnd, dropContainer } from './cleanup.js'
import { refuseDependents } from './dependencies.js'
import { findContainer } from './find.js'
import { stopForGood } from './stop.js'

export interface RemoveOptions {
  /** Stop it first if it runs. */
  readonly force: boolean
  /** Its anonymous volumes, too. */
  readonly volumes: boolean
  readonly timeoutS?: number
}

/** Throws ConflictError for a running container without `force`, BadInputError for one whose files are damaged. Returns the id. */
export async function removeContainer(store: Store, name: string, options: RemoveOptions): Promise<string> {
  await sweepTrash(store)
  try {
    const { record } = await findContainer(store, name)
    await removeRecord(store, record, options)
    return record.id
  } catch (error) {
    const id = error instanceof BadInputError && options.force ? findId(store.paths, name) : undefined
    if (id === undefined) throw error
    const { removeDamaged } = await import('./remove-damaged.js')
    await removeDamaged(store, id)
    return id
  }
}

export async function removeRecord(store: Store, record: ContainerRecord, options: RemoveOptions): Promise<void> {
  refuseDependents(store, record)
  const view = viewContainer(store.paths, record)
  if (isLive(view.status)) {
    if (!options.force && view.status !== 'initialized')
      throw new ConflictError(`remove container: ${record.name}: it is running`, {
        exitCode: 2,
        hint: `stop it first, or: lichen rm -f ${record.name}`,
      })
    await stopForGood(store, view, options.timeoutS === undefined ? {} : { timeoutS: options.timeoutS })
  }
  await awaitMonitorEnd(view)
  // with --rm its monitor may be doing the same right now: both are idempotent
  const removeVolumes = options.volumes || record.removeOnExit
  if (await dropContainer(store, record, { removeVolumes })) appendContainerEvent(store.paths, record, 'remove')
}
