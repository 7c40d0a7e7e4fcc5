// One lock per object, held for a read-change-write and never for a pull, a spawn or an unpack. The one door to proper-lockfile.

import { readFileSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { errorCode, HostError } from '../model/errors.js'
import { toDiskError } from './disk-errors.js'

/** proper-lockfile's smallest: a killed holder delays the next one by at most this. */
const STALE_MS = 2000
const WAIT_MIN_MS = 5
const WAIT_MAX_MS = 100
/** Waiters give up after about this: a holder that lives that long is hung, not busy. */
const GIVE_UP_MS = 60_000

/**
 * Runs `fn` while holding `<target>.lock` (a directory). `target` itself need not exist, its directory must.
 * Throws HostError when another process has held it for a minute.
 */
export async function withLock<T>(target: string, fn: () => Promise<T> | T): Promise<T> {
  const release = await acquire(target)
  try {
    return await fn()
  } finally {
    await release()
  }
}

/** Waits only for another holder: the package's own retries would also wait out a full disk. */
async function acquire(target: string): Promise<() => Promise<void>> {
  const { lock } = await import('proper-lockfile')
  const giveUpAt = Date.now() + GIVE_UP_MS
  for (let waitMs = WAIT_MIN_MS; ; waitMs = Math.min(2 * waitMs, WAIT_MAX_MS)) {
    try {
      return await lock(target, { realpath: false, stale: STALE_MS })
    } catch (cause) {
      if (errorCode(cause) !== 'ELOCKED') throw toDiskError(cause, `lock: ${target}`)
      if (Date.now() > giveUpAt)
        throw new HostError(`lock: ${target}: another lichen has held it for a minute`, {
          cause,
          hint: `look for a stopped lichen process; ${target}.lock tells since when`,
        })
      await sleep(waitMs * (1 + Math.random())) // two that wait do not try at the same moments
    }
  }
}

/**
 * Whether some process holds a flock(2) on this directory, as a monitor does on its container's. By inode alone, since the device that
 * /proc/locks names is not always the one that stat does; another file system's directory of that number may make it a false yes.
 */
export function isHeldByFlock(dir: string): boolean {
  const inode = statSync(dir, { throwIfNoEntry: false })?.ino
  return inode !== undefined && new RegExp(`FLOCK .*:${inode} `).test(readFileSync('/proc/locks', 'utf8'))
}
