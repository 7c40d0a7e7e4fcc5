// The `resources` of config.json: limits and the device filter (runtime-spec config-linux.md, Control groups). Pure.

import type { ContainerPlan } from '../model/container.js'
import type { OciHost } from './oci-host.js'

/** Undefined: nothing is limited. */
export function toResources(plan: ContainerPlan, host: OciHost): Record<string, unknown> | undefined {
  return host.filterDevices && !plan.privileged ? { devices: [{ allow: false, access: 'rwm' }] } : undefined
}
