// Namespaces, id mappings and kernel parameters of config.json (runtime-spec config-linux.md). Pure.

import type { ContainerPlan } from '../model/container.js'
import type { IdMapping } from '../model/isolation.js'
import type { NamespaceKind, OciHost } from './oci-host.js'

/** The outer seccomp profile of a nested container forbids sethostname. */
export function canSetHostname(plan: ContainerPlan, host: OciHost): boolean {
  return host.usernsKind !== 'nested' && plan.namespaces.uts === 'private'
}

/** Whose namespace of a kind the container is in: one of its own, the host's, or the one at a path. */
export type Whose = 'own' | 'host' | { readonly path: string }

export function whoseNamespace(plan: ContainerPlan, host: OciHost, kind: NamespaceKind): Whose {
  const mode = { ...plan.namespaces, network: plan.network, user: plan.usernsOf ?? ownUserns(plan, host) }[kind]
  if (mode === 'host') return 'host'
  if (mode !== 'private' && mode !== 'shareable' && mode !== 'none') {
    const path = host.joined[kind]
    return path === undefined ? 'host' : { path }
  }
  return kind === 'uts' && host.usernsKind === 'nested' ? 'host' : 'own'
}

export function toNamespaces(plan: ContainerPlan, host: OciHost): { type: string; path?: string }[] {
  const kinds: NamespaceKind[] = ['pid', 'ipc', 'uts', 'cgroup', 'network', 'user']
  return [
    { type: 'mount' },
    ...kinds.flatMap((type) => {
      const whose = whoseNamespace(plan, host, type)
      if (whose === 'host') return []
      return [whose === 'own' ? { type } : { type, path: whose.path }]
    }),
  ]
}

function ownUserns(plan: ContainerPlan, host: OciHost): 'private' | 'host' {
  return plan.userns.mode !== 'shared' || needsOwnNumber(host) ? 'private' : 'host'
}

/** With a single id, another user can only run where its number is the one that is mapped. */
function needsOwnNumber({ usernsKind, user }: OciHost): boolean {
  return usernsKind === 'single' && (user.uid !== 0 || user.gid !== 0)
}

/** Container ids in terms of the engine's namespace, in which the caller is 0 and the subordinate ids follow. */
export function toIdMappings(plan: ContainerPlan, host: OciHost): Record<string, unknown> {
  if (whoseNamespace(plan, host, 'user') !== 'own') return {}
  const { userns } = plan
  if (userns.mode === 'keep-id') {
    const { uid, gid, size } = userns
    return {
      uidMappings: limitMap(keepIdMap(uid, host.idCount), size),
      gidMappings: limitMap(keepIdMap(gid, host.idCount), size),
    }
  }
  if (userns.mode === 'mapped')
    return { uidMappings: userns.uidMap.map(spoken), gidMappings: userns.gidMap.map(spoken) }
  return {
    uidMappings: [{ containerID: host.user.uid, hostID: 0, size: 1 }],
    gidMappings: [{ containerID: host.user.gid, hostID: 0, size: 1 }],
  }
}

interface SpokenMapping {
  readonly containerID: number
  readonly hostID: number
  readonly size: number
}

const spoken = ({ containerId, parentId, count }: IdMapping): SpokenMapping => ({
  containerID: containerId,
  hostID: parentId,
  size: count,
})

/** own -> 0; 0..own-1 -> 1..own; above stay. The same as storage's layer mapping `keep:` makes on disk. */
export function keepIdMap(own: number, idCount: number): SpokenMapping[] {
  const below = Math.min(own, idCount - 1)
  return [
    { containerID: 0, hostID: 1, size: below },
    { containerID: own, hostID: 0, size: 1 },
    { containerID: own + 1, hostID: own + 1, size: idCount - own - 1 },
  ].filter(({ size }) => size > 0)
}

/** Container ids below `end` only. */
function limitMap(map: readonly SpokenMapping[], end = Number.POSITIVE_INFINITY): SpokenMapping[] {
  return map
    .map((range) => ({ ...range, size: Math.min(range.size, end - range.containerID) }))
    .filter(({ size }) => size > 0)
}
