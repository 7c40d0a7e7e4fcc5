// Half-made things: each in a directory of its own below staging/, renamed to its place when it is whole. The directory's name tells
// whose it is, so that what a killed process left behind can be known and swept. Nothing ever reads another's staging.

import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import type { StorePaths } from './paths.js'
import { isSameProcess, readProcessStat } from './process-table.js'

const OWNER = /^p(\d+)-(\d+)-[0-9a-f]+$/
/** A pid of another pid namespace looks dead from here: so even a dead owner's directory is left alone this long. */
const DEAD_OWNER_AGE_MS = 10 * 60_000
const ANY_OWNER_AGE_MS = 24 * 3_600_000

/** Makes `staging/p<pid>-<start>-<random>`, 0700, and returns its path. */
export function makeStagingDir(paths: StorePaths): string {
  const start = readProcessStat(process.pid)?.startTicks ?? 0
  const dir = path.join(paths.staging, `p${process.pid}-${start}-${randomBytes(8).toString('hex')}`)
  mkdirSync(dir, { mode: 0o700 })
  return dir
}

/** Paths of what nobody works on any more. */
export function findAbandonedStaging(paths: StorePaths, nowMs: number): string[] {
  return readdirSync(paths.staging)
    .map((name) => path.join(paths.staging, name))
    .filter((dir) => isAbandoned(dir, nowMs))
}

function isAbandoned(dir: string, nowMs: number): boolean {
  const stat = statSync(dir, { throwIfNoEntry: false })
  if (stat === undefined) return false
  const ageMs = nowMs - stat.mtimeMs
  const owner = OWNER.exec(path.basename(dir))
  if (owner === null) return ageMs > ANY_OWNER_AGE_MS
  return ageMs > DEAD_OWNER_AGE_MS && !isSameProcess(Number(owner[1]), Number(owner[2]))
}
