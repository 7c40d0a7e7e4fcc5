// Limits in the files of version 1's control groups (kernel Documentation/admin-guide/cgroup-v1). Pure; in an order the kernel takes.

import type { DeviceLimit, Resources } from '../model/limits.js'

/** Which groups a container gets, by version 2's name of the controller: all that `update` and `stats` need, others when asked for. */
export const VERSION1_HIERARCHIES: Readonly<Record<string, 'always' | 'asked' | 'freezer'>> = {
  memory: 'always',
  cpu: 'always',
  cpuacct: 'always',
  pids: 'always',
  io: 'always',
  cpuset: 'asked', // a group of it slows the scheduler's balancing
  freezer: 'freezer',
}

type Value = [file: string, value: string]

/** By version 2's name of the controller. A device without a number is left out. */
export function toVersion1Values(resources: Resources, devices: ReadonlyMap<string, string>): Map<string, Value[]> {
  const all: [string, Value[]][] = [
    ['memory', memoryValues(resources)],
    ['cpu', cpuValues(resources)],
    [
      'cpuset',
      said([
        ['cpuset.cpus', resources.cpusetCpus],
        ['cpuset.mems', resources.cpusetMems],
      ]),
    ],
    ['pids', said([['pids.max', resources.pidsLimit === -1 ? 'max' : resources.pidsLimit]])],
    ['io', blkioValues(resources, devices)],
  ]
  return new Map(all.filter(([, values]) => values.length > 0))
}

/** The limit of memory and swap together cannot be below that of memory, so it comes after. */
function memoryValues(resources: Resources): Value[] {
  return said([
    ['memory.limit_in_bytes', resources.memoryBytes],
    ['memory.memsw.limit_in_bytes', resources.memorySwapBytes],
    ['memory.soft_limit_in_bytes', resources.memoryReservationBytes],
    ['memory.swappiness', resources.memorySwappiness],
    ['memory.oom_control', resources.oomKillDisable === true ? 1 : undefined],
  ])
}

function cpuValues(resources: Resources): Value[] {
  return said([
    ['cpu.shares', resources.cpuShares],
    ['cpu.cfs_period_us', resources.cpuPeriodUs],
    ['cpu.cfs_quota_us', resources.cpuQuotaUs],
    ['cpu.rt_period_us', resources.cpuRtPeriodUs],
    ['cpu.rt_runtime_us', resources.cpuRtRuntimeUs],
  ])
}

/** The kernel has weights only with the BFQ scheduler. */
function blkioValues(resources: Resources, devices: ReadonlyMap<string, string>): Value[] {
  const each = (file: string, limits: readonly DeviceLimit[] = []): Value[] =>
    limits.map(({ path, amount }) => [file, `${devices.get(path) ?? path} ${amount}`])
  return [
    ...said([['blkio.bfq.weight', resources.blkioWeight]]),
    ...each('blkio.bfq.weight_device', resources.blkioWeightDevice),
    ...each('blkio.throttle.read_bps_device', resources.deviceReadBps),
    ...each('blkio.throttle.write_bps_device', resources.deviceWriteBps),
    ...each('blkio.throttle.read_iops_device', resources.deviceReadIops),
    ...each('blkio.throttle.write_iops_device', resources.deviceWriteIops),
  ]
}

function said(values: readonly (readonly [string, string | number | undefined])[]): Value[] {
  return values.flatMap(([file, value]) => (value === undefined ? [] : [[file, String(value)] satisfies Value]))
}
