// What the processes of a container use: from its version 2 group, else version 1's, else added up from /proc. Kernel documentation:
// admin-guide/cgroup-v2.rst, admin-guide/cgroup-v1/; proc(5).

import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { ResourceUsage } from '../model/stats.js'
import { findVersion1Group } from './cgroups.js'
import { readFileIfExists } from './files.js'
import { findGroup, type GroupOwner } from './freezer.js'
import { findProcessesOf, type ProcStatus } from './proc-status.js'

type Cpu = Pick<ResourceUsage, 'cpuNs' | 'cpuSystemNs'>
type Block = Pick<ResourceUsage, 'blockInputBytes' | 'blockOutputBytes'>
type Net = Pick<ResourceUsage, 'netInputBytes' | 'netOutputBytes'>

/** `hasOwnNetwork`: without it what its interfaces carry is the whole machine's, and not told. */
export function readUsage(owner: GroupOwner, { hasOwnNetwork }: { readonly hasOwnNetwork: boolean }): ResourceUsage {
  const group = owner.cgroup === undefined ? undefined : findGroup(owner)
  const read1 = (controller: string, file: string): string | undefined => {
    const dir = findVersion1Group(owner.containerPid, controller)
    return dir === undefined ? undefined : readFileIfExists(path.join(dir, file))
  }
  const read2 = (file: string): string | undefined =>
    group === undefined ? undefined : readFileIfExists(path.join(group, file))
  let living: readonly ProcStatus[] | undefined
  const processes = (): readonly ProcStatus[] => (living ??= findProcessesOf(owner.containerPid))
  const memory = toNumber(read2('memory.current') ?? read1('memory', 'memory.usage_in_bytes'))
  const block = toBlock2(read2('io.stat')) ?? toBlock1(read1('blkio', 'blkio.throttle.io_service_bytes_recursive'))
  const pids = toNumber(read2('pids.current') ?? read1('pids', 'pids.current'))
  const cpu =
    toCpu2(read2('cpu.stat')) ?? toCpu1(read1('cpuacct', 'cpuacct.usage'), read1('cpuacct', 'cpuacct.usage_sys'))
  return {
    ...(cpu ?? addCpu(processes())),
    memoryBytes: memory ?? addMemory(processes()),
    memoryLimitBytes: memoryLimit(read2('memory.max') ?? read1('memory', 'memory.limit_in_bytes')),
    ...(hasOwnNetwork ? readNetwork(owner.containerPid) : { netInputBytes: 0, netOutputBytes: 0 }),
    ...(block ?? addBlock(processes())),
    pids: pids ?? processes().reduce((sum, { threads }) => sum + threads, 0),
    isCounted: memory !== undefined && block !== undefined && pids !== undefined,
  }
}

/** `max`, and version 1's page-rounded 2^63, are the machine's own memory. */
function memoryLimit(text: string | undefined): number {
  const kibibytes = /^MemTotal:\s+(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]
  return Math.min(toNumber(text) ?? Number.POSITIVE_INFINITY, Number(kibibytes) * 1024)
}

function toCpu2(text: string | undefined): Cpu | undefined {
  const value = (name: string): number =>
    Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text ?? '')?.[1] ?? Number.NaN) * 1000
  const cpu = { cpuNs: value('usage_usec'), cpuSystemNs: value('system_usec') }
  return Number.isNaN(cpu.cpuNs) ? undefined : cpu
}

function toCpu1(usage: string | undefined, system: string | undefined): Cpu | undefined {
  return usage === undefined ? undefined : { cpuNs: Number(usage), cpuSystemNs: toNumber(system) ?? 0 }
}

/** `8:0 rbytes=1 wbytes=2 …` for each device. An empty file is a group that has not used any. */
function toBlock2(text: string | undefined): Block | undefined {
  if (text === undefined) return undefined
  const sum = (key: string): number => addUp(text.matchAll(new RegExp(`\\b${key}=(\\d+)`, 'g')))
  return { blockInputBytes: sum('rbytes'), blockOutputBytes: sum('wbytes') }
}

/** `8:0 Read 1`. */
function toBlock1(text: string | undefined): Block | undefined {
  if (text === undefined) return undefined
  const sum = (word: string): number => addUp(text.matchAll(new RegExp(`^\\d+:\\d+ ${word} (\\d+)$`, 'gm')))
  return { blockInputBytes: sum('Read'), blockOutputBytes: sum('Write') }
}

/** With what their children used, once those were waited for. */
function addCpu(processes: readonly ProcStatus[]): Cpu {
  const add = (key: 'cpuNs' | 'cpuSystemNs' | 'childrenNs' | 'childrenSystemNs'): number =>
    processes.reduce((sum, it) => sum + it[key], 0)
  return { cpuNs: add('cpuNs') + add('childrenNs'), cpuSystemNs: add('cpuSystemNs') + add('childrenSystemNs') }
}

/** Pages that several processes share are counted once (Pss), where the kernel tells it. */
function addMemory(processes: readonly ProcStatus[]): number {
  const kibibytes = processes.map(({ pid, residentKiB }) => {
    const share = /^Pss:\s+(\d+)/m.exec(readProc(pid, 'smaps_rollup'))?.[1]
    return share === undefined ? residentKiB : Number(share)
  })
  return kibibytes.reduce((sum, each) => sum + each, 0) * 1024
}

function addBlock(processes: readonly ProcStatus[]): Block {
  const texts = processes.map(({ pid }) => readProc(pid, 'io')).join('')
  return {
    blockInputBytes: addUp(texts.matchAll(/^read_bytes: (\d+)$/gm)),
    blockOutputBytes: addUp(texts.matchAll(/^write_bytes: (\d+)$/gm)),
  }
}

/** /proc/PID/net/dev: received and sent bytes are the first and the ninth number of an interface. */
function readNetwork(pid: number): Net {
  let [netInputBytes, netOutputBytes] = [0, 0]
  for (const line of readProc(pid, 'net/dev').split('\n').slice(2)) {
    const [name = '', numbers = ''] = line.split(':')
    const values = numbers.trim().split(/\s+/).map(Number)
    if (name.trim() === 'lo') continue
    netInputBytes += values[0] ?? 0
    netOutputBytes += values[8] ?? 0
  }
  return { netInputBytes, netOutputBytes }
}

function addUp(matches: Iterable<RegExpMatchArray>): number {
  return [...matches].reduce((sum, match) => sum + Number(match[1]), 0)
}

function toNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+\s*$/.test(text) ? Number(text) : undefined
}

/** Empty: it has ended, or is not ours to look at. */
function readProc(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch {
    return ''
  }
}
