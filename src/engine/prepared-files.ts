// What must be done for a container's files before its config.json can be written; whether there is anything to do is told without doing it.

import type { ContainerPlan } from '../model/container.js'
import type { PlannedMount } from '../model/mounts.js'
import type { OciHost } from '../runtime/oci-host.js'

export type PreparedFiles = Pick<OciHost, 'devices' | 'readyMounts' | 'secretFiles' | 'secretEnv'>

export const NOTHING_PREPARED: PreparedFiles = { devices: [], readyMounts: new Map(), secretFiles: [], secretEnv: [] }

export function needsPreparing({ mounts, devices, secrets }: ContainerPlan): boolean {
  return devices.length + secrets.length > 0 || mounts.some(isUnready)
}

/** An anonymous or plain named volume has a record that may say more than the plan. */
function isUnready({ kind, fileName, options }: PlannedMount): boolean {
  return kind === 'overlay' || kind === 'image' || kind === 'volume' || fileName !== undefined || options.includes('U')
}
