// Namespaces and id mappings of config.json (runtime-spec config-linux.md). Pure.

import type { ContainerPlan } from '../model/container.js'
import type { OciHost } from './oci-host.js'

/** The outer seccomp profile of a nested container forbids sethostname. */
export function canSetHostname(host: OciHost): boolean {
  return host.usernsKind !== 'nested'
}

export function toNamespaces(plan: ContainerPlan, host: OciHost): { type: string }[] {
  const types = ['pid', 'ipc', 'mount', ...(canSetHostname(host) ? ['uts'] : []), 'cgroup']
  if (plan.network === 'none') types.push('network')
  if (needsOwnUserns(plan, host)) types.push('user')
  return types.map((type) => ({ type }))
}

/** With a single id, another user can only run where its number is the one that is mapped. */
function needsOwnUserns(plan: ContainerPlan, host: OciHost): boolean {
  return (
    plan.userns.mode === 'keep-id' || (host.usernsKind === 'single' && (host.user.uid !== 0 || host.user.gid !== 0))
  )
}

/** Container ids in terms of the engine's namespace, in which the caller is 0 and the subordinate ids follow. */
export function toIdMappings(plan: ContainerPlan, host: OciHost): Record<string, unknown> {
  if (!needsOwnUserns(plan, host)) return {}
  if (plan.userns.mode === 'keep-id') {
    return {
      uidMappings: keepIdMap(plan.userns.uid, host.idCount),
      gidMappings: keepIdMap(plan.userns.gid, host.idCount),
    }
  }
  return {
    uidMappings: [{ containerID: host.user.uid, hostID: 0, size: 1 }],
    gidMappings: [{ containerID: host.user.gid, hostID: 0, size: 1 }],
  }
}

/** own -> 0; 0..own-1 -> 1..own; above stay. The same as storage's layer mapping `keep:` makes on disk. */
export function keepIdMap(own: number, idCount: number): { containerID: number; hostID: number; size: number }[] {
  const below = Math.min(own, idCount - 1)
  return [
    { containerID: 0, hostID: 1, size: below },
    { containerID: own, hostID: 0, size: 1 },
    { containerID: own + 1, hostID: own + 1, size: idCount - own - 1 },
  ].filter(({ size }) => size > 0)
}
