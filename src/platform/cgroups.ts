// Which control groups of this host are ours to use: a version 2 group that we may divide, systemd's, or version 1's hierarchies as root.
// Reads /proc and /sys/fs/cgroup; only `makeRoom` changes anything. cgroups(7), kernel Documentation/admin-guide/cgroup-v2.rst.

import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { errorCode, HostError } from '../model/errors.js'
import type { CgroupManager, CgroupPlace } from '../model/limits.js'
import { readFileIfExists } from './files.js'
import type { HostFacts } from './host-facts.js'
import { type Mount, readMounts } from './mount-table.js'

export const CGROUP_ROOT = '/sys/fs/cgroup'
/** Where processes that stood in a group we divide are moved: one with children that have controllers holds none itself. */
const LEAF = 'lichen'
const DIVIDE_TRIES = 20

/** Version 2, with a group of which ours will be children. */
export interface Cgroup2Home {
  readonly version: 2
  readonly manager: 'cgroupfs' | 'systemd'
  /** Where the hierarchy is mounted. */
  readonly mount: string
  /** `/` and more, below it; for systemd a slice. */
  readonly parent: string
  /** What can be limited there. */
  readonly controllers: ReadonlySet<string>
  /** Of these, those that a new group has without our moving anybody. */
  readonly ready: ReadonlySet<string>
}

export interface Cgroup1Home {
  readonly version: 1
  /** By version 2's name of the controller (`io`, not `blkio`): the directory to make groups in. */
  readonly parents: ReadonlyMap<string, string>
  /** A version 2 hierarchy is mounted, too: groups are frozen there. */
  readonly hasCgroup2: boolean
}

/** None that we could use, and what is in the way: nothing is mounted, it is not ours, only root could, or the user does not want any. */
export interface NoCgroupHome {
  readonly version: 0
  readonly because: 'absent' | 'not-delegated' | 'version-1' | 'disabled'
}

export type CgroupHome = Cgroup2Home | Cgroup1Home | NoCgroupHome

export interface CgroupQuery {
  /** Real root, not that of a user namespace. */
  readonly isRoot: boolean
  readonly facts: HostFacts
  readonly manager: CgroupManager | undefined
  /** Divide the caller's own group, root or not. */
  readonly split: boolean
}

/** Reads a handful of small files. */
export function findCgroupHome(query: CgroupQuery): CgroupHome {
  const mounts = readMounts()
  const mount2 = findCgroup2Mount(mounts)
  if (mount2 === CGROUP_ROOT) {
    const home = findCgroup2Home(query, mount2)
    if (home !== undefined) return home
    return { version: 0, because: 'not-delegated' }
  }
  const parents = query.isRoot ? findVersion1Parents(mounts) : new Map<string, string>()
  if (parents.size > 0) return { version: 1, parents, hasCgroup2: mount2 !== undefined }
  return { version: 0, because: mounts.some(({ type }) => type === 'cgroup') ? 'version-1' : 'absent' }
}

/** Mount point of the hierarchy, the one in /sys/fs/cgroup if it is there. Undefined: there is none. */
export function findCgroup2Mount(mounts: readonly Mount[] = readMounts()): string | undefined {
  const top = mounts.findLast(({ point }) => point === CGROUP_ROOT)
  if (top?.type === 'cgroup2') return CGROUP_ROOT
  return mounts.findLast(({ type }) => type === 'cgroup2')?.point
}

function findCgroup2Home(query: CgroupQuery, mount: string): Cgroup2Home | undefined {
  const systemd = query.manager === 'cgroupfs' || query.split ? undefined : findSystemdHome(query, mount)
  if (systemd !== undefined || query.manager === 'systemd') return systemd
  const own = readGroups('self').get('') ?? '/'
  const divided = path.basename(own) === LEAF ? path.dirname(own) : own
  const parent = query.isRoot && !query.split ? '/' : divided
  const dir = path.join(mount, parent)
  if (!['', 'cgroup.procs', 'cgroup.subtree_control'].every((name) => isWritable(path.join(dir, name))))
    return undefined
  return {
    version: 2,
    manager: 'cgroupfs',
    mount,
    parent,
    controllers: readWords(path.join(dir, 'cgroup.controllers')),
    ready:
      parent === '/'
        ? readWords(path.join(dir, 'cgroup.controllers'))
        : readWords(path.join(dir, 'cgroup.subtree_control')),
  }
}

/**
 * The system's manager for root, the user's own for others: what it was delegated itself. From outside of its subtree (a login session's
 * scope) nobody but root may move a process into a container's group, so `exec` could not: there it is only used when asked for by name.
 */
function findSystemdHome({ isRoot, facts, manager }: CgroupQuery, mount: string): Cgroup2Home | undefined {
  const socket = isRoot ? '/run/systemd/private' : path.join(facts.env.XDG_RUNTIME_DIR ?? '', 'systemd/private')
  if (!path.isAbsolute(socket) || !existsSync(socket)) return undefined
  const group = isRoot ? '/' : `/user.slice/user-${facts.uid}.slice/user@${facts.uid}.service`
  if (manager === undefined && !isRoot && readGroups('self').get('')?.startsWith(group) !== true) return undefined
  const controllers = readWords(path.join(mount, group, 'cgroup.controllers'))
  return {
    version: 2,
    manager: 'systemd',
    mount,
    parent: isRoot ? 'machine.slice' : 'user.slice',
    controllers,
    ready: controllers,
  }
}

/** Where in each hierarchy we stand ourselves. */
function findVersion1Parents(mounts: readonly Mount[]): Map<string, string> {
  const own = readGroups('self')
  const parents = new Map<string, string>()
  for (const mount of mounts) {
    if (mount.type !== 'cgroup') continue
    for (const name of mount.superOptions) {
      const group = own.get(name)
      if (group === undefined) continue
      const dir = inMount(mount, group)
      if (isWritable(path.join(dir, 'cgroup.procs'))) parents.set(name === 'blkio' ? 'io' : name, dir)
    }
  }
  return parents
}

/** /proc/PID/cgroup: the group's path by controller; version 2's is at the empty name. */
export function readGroups(pid: number | 'self'): Map<string, string> {
  const groups = new Map<string, string>()
  for (const line of (readFileIfExists(`/proc/${pid}/cgroup`) ?? '').split('\n')) {
    const [, names, group] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    if (names === undefined || group === undefined) continue
    for (const name of names.split(',')) groups.set(name, group)
  }
  return groups
}

/** The runtime leaves a group behind when its create fails half-way. Does nothing where there is none, or somebody is in it. */
export function removeGroup(place: CgroupPlace): void {
  const dir = findOwnGroup(place)
  if (dir === undefined) return
  try {
    rmdirSync(dir)
  } catch (error) {
    if (!['ENOENT', 'EBUSY', 'EACCES', 'EPERM', 'EROFS'].includes(errorCode(error) ?? '')) throw error
  }
}

/** Every directory that is made for a container at this place, of either version. */
export function groupDirectories(place: CgroupPlace): string[] {
  const own = findOwnGroup(place)
  return [...(own === undefined ? [] : [own]), ...place.groups1.map(({ dir }) => dir)]
}

/** The version 2 group that the runtime makes there; undefined: none, or systemd's to make and remove. */
function findOwnGroup({ manager, path: group }: CgroupPlace): string | undefined {
  const mount = manager === 'cgroupfs' && group !== undefined ? findCgroup2Mount() : undefined
  return mount === undefined || group === undefined ? undefined : path.join(mount, group)
}

/** The group of its own that a container's process has in a version 1 hierarchy: the directory, or undefined. */
export function findVersion1Group(pid: number, controller: string): string | undefined {
  const group = readGroups(pid).get(controller)
  if (group === undefined || !path.basename(group).startsWith('lichen-')) return undefined
  const mount = readMounts().findLast(
    ({ type, superOptions }) => type === 'cgroup' && superOptions.includes(controller),
  )
  return mount === undefined ? undefined : inMount(mount, group)
}

/** A group's directory, also where only a part of the hierarchy is mounted (in a container). */
function inMount({ point, root }: Mount, group: string): string {
  return path.join(point, root !== '/' && group.startsWith(root) ? group.slice(root.length) : group)
}

/**
 * Lets children of a group have `controllers`. Where processes of ours stand in it, they are moved into a leaf beside those children
 * (the kernel's "no internal processes" rule). Throws HostError when that cannot be done.
 */
export function makeRoom(dir: string, controllers: readonly string[], moveAnyway = false): void {
  const control = path.join(dir, 'cgroup.subtree_control')
  const has = readWords(control)
  const missing = controllers.filter((name) => !has.has(name))
  if (moveAnyway) moveProcesses(dir)
  for (let tries = 1; missing.length > 0; tries++) {
    try {
      writeFileSync(control, missing.map((name) => `+${name}`).join(' '))
      return
    } catch (error) {
      // a process that is moved may just have started another one
      if (errorCode(error) !== 'EBUSY' || tries === DIVIDE_TRIES) throw cannotDivide(dir, error)
      moveProcesses(dir)
    }
  }
}

function moveProcesses(dir: string): void {
  const leaf = path.join(dir, LEAF)
  mkdirSync(leaf, { recursive: true })
  for (const pid of readFileSync(path.join(dir, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean)) {
    try {
      writeFileSync(path.join(leaf, 'cgroup.procs'), pid)
    } catch (error) {
      if (errorCode(error) !== 'ESRCH') throw cannotDivide(dir, error) // ESRCH: it has ended
    }
  }
}

function cannotDivide(dir: string, cause: unknown): HostError {
  return new HostError(`divide cgroup: ${dir}: ${errorCode(cause)}`, {
    cause,
    hint: 'processes of others stand in it: run lichen in a group of its own, `systemd-run --user --scope -p Delegate=yes lichen …`',
  })
}

export function readWords(file: string): ReadonlySet<string> {
  return new Set((readFileIfExists(file) ?? '').split(/\s+/).filter(Boolean))
}

function isWritable(file: string): boolean {
  try {
    accessSync(file, constants.W_OK)
    return true
  } catch {
    return false // not there, read-only, or not ours
  }
}
