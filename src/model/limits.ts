// How much of the machine a container may use: as said, as decided, and where on this host it is kept.

export interface UlimitRequest {
  /** Lower case, without RLIMIT_: `nofile`, `core` … */
  readonly name: string
  /** -1: unlimited. */
  readonly soft: number
  readonly hard: number
}

/** A block device by its path, and what is said of it: a weight, or a rate per second. */
export interface DeviceLimit {
  readonly path: string
  readonly amount: number
}

/** What control groups can limit; only what was said. */
export interface Resources {
  readonly memoryBytes?: number
  readonly memoryReservationBytes?: number
  /** Memory and swap together; -1: no limit. */
  readonly memorySwapBytes?: number
  readonly memorySwappiness?: number
  readonly oomKillDisable?: boolean
  readonly cpuPeriodUs?: number
  /** Microseconds of each period; -1: no limit. */
  readonly cpuQuotaUs?: number
  readonly cpuRtPeriodUs?: number
  readonly cpuRtRuntimeUs?: number
  readonly cpuShares?: number
  /** Lists like `0-2,4`. */
  readonly cpusetCpus?: string
  readonly cpusetMems?: string
  /** -1: no limit. Not said: podman's 2048 where the controller is there. */
  readonly pidsLimit?: number
  readonly blkioWeight?: number
  readonly blkioWeightDevice?: readonly DeviceLimit[]
  readonly deviceReadBps?: readonly DeviceLimit[]
  readonly deviceWriteBps?: readonly DeviceLimit[]
  readonly deviceReadIops?: readonly DeviceLimit[]
  readonly deviceWriteIops?: readonly DeviceLimit[]
  /** Files of version 2 by name: `memory.high`. */
  readonly unified?: Readonly<Record<string, string>>
}

export const CGROUPS_MODES = ['enabled', 'disabled', 'no-conmon', 'split'] as const
export type CgroupsMode = (typeof CGROUPS_MODES)[number]
/** What is done about a limit that cannot be kept here: an error, or a warning. */
export type LimitsPolicy = 'strict' | 'best-effort'
export type CgroupManager = 'cgroupfs' | 'systemd' | 'disabled'

export interface LimitsRequest {
  readonly ulimits: readonly UlimitRequest[]
  readonly resources: Resources
  readonly oomScoreAdj?: number
  readonly cgroups?: CgroupsMode
  readonly cgroupParent?: string
  readonly limits?: LimitsPolicy
}

export interface LimitsPlan {
  readonly ulimits: readonly UlimitRequest[]
  readonly resources: Resources
  readonly oomScoreAdj?: number
  readonly cgroups: CgroupsMode
  readonly cgroupParent?: string
  readonly limits: LimitsPolicy
}

/** A version 1 group that the monitor makes for one container, and what it writes into it. */
export interface Cgroup1 {
  readonly dir: string
  readonly values: readonly (readonly [file: string, value: string])[]
}

/** Where one start's groups are, and what they are told. */
export interface CgroupPlace {
  /** Absent: the runtime's own way. */
  readonly manager?: CgroupManager
  /** config.json's cgroupsPath. */
  readonly path?: string
  /** What version 2 is told, by the runtime. */
  readonly resources: Resources
  /** `MAJOR:MINOR` of the devices that `resources` names. */
  readonly devices?: ReadonlyMap<string, string>
  readonly groups1: readonly Cgroup1[]
}

export const DEFAULT_PIDS_LIMIT = 2048
/** What `--cpus` is spread over. */
export const CPUS_PERIOD_US = 100_000

/** What keeps each limit: the controller by version 2's name, the flag it was said with, and whether only version 1 can. */
interface Keeper {
  readonly controller: string
  readonly flag: string
  readonly onlyVersion1?: boolean
}

const KEEPERS: Readonly<Record<Exclude<keyof Resources, 'unified'>, Keeper>> = {
  memoryBytes: { controller: 'memory', flag: '--memory' },
  memoryReservationBytes: { controller: 'memory', flag: '--memory-reservation' },
  memorySwapBytes: { controller: 'memory', flag: '--memory-swap' },
  memorySwappiness: { controller: 'memory', flag: '--memory-swappiness', onlyVersion1: true },
  oomKillDisable: { controller: 'memory', flag: '--oom-kill-disable', onlyVersion1: true },
  cpuPeriodUs: { controller: 'cpu', flag: '--cpu-period' },
  cpuQuotaUs: { controller: 'cpu', flag: '--cpu-quota' },
  cpuRtPeriodUs: { controller: 'cpu', flag: '--cpu-rt-period', onlyVersion1: true },
  cpuRtRuntimeUs: { controller: 'cpu', flag: '--cpu-rt-runtime', onlyVersion1: true },
  cpuShares: { controller: 'cpu', flag: '--cpu-shares' },
  cpusetCpus: { controller: 'cpuset', flag: '--cpuset-cpus' },
  cpusetMems: { controller: 'cpuset', flag: '--cpuset-mems' },
  pidsLimit: { controller: 'pids', flag: '--pids-limit' },
  blkioWeight: { controller: 'io', flag: '--blkio-weight' },
  blkioWeightDevice: { controller: 'io', flag: '--blkio-weight-device' },
  deviceReadBps: { controller: 'io', flag: '--device-read-bps' },
  deviceWriteBps: { controller: 'io', flag: '--device-write-bps' },
  deviceReadIops: { controller: 'io', flag: '--device-read-iops' },
  deviceWriteIops: { controller: 'io', flag: '--device-write-iops' },
}

/** One thing that was asked for, and what must be there for it. */
export interface LimitNeed extends Keeper {
  readonly field: keyof Resources
  /** For `unified`: which of them. */
  readonly file?: string
}

/** A pids limit of "none" needs nothing. */
export function limitNeeds(resources: Resources): LimitNeed[] {
  const fields = (Object.keys(KEEPERS) as (keyof typeof KEEPERS)[]).filter((field) => resources[field] !== undefined)
  const needs: LimitNeed[] = fields
    .filter((field) => field !== 'pidsLimit' || resources.pidsLimit !== -1)
    .map((field) => ({ field, ...KEEPERS[field], flag: shorterFlag(resources, field) ?? KEEPERS[field].flag }))
  for (const file of Object.keys(resources.unified ?? {}))
    needs.push({ field: 'unified', file, controller: file.split('.')[0] ?? '', flag: '--cgroup-conf' })
  return needs
}

/** The one flag that most people say for two fields. */
function shorterFlag(resources: Resources, field: keyof Resources): string | undefined {
  const { memoryBytes, memorySwapBytes, cpuPeriodUs, cpuQuotaUs } = resources
  if (field === 'memorySwapBytes' && memoryBytes !== undefined && memorySwapBytes === 2 * memoryBytes) return '--memory'
  const isCpus = cpuPeriodUs === CPUS_PERIOD_US && cpuQuotaUs !== undefined
  return isCpus && (field === 'cpuPeriodUs' || field === 'cpuQuotaUs') ? '--cpus' : undefined
}

/** The resources without some of them. */
export function withoutLimits(resources: Resources, dropped: readonly LimitNeed[]): Resources {
  const fields = new Set(dropped.filter(({ file }) => file === undefined).map(({ field }) => field))
  const files = new Set(dropped.map(({ file }) => file))
  const kept = Object.fromEntries(Object.entries(resources).filter(([field]) => !fields.has(field as keyof Resources)))
  const unified = Object.entries(resources.unified ?? {}).filter(([file]) => !files.has(file))
  if (unified.length === 0) delete kept.unified
  else kept.unified = Object.fromEntries(unified)
  return kept
}
