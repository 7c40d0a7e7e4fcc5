// One process as /proc tells it (proc(5)): the parts of stat, status, cmdline and attr that `top` and `stats` show. Ids are the host's.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import type { CapabilitySet } from '../model/process-info.js'

/** USER_HZ: 100 on every architecture that Node runs on. */
export const TICKS_PER_SECOND = 100
const NS_PER_TICK = 1e9 / TICKS_PER_SECOND

export interface ProcStatus {
  readonly pid: number
  readonly ppid: number
  /** In each pid namespace from ours to the innermost. */
  readonly nsPids: readonly number[]
  readonly nsGroupPids: readonly number[]
  readonly uids: readonly number[] // real, effective
  readonly gids: readonly number[]
  readonly groups: readonly number[]
  readonly comm: string
  readonly args: readonly string[]
  readonly state: string
  readonly nice: number
  readonly tty?: string
  readonly cpuNs: number
  readonly cpuSystemNs: number
  /** Of children that have ended and were waited for. */
  readonly childrenNs: number
  readonly childrenSystemNs: number
  readonly threads: number
  readonly startedNs: number // after boot
  readonly virtualKiB: number
  readonly residentKiB: number
  readonly capabilities: Readonly<Record<CapabilitySet, bigint>>
  readonly seccomp: number
  readonly label?: string
}

/** Undefined: it has ended. */
export function readProcStatus(pid: number): ProcStatus | undefined {
  const [stat, status] = [read(pid, 'stat'), read(pid, 'status')]
  if (stat === undefined || status === undefined) return undefined
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ') // field 3 of proc(5) is the first
  const field = (number: number): number => Number(fields[number - 3])
  const line = (name: string): string => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? ''
  const numbers = (name: string): number[] => line(name).split(/\s+/).filter(Boolean).map(Number)
  const capability = (set: CapabilitySet): bigint => BigInt(`0x${line(`Cap${set}`) || '0'}`)
  const tty = ttyName(field(7))
  const label = read(pid, 'attr/current')?.replace(/[\0\n]+$/, '')
  return {
    pid,
    ppid: field(4),
    nsPids: numbers('NSpid'),
    nsGroupPids: numbers('NSpgid'),
    uids: numbers('Uid'),
    gids: numbers('Gid'),
    groups: numbers('Groups'),
    comm: stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')')),
    args: (read(pid, 'cmdline') ?? '').split('\0').slice(0, -1),
    state: fields[0] ?? '?',
    nice: field(19),
    cpuNs: (field(14) + field(15)) * NS_PER_TICK,
    cpuSystemNs: field(15) * NS_PER_TICK,
    childrenNs: (field(16) + field(17)) * NS_PER_TICK,
    childrenSystemNs: field(17) * NS_PER_TICK,
    threads: field(20),
    startedNs: field(22) * NS_PER_TICK,
    virtualKiB: Math.trunc(field(23) / 1024),
    residentKiB: Number.parseInt(line('VmRSS'), 10) || 0,
    capabilities: {
      Inh: capability('Inh'),
      Prm: capability('Prm'),
      Eff: capability('Eff'),
      Bnd: capability('Bnd'),
      Amb: capability('Amb'),
    },
    seccomp: Number(line('Seccomp')),
    ...(tty === undefined ? {} : { tty }),
    ...(label ? { label } : {}),
  }
}

/**
 * Every process of the pid namespace of `first`, and their children, whatever namespace those made. Where that is our own namespace: only the
 * descendants of `first`.
 */
export function findProcessesOf(first: number): ProcStatus[] {
  const namespace = pidNamespace(first)
  const isShared = namespace === pidNamespace('self')
  const found = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcStatus(Number(name)) ?? [])
  const chosen = new Set<number>()
  for (const { pid } of found) if (pid === first || (!isShared && pidNamespace(pid) === namespace)) chosen.add(pid)
  for (let before = -1; before !== chosen.size; ) {
    before = chosen.size
    for (const { pid, ppid } of found) if (chosen.has(ppid)) chosen.add(pid)
  }
  return found.filter(({ pid }) => chosen.has(pid))
}

function pidNamespace(pid: number | 'self'): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`)
  } catch {
    return undefined // ended, or not ours to look at
  }
}

/** major and minor of tty(4) and pts(4); a terminal of another kind has no name here. */
function ttyName(device: number): string | undefined {
  const [major, minor] = [(device >> 8) & 0xfff, (device & 0xff) | ((device >> 12) & 0xfff00)]
  if (major >= 136 && major <= 143) return `pts/${(major - 136) * 256 + minor}`
  return major === 4 ? `tty${minor}` : undefined
}

function read(pid: number, name: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch {
    return undefined // ended, not ours to look at, or no such file in this kernel
  }
}
