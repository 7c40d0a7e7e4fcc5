// What `stats` shows: podman's columns, template fields and JSON. A value of nothing is `--`.

import type { ContainerStats } from '../../model/stats.js'
import { isJson, renderReport } from '../format.js'
import { goDuration } from '../go-duration.js'
import { toJson } from '../go-template/values.js'
import { binarySize, exactSize, shortId } from '../human.js'

export interface StatsFlags {
  readonly format?: string | undefined
  readonly 'no-trunc': boolean
}

const DEFAULT_FORMAT =
  'table {{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDS}}\t{{.UpTime}}\t{{.AVGCPU}}'
const HEADINGS = {
  ID: 'ID',
  UpTime: 'CPU TIME',
  CPUPerc: 'CPU %',
  AVGCPU: 'AVG CPU %',
  MemUsage: 'MEM USAGE / LIMIT',
  MemUsageBytes: 'MEM USAGE / LIMIT',
  MemPerc: 'MEM %',
  NetIO: 'NET IO',
  BlockIO: 'BLOCK IO',
  PIDS: 'PIDS',
}
const FIELDS = [
  ...['ID', 'ContainerID', 'Name', 'CPUPerc', 'CPU', 'AVGCPU', 'AvgCPU', 'CPUNano', 'CPUSystemNano', 'SystemNano'],
  ...['MemUsage', 'MemUsageBytes', 'MemLimit', 'MemPerc', 'NetIO', 'NetInput', 'NetOutput', 'BlockIO', 'BlockInput'],
  ...['BlockOutput', 'PIDS', 'PIDs', 'UpTime', 'Up', 'Duration'],
]

export function statsText(stats: readonly ContainerStats[], { format, 'no-trunc': full }: StatsFlags): string {
  const rows = stats.map((each) => toRow(each, full))
  const json = rows.map(toJsonRow)
  if (isJson(format)) return `${toJson(json, 1)}\n`
  const report = { name: 'stats', rows, json, fields: FIELDS, headings: HEADINGS, defaultFormat: DEFAULT_FORMAT }
  return renderReport(report, format ?? DEFAULT_FORMAT, false)
}

function toRow(each: ContainerStats, full: boolean) {
  const memoryPercent = each.memoryLimitBytes === 0 ? 0 : (each.memoryBytes / each.memoryLimitBytes) * 100
  return {
    ID: full ? each.id : shortId(each.id),
    ContainerID: each.id,
    Name: each.name,
    CPU: each.cpuPercent,
    CPUPerc: percent(each.cpuPercent),
    AvgCPU: each.averageCpuPercent,
    AVGCPU: percent(each.averageCpuPercent),
    CPUNano: each.cpuNs,
    CPUSystemNano: each.cpuSystemNs,
    SystemNano: each.takenAtMs * 1e6,
    MemUsage: pair(each.memoryBytes, each.memoryLimitBytes, exactSize),
    MemUsageBytes: pair(each.memoryBytes, each.memoryLimitBytes, binarySize),
    MemLimit: each.memoryLimitBytes,
    MemPerc: percent(memoryPercent),
    NetIO: pair(each.netInputBytes, each.netOutputBytes, exactSize),
    NetInput: each.netInputBytes,
    NetOutput: each.netOutputBytes,
    BlockIO: pair(each.blockInputBytes, each.blockOutputBytes, exactSize),
    BlockInput: each.blockInputBytes,
    BlockOutput: each.blockOutputBytes,
    PIDS: each.pids === 0 ? '--' : String(each.pids),
    PIDs: each.pids,
    UpTime: goDuration(each.cpuNs),
    Up: goDuration(each.cpuNs),
    Duration: each.cpuNs,
  }
}

function toJsonRow(row: ReturnType<typeof toRow>): Readonly<Record<string, string>> {
  return {
    id: row.ID,
    name: row.Name,
    cpu_time: row.UpTime,
    cpu_percent: row.CPUPerc,
    avg_cpu: row.AVGCPU,
    mem_usage: row.MemUsage,
    mem_percent: row.MemPerc,
    net_io: row.NetIO,
    block_io: row.BlockIO,
    pids: row.PIDS,
  }
}

const percent = (value: number): string => (value === 0 ? '--' : `${value.toFixed(2)}%`)

function pair(first: number, second: number, show: (bytes: number) => string): string {
  return first === 0 && second === 0 ? '-- / --' : `${show(first)} / ${show(second)}`
}
