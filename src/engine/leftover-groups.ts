// Control groups that a killed monitor left. They are written down before they are made, in RUN/groups/ID, one directory a line: once a
// container's directory is gone nothing else would know of them. The list outlives its container until the next verb has looked.

import { existsSync, readdirSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { errorCode } from '../model/errors.js'
import type { CgroupPlace } from '../model/limits.js'
import { groupDirectories } from '../platform/cgroups.js'
import { ensureDirectory, readFileIfExists } from '../platform/files.js'
import { isHeldByFlock } from '../platform/lock.js'
import type { Store } from '../platform/store.js'

const listFile = (store: Store, id: string): string => path.join(store.paths.groups, id)

/** To be called before the monitor is. */
export function noteGroups(store: Store, id: string, place: CgroupPlace): void {
  const dirs = groupDirectories(place)
  if (dirs.length === 0) return
  ensureDirectory(store.paths.groups, 0o700)
  writeFileSync(listFile(store, id), dirs.map((dir) => `${dir}\n`).join(''), { mode: 0o600 })
}

/** A start notes groups and makes them a moment later: until then their absence means nothing. */
const YOUNG_MS = 10_000

/** Whether any of them is there. Where none is, as after every monitor that was not killed, the list goes. */
export function hasGroups(store: Store, id: string, dir: string): boolean {
  const file = listFile(store, id)
  const stat = statSync(file, { throwIfNoEntry: false })
  if (stat === undefined) return false
  if ((readFileIfExists(file) ?? '').split('\n').some((group) => group !== '' && existsSync(group))) return true
  if (!existsSync(dir) || Date.now() - stat.mtimeMs > YOUNG_MS) rmSync(file, { force: true })
  return false
}

/** Ids of containers whose groups nobody has looked at since they were made. */
export function listNoted(store: Store): string[] {
  return existsSync(store.paths.groups) ? readdirSync(store.paths.groups) : []
}

/** Does nothing beside a monitor (`dir`: the container's, which it locks). Groups that somebody is in stay, and stay noted. */
export function clearGroups(store: Store, id: string, dir: string): void {
  const noted = readFileIfExists(listFile(store, id))
  if (noted === undefined || isHeldByFlock(dir)) return
  const left = noted.split('\n').filter((group) => group !== '' && !removeEmpty(group))
  if (left.length === 0) rmSync(listFile(store, id), { force: true })
}

/** With the groups below it, which are empty too or nobody's any more. False: somebody is in it. */
function removeEmpty(group: string): boolean {
  try {
    for (const entry of readdirSync(group, { withFileTypes: true }))
      if (entry.isDirectory()) removeEmpty(path.join(group, entry.name))
    rmdirSync(group)
    return true
  } catch (error) {
    return errorCode(error) === 'ENOENT' || errorCode(error) === 'ENODEV'
  }
}
