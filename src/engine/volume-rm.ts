// `volume rm`: takes volumes off the disk, and with force the containers that use them.

import { ConflictError } from '../model/errors.js'
import type { Store } from '../platform/store.js'
import { appendVolumeEvent } from '../state/events.js'
import { sweepTrash } from '../storage/trash.js'
import { lookUpVolume, removeUnusedVolume } from '../storage/volumes.js'
import { removeRecord } from './rm.js'
import { findVolumeUsers } from './volume-users.js'

export interface RemoveVolumeOptions {
  /** The containers that use it go, too, running or not. */
  readonly force: boolean
  /** Until SIGKILL. */
  readonly timeoutS?: number
}

/** Returns the name. Throws NotFoundError, ConflictError (exit code 2) for one in use. */
export async function removeVolume(store: Store, text: string, options: RemoveVolumeOptions): Promise<string> {
  const { name } = lookUpVolume(store.paths, text)
  await sweepTrash(store)
  if (options.force) await removeUsers(store, name, options)
  const refuseUsed = () => listUserIds(store, name, options).length > 0
  if (await removeUnusedVolume(store, name, refuseUsed)) {
    appendVolumeEvent(store.paths, 'remove', name)
    return name
  }
  const ids = listUserIds(store, name, options)
  throw new ConflictError(
    `remove volume: ${name}: it is being used by the following container(s): ${ids.join(', ')}: volume is being used`,
    { exitCode: 2, hint: `remove them first, or with it: lichen volume rm -f ${name}` },
  )
}

async function removeUsers(store: Store, name: string, { timeoutS }: RemoveVolumeOptions): Promise<void> {
  const time = timeoutS === undefined ? {} : { timeoutS }
  for (const record of findVolumeUsers(store, name).users)
    await removeRecord(store, record, { force: true, volumes: false, ...time })
}

/** Without force, a container whose record cannot be read counts as one that uses it. */
function listUserIds(store: Store, name: string, { force }: RemoveVolumeOptions): string[] {
  const { users, unknown } = findVolumeUsers(store, name)
  return [...users.map(({ id }) => id), ...(force ? [] : unknown)]
}
