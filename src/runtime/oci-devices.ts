// Devices of config.json (runtime-spec config-linux.md, Devices): made by the runtime where we are root, bound from the host where we are not. Pure.

import type { ContainerPlan } from '../model/container.js'
import type { DeviceRulePlan } from '../model/devices.js'
import type { HostDevice, OciHost } from './oci-host.js'
import type { OciMount } from './oci-mounts.js'

/** Only root may make device nodes; whoever else is given the host's own. */
const canMakeNodes = (host: OciHost): boolean => host.usernsKind === 'none'

/** linux.devices. */
export function toDevices(host: OciHost): Record<string, unknown>[] {
  if (!canMakeNodes(host)) return []
  return host.devices.map(({ containerPath, type, major, minor, fileMode, uid, gid }) => ({
    path: containerPath,
    type,
    major,
    minor,
    fileMode,
    uid,
    gid,
  }))
}

export function toDeviceMounts(host: OciHost): OciMount[] {
  const bound = host.hostDevices.map((device) => ({ hostPath: device, containerPath: device }))
  const given = canMakeNodes(host) ? [] : host.devices
  return [...bound, ...given].map(({ hostPath, containerPath }) => ({
    destination: containerPath,
    type: 'bind',
    source: hostPath,
    options: ['bind', 'rprivate', 'nosuid', 'noexec'],
  }))
}

/** linux.resources.devices; undefined: everything is allowed. The runtime itself adds the devices that every container has. */
export function toDeviceRules(plan: ContainerPlan, host: OciHost): Record<string, unknown>[] | undefined {
  if (!host.filterDevices || plan.privileged) return undefined
  return [{ allow: false, access: 'rwm' }, ...host.devices.map(toRule), ...plan.deviceRules.map(toRule)]
}

function toRule({ type, major, minor, access }: DeviceRulePlan | HostDevice): Record<string, unknown> {
  const numbers = { ...(major === undefined ? {} : { major }), ...(minor === undefined ? {} : { minor }) }
  return { allow: true, type, ...numbers, access }
}
