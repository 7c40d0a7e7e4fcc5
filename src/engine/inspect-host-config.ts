// `HostConfig` of `inspect`: what a container shares with the host and how much of it it may use, under podman's JSON names. What was not
// said is podman's zero.

import path from 'node:path'
import { DEFAULT_CAPABILITIES } from '../model/capabilities.js'
import type { ContainerPlan, ContainerRecord } from '../model/container.js'
import type { IdMapping, UsernsPlan } from '../model/isolation.js'
import type { DeviceLimit, Resources } from '../model/limits.js'
import { logPath } from '../runtime/words-log.js'
import { inspectHostFiles } from './inspect-mounts.js'

export function inspectHostConfig({ plan, removeOnExit }: ContainerRecord, dir: string): Record<string, unknown> {
  return {
    ...inspectHostFiles(plan),
    VolumeDriver: '',
    ...toIsolation(plan),
    ...toResources(plan.resources),
    LogConfig: {
      Type: plan.log.driver,
      Config: null,
      Path: logPath(plan, dir) ?? '',
      Tag: plan.log.tag,
      Size: toSize(plan.log.maxSizeBytes),
    },
    CgroupManager: plan.cgroups === 'disabled' ? 'disabled' : 'cgroupfs',
    Cgroups: plan.cgroups === 'disabled' ? 'disabled' : 'default',
    CgroupParent: plan.cgroupParent ?? '',
    ContainerIDFile: '',
    PortBindings: {},
    PublishAllPorts: false,
    RestartPolicy: { Name: plan.restart.name, MaximumRetryCount: plan.restart.maxRetries },
    AutoRemove: removeOnExit,
    OomScoreAdj: plan.oomScoreAdj ?? 0,
    Ulimits: plan.ulimits.map(({ name, soft, hard }) => ({
      Name: `RLIMIT_${name.toUpperCase()}`,
      Soft: soft,
      Hard: hard,
    })),
    Dns: [],
    DnsOptions: [],
    DnsSearch: [],
    ExtraHosts: [],
    Links: null,
    ConsoleSize: [0, 0],
    Isolation: '',
    Init: plan.init,
    Runtime: path.basename(plan.runtime),
  }
}

function toIsolation(plan: ContainerPlan): Record<string, unknown> {
  const { namespaces, userns } = plan
  const securityOpt = [
    ...(plan.seccomp === 'default' ? [] : [`seccomp=${plan.seccomp}`]),
    ...(plan.noNewPrivileges ? ['no-new-privileges'] : []),
    ...(plan.apparmor === undefined ? [] : [`apparmor=${plan.apparmor}`]),
  ]
  return {
    NetworkMode: plan.network,
    PidMode: namespaces.pid,
    IpcMode: namespaces.ipc,
    UTSMode: namespaces.uts,
    CgroupMode: namespaces.cgroup,
    UsernsMode: plan.usernsOf ?? (userns.mode === 'shared' ? '' : userns.mode === 'mapped' ? userns.by : userns.mode),
    ...toIdMappings(userns),
    CapAdd: plan.capabilities.filter((name) => !DEFAULT_CAPABILITIES.includes(name)),
    CapDrop: DEFAULT_CAPABILITIES.filter((name) => !plan.capabilities.includes(name)),
    Privileged: plan.privileged,
    SecurityOpt: securityOpt,
    GroupAdd: plan.groupAdd,
  }
}

function toIdMappings(userns: UsernsPlan): Record<string, unknown> {
  if (userns.mode !== 'mapped') return {}
  const ranges = (map: readonly IdMapping[]) => map.map((it) => `${it.containerId}:${it.parentId}:${it.count}`)
  return { IDMappings: { UidMap: ranges(userns.uidMap), GidMap: ranges(userns.gidMap) } }
}

const NANO_CPUS_PER_CPU = 1e9

function toResources(said: Resources): Record<string, unknown> {
  const { cpuPeriodUs = 0, cpuQuotaUs = 0 } = said
  return {
    CpuShares: said.cpuShares ?? 0,
    Memory: said.memoryBytes ?? 0,
    NanoCpus: cpuPeriodUs > 0 && cpuQuotaUs > 0 ? Math.round((cpuQuotaUs / cpuPeriodUs) * NANO_CPUS_PER_CPU) : 0,
    BlkioWeight: said.blkioWeight ?? 0,
    BlkioWeightDevice: said.blkioWeightDevice?.map(({ path: Path, amount }) => ({ Path, Weight: amount })) ?? null,
    BlkioDeviceReadBps: toRates(said.deviceReadBps),
    BlkioDeviceWriteBps: toRates(said.deviceWriteBps),
    BlkioDeviceReadIOps: toRates(said.deviceReadIops),
    BlkioDeviceWriteIOps: toRates(said.deviceWriteIops),
    CpuPeriod: cpuPeriodUs,
    CpuQuota: cpuQuotaUs,
    CpuRealtimePeriod: said.cpuRtPeriodUs ?? 0,
    CpuRealtimeRuntime: said.cpuRtRuntimeUs ?? 0,
    CpusetCpus: said.cpusetCpus ?? '',
    CpusetMems: said.cpusetMems ?? '',
    MemoryReservation: said.memoryReservationBytes ?? 0,
    MemorySwap: said.memorySwapBytes ?? 0,
    MemorySwappiness: said.memorySwappiness ?? -1,
    OomKillDisable: said.oomKillDisable ?? false,
    PidsLimit: said.pidsLimit ?? 0,
    CgroupConf: said.unified ?? null,
  }
}

const toRates = (limits: readonly DeviceLimit[] | undefined) =>
  limits?.map(({ path: Path, amount }) => ({ Path, Rate: amount })) ?? null

/** `10MB`, as podman prints a log's size. */
function toSize(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let [value, unit] = [bytes, 0]
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024
  return `${Number(value.toPrecision(4))}${units[unit]}`
}
