// The files of the event log: events/log, which is appended to, and log.TIME, which were. A full log is renamed, so that whoever is writing to it in
// that moment writes to the renamed one, and nothing is lost.

import { fstatSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { errorCode } from '../model/errors.js'
import type { StorePaths } from '../platform/paths.js'

const FULL_BYTES = 1024 * 1024
/** Of logs put aside, the newest are kept. */
const KEPT = 4
const ASIDE = /^log\.\d+$/
/** A killed process that put a log aside keeps others from it for this long at most; the log grows meanwhile. */
const STALE_MS = 10_000

export const eventLogPath = (paths: StorePaths): string => path.join(paths.events, 'log')

/** Those put aside, oldest first. */
export function listLogsAside(paths: StorePaths): string[] {
  return readdirSync(paths.events)
    .filter((name) => ASIDE.test(name))
    .sort()
    .map((name) => path.join(paths.events, name))
}

/** `fd`: of the log, as its writer opened it. */
export function putAsideIfFull(paths: StorePaths, fd: number): void {
  const { size, ino } = fstatSync(fd)
  if (size <= FULL_BYTES) return
  // one at a time: a second would put the new, short log aside, and push older ones out
  const lock = path.join(paths.events, 'turning')
  if (!takeLock(lock)) return
  try {
    if (statSync(eventLogPath(paths), { throwIfNoEntry: false })?.ino === ino) putAside(paths)
  } finally {
    rmdirSync(lock)
  }
}

/** False: another process has it, and does what is to be done. */
function takeLock(lock: string): boolean {
  try {
    mkdirSync(lock, { mode: 0o700 })
    return true
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
    const stat = statSync(lock, { throwIfNoEntry: false })
    if (stat !== undefined && Date.now() - stat.mtimeMs > STALE_MS) rmdirSync(lock) // the next writer takes it
    return false
  }
}

function putAside(paths: StorePaths): void {
  const aside = listLogsAside(paths)
  const last = Number(aside.at(-1)?.split('.').at(-1) ?? 0)
  const name = `log.${String(Math.max(Date.now(), last + 1)).padStart(16, '0')}`
  renameSync(eventLogPath(paths), path.join(paths.events, name))
  for (const old of aside.slice(0, Math.max(0, aside.length + 1 - KEPT))) rmSync(old, { force: true })
}
