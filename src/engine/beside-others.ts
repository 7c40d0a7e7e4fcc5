// A container that another command has in hand: a start, or a look into its files while it does not run. It is waited for, and then looked again.

import { setTimeout as sleep } from 'node:timers/promises'
import { BusyError } from '../model/errors.js'
import { isUp } from '../model/status.js'
import { isHeldByFlock } from '../platform/lock.js'
import type { Store } from '../platform/store.js'
import { containerDir, findId, readRecord } from '../state/records.js'
import { viewContainer } from '../state/views.js'

const LOOK_MS = 10
/** Whoever holds one that long is hung, not busy. */
const GIVE_UP_MS = 60_000

/**
 * Calls `act`, which looks at the containers and changes nothing before it knows that it has them, again as long as it throws BusyError: that is
 * thrown on only when it takes more than a minute.
 */
export async function besideOthers<T>(store: Store, names: readonly string[], act: () => Promise<T>): Promise<T> {
  for (const giveUpAt = Date.now() + GIVE_UP_MS; ; ) {
    try {
      return await act()
    } catch (error) {
      if (!(error instanceof BusyError) || Date.now() > giveUpAt) throw error
    }
    do await sleep(LOOK_MS)
    while (Date.now() < giveUpAt && names.some((name) => isInHand(store, name)))
  }
}

/** Held by a flock, which says nothing any more once it is up: its monitor keeps it to the end. */
function isInHand({ paths }: Store, name: string): boolean {
  const id = findId(paths, name)
  const record = id === undefined ? undefined : readRecord(paths, id)
  if (record === undefined || !isHeldByFlock(containerDir(paths, record.id))) return false
  return !isUp(viewContainer(paths, record).status)
}
