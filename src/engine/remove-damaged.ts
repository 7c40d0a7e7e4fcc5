// `rm --force` of a container whose own files cannot be read any more: whatever it is, it ends, and its directory and names go.

import { setTimeout as sleep } from 'node:timers/promises'
import { HostError } from '../model/errors.js'
import { isHeldByFlock } from '../platform/lock.js'
import type { Store } from '../platform/store.js'
import { connectMonitor } from '../runtime/connection.js'
import { releaseNamesOf } from '../state/names.js'
import { containerDir, socketPath } from '../state/records.js'
import { removeTree } from '../storage/trash.js'
import { clearLeftover } from './cleanup.js'

const SIGKILL = '9'
const END_MS = 10_000

/** Idempotent. Throws HostError when its monitor does not end. Volumes stay: which were its own cannot be known. */
export async function removeDamaged(store: Store, id: string): Promise<void> {
  const dir = containerDir(store.paths, id)
  const connection = await connectMonitor(socketPath(store.paths, id))
  await connection?.send('k', SIGKILL)
  connection?.close()
  for (const deadline = Date.now() + END_MS; isHeldByFlock(dir); await sleep(5)) {
    if (Date.now() > deadline)
      throw new HostError(`remove container: ${id.slice(0, 12)}: its monitor does not end`, {
        hint: `find it with: pgrep -fa ${id.slice(0, 12)}`,
      })
  }
  await clearLeftover(store, { dir, id, runtime: 'crun' })
  await removeTree(store, dir)
  releaseNamesOf(store.paths, id)
}
