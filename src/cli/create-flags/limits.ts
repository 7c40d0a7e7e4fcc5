// How much of the machine a container may use. `resourceFlags` are those that can be changed while it runs (`update`).

import type { InferredFlags } from '@oclif/core/interfaces'
import { UsageError } from '../../model/errors.js'
import {
  CGROUPS_MODES,
  CPUS_PERIOD_US,
  type LimitsPolicy,
  type LimitsRequest,
  type Resources,
} from '../../model/limits.js'
import { asText, asUint, list, toggle, value } from '../flags.js'
import { onlySaid } from '../only-said.js'
import {
  parseCgroupConf,
  parseCgroupParent,
  parseCgroupsMode,
  parseCpus,
  parseCpuset,
  parseDeviceBps,
  parseDeviceIops,
  parseDeviceWeight,
  parseInteger,
  parseMemory,
  parseMemorySwap,
  parseOomScore,
  parsePidsLimit,
  parseSwappiness,
  parseWeight,
} from '../values/resources.js'
import { parseUlimit } from '../values/ulimit.js'

export const resourceFlags = {
  'blkio-weight': value('Share of block devices against others, 10 to 1000', parseWeight),
  'blkio-weight-device': list('The same for one device: PATH:WEIGHT', parseDeviceWeight),
  'cpu-period': value('Length of a CPU period in microseconds', asUint, { type: 'uint' }),
  'cpu-quota': value('CPU time in each period in microseconds, -1 for no limit', parseInteger, { type: 'int' }),
  'cpu-rt-period': value('Length of a real-time period in microseconds', asUint, { type: 'uint' }),
  'cpu-rt-runtime': value('Real-time CPU time in each period in microseconds', asUint, { type: 'int' }),
  'cpu-shares': value('Share of the CPUs against others; the default is 1024', asUint, { char: 'c', type: 'uint' }),
  cpus: value('Number of CPUs: 1.5', parseCpus, { type: 'float' }),
  'cpuset-cpus': value('CPUs to run on: 0-3 or 0,2', parseCpuset),
  'cpuset-mems': value('Memory nodes to use: 0-1 or 0,1', parseCpuset),
  'device-read-bps': list('Bytes a second to read from a device: PATH:RATE', parseDeviceBps, { commas: true }),
  'device-read-iops': list('Reads a second from a device: PATH:RATE', parseDeviceIops, { commas: true }),
  'device-write-bps': list('Bytes a second to write to a device: PATH:RATE', parseDeviceBps, { commas: true }),
  'device-write-iops': list('Writes a second to a device: PATH:RATE', parseDeviceIops, { commas: true }),
  memory: value('Memory: 512m, 2g', parseMemory, { char: 'm', type: 'size' }),
  'memory-reservation': value('Memory that it is pressed down to when the machine runs short', parseMemory, {
    type: 'size',
  }),
  'memory-swap': value('Memory and swap together, -1 for no limit', parseMemorySwap, {
    type: 'size',
    defaultHelp: 'twice --memory',
  }),
  'memory-swappiness': value('How readily its memory is swapped out, 0 to 100 (cgroup version 1)', parseSwappiness, {
    type: 'int',
  }),
  'pids-limit': value('Number of processes, -1 for no limit', parsePidsLimit, { type: 'int', defaultHelp: '2048' }),
}

export const limitFlags = {
  ...resourceFlags,
  'cgroup-conf': list('Write VALUE into a file of the cgroup (version 2): FILE=VALUE', parseCgroupConf),
  'cgroup-parent': value('Cgroup, or systemd slice, to make its cgroup in', parseCgroupParent, { emptyIsUnsaid: true }),
  cgroups: value(`Whether it has a cgroup of its own (${CGROUPS_MODES.join(', ')})`, parseCgroupsMode, {
    defaultHelp: 'enabled',
  }),
  limits: value('What to do about limits that cannot be kept here: "strict" or "best-effort"', asText, {
    choices: ['strict', 'best-effort'],
    defaultHelp: 'strict',
  }),
  'oom-kill-disable': toggle('Never kill it for lack of memory (cgroup version 1)'),
  'oom-score-adj': value('How readily it is killed for lack of memory, -1000 to 1000', parseOomScore, { type: 'int' }),
  ulimit: list('Resource limit: NAME=SOFT[:HARD], -1 for none', parseUlimit, { commas: true, type: 'ulimits' }),
}

export function toLimitsRequest(flags: InferredFlags<typeof limitFlags>): LimitsRequest {
  const unified = flags['cgroup-conf']
  return {
    ulimits: flags.ulimit.filter((limit) => limit !== undefined),
    resources: {
      ...toSaidResources(flags),
      ...(flags['oom-kill-disable'] ? { oomKillDisable: true } : {}),
      ...(unified.length === 0 ? {} : { unified: Object.fromEntries(unified) }),
    },
    ...onlySaid({
      oomScoreAdj: flags['oom-score-adj'],
      cgroups: flags.cgroups,
      cgroupParent: flags['cgroup-parent'],
      limits: flags.limits as LimitsPolicy | undefined,
    }),
  }
}

/** Throws UsageError for `--cpus` together with what it stands for. */
export function toSaidResources(flags: InferredFlags<typeof resourceFlags>): Resources {
  const some = <T>(items: readonly T[]): readonly T[] | undefined => (items.length === 0 ? undefined : items)
  return onlySaid({
    memoryBytes: flags.memory,
    memoryReservationBytes: flags['memory-reservation'],
    memorySwapBytes: flags['memory-swap'],
    memorySwappiness: flags['memory-swappiness'],
    ...toCpuTime(flags),
    cpuRtPeriodUs: flags['cpu-rt-period'] || undefined,
    cpuRtRuntimeUs: flags['cpu-rt-runtime'] || undefined,
    cpuShares: flags['cpu-shares'] || undefined,
    cpusetCpus: flags['cpuset-cpus'],
    cpusetMems: flags['cpuset-mems'],
    pidsLimit: flags['pids-limit'],
    blkioWeight: flags['blkio-weight'],
    blkioWeightDevice: some(flags['blkio-weight-device']),
    deviceReadBps: some(flags['device-read-bps']),
    deviceWriteBps: some(flags['device-write-bps']),
    deviceReadIops: some(flags['device-read-iops']),
    deviceWriteIops: some(flags['device-write-iops']),
  })
}

/** 0 is the kernel's own, as if it was not said. */
function toCpuTime(flags: InferredFlags<typeof resourceFlags>): {
  cpuPeriodUs: number | undefined
  cpuQuotaUs: number | undefined
} {
  const { cpus, 'cpu-period': period, 'cpu-quota': quota } = flags
  if (cpus === undefined) return { cpuPeriodUs: period || undefined, cpuQuotaUs: quota || undefined }
  if (period) throw new UsageError('--cpu-period and --cpus cannot be set together')
  if (quota) throw new UsageError('--cpu-quota and --cpus cannot be set together')
  return { cpuPeriodUs: CPUS_PERIOD_US, cpuQuotaUs: Math.round(cpus * CPUS_PERIOD_US) }
}
