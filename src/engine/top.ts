// `top`: the processes of a running container, seen from the host; with options of ps(1) that program, run inside.

import { readFileSync } from 'node:fs'
import path from 'node:path'
import { HostError } from '../model/errors.js'
import type { ProcessInfo } from '../model/process-info.js'
import { readFileIfExists } from '../platform/files.js'
import { tryProgram } from '../platform/monitor-tools.js'
import { findProcessesOf, type ProcStatus } from '../platform/proc-status.js'
import type { Store } from '../platform/store.js'
import { enterNamespaces } from '../runtime/enter.js'
import { readUserFiles } from '../runtime/rootfs-files.js'
import { findUp } from './find.js'

/** Ordered by pid. Throws ConflictError when it does not run. */
export async function listProcesses(store: Store, name: string): Promise<ProcessInfo[]> {
  const view = await findUp(store, name)
  const first = view.monitor.containerPid
  const inside = await readUserFiles(store, view)
  const outside = { passwd: readFileIfExists('/etc/passwd'), group: readFileIfExists('/etc/group') }
  const names: Names = {
    user: namesById(inside.passwd),
    group: namesById(inside.group),
    hostUser: namesById(outside.passwd),
    hostGroup: namesById(outside.group),
    toUid: readIdMap(first, 'uid_map'),
    toGid: readIdMap(first, 'gid_map'),
  }
  const found = findProcessesOf(first)
  const level = (found.find(({ pid }) => pid === first)?.nsPids.length ?? 1) - 1
  const pids = new Map(found.map(({ pid, nsPids }) => [pid, nsPids[level] ?? 0]))
  const clock = { nowMs: Date.now(), sinceBootNs: Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1e9 }
  return found
    .map((it) => ({
      ...named(it, names),
      ...timed(it, clock),
      pid: pids.get(it.pid) ?? 0,
      ppid: pids.get(it.ppid) ?? 0,
      pgid: it.nsGroupPids[level] ?? 0,
    }))
    .sort((a, b) => a.pid - b.pid)
}

/** What ps(1) of the container prints, without its own line. Throws HostError with its words when it is not there or refuses. */
export async function runPs(store: Store, name: string, options: readonly string[]): Promise<string> {
  const view = await findUp(store, name)
  const { plan, id } = view.record
  const runtime = [plan.runtime, '--root', store.paths.runtimeRoot, 'exec', id, 'ps', ...options]
  const { code, stdout, stderr } = await tryProgram([...enterNamespaces(store, view), ...runtime])
  if (code !== 0)
    throw new HostError(
      `list processes: ${view.record.name}: ps ${options.join(' ')}: ${stderr.trim().split('\n').at(-1)}`,
      {
        hint: "words that are no descriptors are options of the container's own ps(1); `lichen top --help` lists the descriptors",
      },
    )
  const own = `ps ${options.join(' ')}`
  const lines = stdout.toString('utf8').split('\n')
  return lines.filter((line) => !line.includes(own)).join('\n')
}

interface Names {
  readonly user: ReadonlyMap<number, string>
  readonly group: ReadonlyMap<number, string>
  readonly hostUser: ReadonlyMap<number, string>
  readonly hostGroup: ReadonlyMap<number, string>
  /** The container's id of one of ours; undefined: it has none. */
  readonly toUid: (id: number) => number | undefined
  readonly toGid: (id: number) => number | undefined
}

const NOBODY = 65_534

function named(it: ProcStatus, names: Names) {
  const [realUid = 0, uid = 0] = it.uids
  const [realGid = 0, gid = 0] = it.gids
  const user = (id: number): string => nameOf(names.user, names.toUid(id) ?? NOBODY)
  const group = (id: number): string => nameOf(names.group, names.toGid(id) ?? NOBODY)
  return {
    ...it,
    hostPid: it.pid,
    user: user(uid),
    uid: names.toUid(uid) ?? NOBODY,
    realUser: user(realUid),
    group: group(gid),
    realGroup: group(realGid),
    groups: it.groups.map(group),
    hostUser: nameOf(names.hostUser, uid),
    hostUid: uid,
    hostGroup: nameOf(names.hostGroup, gid),
    hostGroups: it.groups.map((id) => nameOf(names.hostGroup, id)),
  }
}

const nameOf = (names: ReadonlyMap<number, string>, id: number): string => names.get(id) ?? String(id)

interface Clock {
  readonly nowMs: number
  readonly sinceBootNs: number
}

function timed({ startedNs }: ProcStatus, { nowMs, sinceBootNs }: Clock) {
  const elapsedNs = Math.max(0, sinceBootNs - startedNs)
  return { elapsedNs, startedAtMs: nowMs - elapsedNs / 1e6 }
}

/** passwd(5) and group(5): the first name of each id. */
function namesById(text = ''): Map<number, string> {
  const entries = text.split('\n').map((line) => line.split(':'))
  return new Map(entries.reverse().flatMap(([name = '', , id = '']) => (/^\d+$/.test(id) ? [[Number(id), name]] : [])))
}

/** user_namespaces(7): lines of INSIDE OUTSIDE COUNT, outside as we see it. */
function readIdMap(pid: number, name: 'uid_map' | 'gid_map'): (id: number) => number | undefined {
  const text = readFileIfExists(path.join('/proc', String(pid), name)) ?? ''
  const ranges = text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
  return (id) => {
    for (const [inside = 0, outside = 0, count = 0] of ranges)
      if (id >= outside && id < outside + count) return inside + id - outside
    return undefined
  }
}
