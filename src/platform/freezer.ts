// Stops and lets run on all processes of a control group: cgroup.freeze of version 2 (cgroups(7)), freezer.state of version 1
// (kernel Documentation/admin-guide/cgroup-v1/freezer-subsystem.rst). The kernel's answer is the only truth about it.

import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { errorCode } from '../model/errors.js'
import { findCgroup2Mount, findVersion1Group } from './cgroups.js'
import { readFileIfExists } from './files.js'

/** The part of a monitor's report that says where the container's group is. */
export interface GroupOwner {
  readonly containerPid: number
  /** In version 2's hierarchy; absent: it has none of its own there. */
  readonly cgroup?: string
}

/** A process that hangs in the kernel (state D) is not frozen before it comes out. */
const FREEZE_MS = 10_000
let cgroup2Mount: { readonly point: string | undefined } | undefined

/** Reads one small file of /sys, and once mountinfo. */
export function isGroupFrozen(owner: GroupOwner): boolean {
  const dir = findGroup(owner)
  if (dir === undefined) return false
  if (owner.cgroup === undefined) return read(path.join(dir, 'freezer.state')).trim() !== 'THAWED'
  return /^frozen 1$/m.test(read(path.join(dir, 'cgroup.events')))
}

/** Undefined: the container has no group that could be frozen. */
export function findGroup(owner: GroupOwner): string | undefined {
  cgroup2Mount ??= { point: findCgroup2Mount() }
  const { point } = cgroup2Mount
  if (point === undefined) return findVersion1Group(owner.containerPid, 'freezer')
  return owner.cgroup === undefined ? undefined : path.join(point, owner.cgroup)
}

export type FreezeResult = 'done' | 'no-group' | 'gone' | 'timeout'

/** Resolves when the kernel says so, or has not said so in time. Idempotent. */
export async function setFrozen(owner: GroupOwner, frozen: boolean): Promise<FreezeResult> {
  const dir = findGroup(owner)
  if (dir === undefined) return 'no-group'
  if (!tell(owner, dir, frozen)) return 'gone'
  for (const deadline = Date.now() + FREEZE_MS; Date.now() < deadline; await sleep(2)) {
    if (isSettled(owner, dir, frozen)) return 'done'
  }
  return 'timeout'
}

/** False: the container has ended, and its group with it. */
function tell({ cgroup }: GroupOwner, dir: string, frozen: boolean): boolean {
  try {
    if (cgroup === undefined) writeFileSync(path.join(dir, 'freezer.state'), frozen ? 'FROZEN' : 'THAWED')
    else writeFileSync(path.join(dir, 'cgroup.freeze'), frozen ? '1' : '0')
    return true
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENODEV') return false
    throw error
  }
}

function isSettled(owner: GroupOwner, dir: string, frozen: boolean): boolean {
  if (owner.cgroup !== undefined) return isGroupFrozen(owner) === frozen
  return read(path.join(dir, 'freezer.state')).trim() === (frozen ? 'FROZEN' : 'THAWED')
}

const read = (file: string): string => readFileIfExists(file) ?? ''
