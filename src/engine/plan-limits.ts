// How much of the machine a container may use: what must hold between limits, and what one means for another. Pure. podman-run(1); the
// messages are podman's.

import { UsageError } from '../model/errors.js'
import type { LimitsPlan, Resources } from '../model/limits.js'
import type { CreateRequest } from '../model/run-request.js'

const SHORTEST_PERIOD_US = 1000
const LONGEST_PERIOD_US = 1_000_000
const SHORTEST_QUOTA_US = 1000

/** Throws UsageError for limits that contradict one another. */
export function planLimits(request: CreateRequest): LimitsPlan {
  const { ulimits, oomScoreAdj, cgroupParent, cgroups = 'enabled', limits = 'strict' } = request
  if (cgroups === 'disabled') refuseWithoutCgroup(request)
  if (cgroups === 'split' && cgroupParent !== undefined)
    throw new UsageError("create container: --cgroup-parent: --cgroups=split makes its cgroup below the caller's own")
  return {
    ulimits,
    resources: completeResources(request.resources),
    cgroups,
    limits,
    ...(oomScoreAdj === undefined ? {} : { oomScoreAdj }),
    ...(cgroupParent === undefined ? {} : { cgroupParent }),
  }
}

/** Said -> decided; also what `update` makes of a container's limits and those that were said now. */
export function completeResources(said: Resources): Resources {
  checkCpuTime(said)
  checkMemory(said)
  const { memoryBytes, memorySwapBytes, ...others } = said
  // without a limit of memory there is nothing for swap to add to; with one, it may swap out as much again
  const memory = memoryBytes === undefined ? {} : { memoryBytes, memorySwapBytes: memorySwapBytes ?? 2 * memoryBytes }
  return { ...memory, ...others }
}

function refuseWithoutCgroup({ resources, cgroupParent }: CreateRequest): void {
  if (cgroupParent !== undefined)
    throw new UsageError('create container: cannot set cgroup parent if not creating cgroups')
  if (Object.keys(resources).some((field) => field !== 'pidsLimit' || resources.pidsLimit !== -1))
    throw new UsageError('create container: cannot set resource limits if not creating cgroups', {
      hint: 'leave out --cgroups=disabled, or the limits',
    })
}

function checkMemory({ memoryBytes, memorySwapBytes, memoryReservationBytes }: Resources): void {
  if (memorySwapBytes !== undefined && memorySwapBytes !== -1) {
    if (memoryBytes === undefined)
      throw new UsageError('limit container: you should always set a memory limit when using a memoryswap limit', {
        hint: 'add --memory; --memory-swap is memory and swap together',
      })
    if (memorySwapBytes < memoryBytes)
      throw new UsageError('limit container: minimum memoryswap limit should be larger than memory limit', {
        hint: '--memory-swap is memory and swap together: at least as much as --memory',
      })
  }
  if (memoryBytes !== undefined && memoryReservationBytes !== undefined && memoryBytes < memoryReservationBytes)
    throw new UsageError('limit container: minimum memory limit cannot be less than memory reservation limit')
}

function checkCpuTime({ cpuPeriodUs, cpuQuotaUs, cpuRtPeriodUs, cpuRtRuntimeUs }: Resources): void {
  if (cpuPeriodUs !== undefined && (cpuPeriodUs < SHORTEST_PERIOD_US || cpuPeriodUs > LONGEST_PERIOD_US))
    throw new UsageError(
      'limit container: CPU cfs period cannot be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)',
    )
  if (cpuQuotaUs !== undefined && cpuQuotaUs !== -1 && cpuQuotaUs < SHORTEST_QUOTA_US)
    throw new UsageError('limit container: CPU cfs quota cannot be less than 1ms (i.e. 1000)')
  if (cpuRtRuntimeUs !== undefined && cpuRtPeriodUs !== undefined && cpuRtRuntimeUs > cpuRtPeriodUs)
    throw new UsageError('limit container: --cpu-rt-runtime cannot be larger than --cpu-rt-period')
}
