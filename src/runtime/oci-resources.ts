// The `resources` of config.json: limits and the device filter (runtime-spec config-linux.md, Control groups). Pure.
// How version 2 writes them is the runtime's to know (crun.1, Cgroup v2).

import type { ContainerPlan } from '../model/container.js'
import type { CgroupPlace, DeviceLimit, Resources } from '../model/limits.js'
import { toDeviceRules } from './oci-devices.js'
import type { OciHost } from './oci-host.js'

/** Undefined: nothing is limited. */
export function toResources(plan: ContainerPlan, host: OciHost): Record<string, unknown> | undefined {
  const devices = toDeviceRules(plan, host)
  const resources = { ...(devices === undefined ? {} : { devices }), ...toOciResources(host.cgroup) }
  return Object.keys(resources).length === 0 ? undefined : resources
}

/** What was said of each controller, also what `update` hands to the runtime. */
export function toOciResources({ resources, devices = new Map() }: CgroupPlace): Record<string, unknown> {
  const parts = {
    memory: memoryOf(resources),
    cpu: cpuOf(resources),
    pids: said({ limit: resources.pidsLimit }),
    blockIO: blockIoOf(resources, devices),
    unified: resources.unified,
  }
  return Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined))
}

const memoryOf = (resources: Resources) =>
  said({
    limit: resources.memoryBytes,
    reservation: resources.memoryReservationBytes,
    swap: resources.memorySwapBytes,
    swappiness: resources.memorySwappiness,
    disableOOMKiller: resources.oomKillDisable,
  })

const cpuOf = (resources: Resources) =>
  said({
    shares: resources.cpuShares,
    quota: resources.cpuQuotaUs,
    period: resources.cpuPeriodUs,
    realtimePeriod: resources.cpuRtPeriodUs,
    realtimeRuntime: resources.cpuRtRuntimeUs,
    cpus: resources.cpusetCpus,
    mems: resources.cpusetMems,
  })

function blockIoOf(resources: Resources, numbers: ReadonlyMap<string, string>): Record<string, unknown> | undefined {
  const each = (limits: readonly DeviceLimit[] | undefined, key: 'weight' | 'rate') =>
    limits?.map(({ path, amount }) => {
      const [major, minor] = (numbers.get(path) ?? '').split(':').map(Number)
      return { major, minor, [key]: amount }
    })
  return said({
    weight: resources.blkioWeight,
    weightDevice: each(resources.blkioWeightDevice, 'weight'),
    throttleReadBpsDevice: each(resources.deviceReadBps, 'rate'),
    throttleWriteBpsDevice: each(resources.deviceWriteBps, 'rate'),
    throttleReadIOPSDevice: each(resources.deviceReadIops, 'rate'),
    throttleWriteIOPSDevice: each(resources.deviceWriteIops, 'rate'),
  })
}

/** Only what was said; undefined when that is nothing. */
function said(fields: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined)
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}
