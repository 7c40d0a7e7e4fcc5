// Half-made things: each in a directory of its own below staging/, renamed to its place when it is whole. The directory's name tells
// whose it is, so that what a killed process left behind can be known and swept. Nothing ever reads another's staging.

import { mkdirSync, readdirSync, readlinkSync, statSync } from 'node:fs'
import path from 'node:path'
import type { StorePaths } from './paths.js'
import { isSameProcess, readProcessStat } from './process-table.js'
import { randomHex } from './random.js'

const OWNER = /^p(\d+)-(\d+)-(\d+)-[0-9a-f]+$/
/** What we cannot know the owner of (it lives in another pid namespace, or its name is not ours) is left alone this long. */
const UNKNOWN_OWNER_AGE_MS = 24 * 3_600_000

/** `p<pid>-<start>-<pid namespace>-<random>`: for what must be made elsewhere, too. */
export function stagingName(): string {
  const start = readProcessStat(process.pid)?.startTicks ?? 0
  return `p${process.pid}-${start}-${readPidNamespace()}-${randomHex(8)}`
}

/** Makes `staging/<staging name>`, 0700, and returns its path. */
export function makeStagingDir(paths: StorePaths): string {
  const dir = path.join(paths.staging, stagingName())
  mkdirSync(dir, { mode: 0o700 })
  return dir
}

/** Paths of what nobody works on any more. */
export function findAbandonedStaging(paths: StorePaths, nowMs: number): string[] {
  return readdirSync(paths.staging)
    .map((name) => path.join(paths.staging, name))
    .filter((dir) => isAbandoned(dir, nowMs))
}

/** Whether some process, this one included, is making something right now. */
export function isStagingInUse(paths: StorePaths): boolean {
  return readdirSync(paths.staging).some(
    (name) => OWNER.test(name) && !isAbandoned(path.join(paths.staging, name), Date.now()),
  )
}

/** Whether the maker of a staging directory still runs; `unknown` when we cannot see it from here. */
export function findOwner(dir: string): 'alive' | 'gone' | 'unknown' {
  const [, pid, start, pidNamespace] = OWNER.exec(path.basename(dir)) ?? []
  if (pidNamespace !== readPidNamespace()) return 'unknown'
  return isSameProcess(Number(pid), Number(start)) ? 'alive' : 'gone'
}

function isAbandoned(dir: string, nowMs: number): boolean {
  const owner = findOwner(dir)
  if (owner !== 'unknown') return owner === 'gone'
  const stat = statSync(dir, { throwIfNoEntry: false })
  return stat !== undefined && nowMs - stat.mtimeMs > UNKNOWN_OWNER_AGE_MS
}

/** The inode number in `pid:[4026531836]`. */
function readPidNamespace(): string {
  return readlinkSync('/proc/self/ns/pid').slice('pid:['.length, -1)
}
