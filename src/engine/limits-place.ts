// Decided -> where on this host: which groups a container gets at this start, and which of its limits cannot be kept in them. Pure.

import path from 'node:path'
import type { ContainerPlan } from '../model/container.js'
import { UsageError } from '../model/errors.js'
import {
  type Cgroup1,
  type CgroupPlace,
  DEFAULT_PIDS_LIMIT,
  type LimitNeed,
  limitNeeds,
  type Resources,
  withoutLimits,
} from '../model/limits.js'
import type { Cgroup1Home, Cgroup2Home, CgroupHome } from '../platform/cgroups.js'
import { toVersion1Values, VERSION1_HIERARCHIES } from '../runtime/cgroup1-values.js'

type LimitedPlan = Pick<ContainerPlan, 'resources' | 'cgroups' | 'cgroupParent'>
/** A device's `MAJOR:MINOR` by its path. */
export type DeviceNumbers = ReadonlyMap<string, string>

export interface Placed {
  readonly place: CgroupPlace
  /** Said, and not to be kept here. */
  readonly unmet: readonly LimitNeed[]
}

/** Throws UsageError for a parent that is none of the manager's kind. */
export function placeLimits(plan: LimitedPlan, home: CgroupHome, of: { id: string; devices: DeviceNumbers }): Placed {
  const unmet = limitNeeds(plan.resources).filter((need) => !canKeep(home, need))
  if (plan.cgroups === 'disabled') return { unmet, place: { manager: 'disabled', resources: {}, groups1: [] } }
  const resources = withDefaultPids(withoutLimits(plan.resources, unmet), home)
  switch (home.version) {
    case 0:
      return { unmet, place: { resources: {}, groups1: [] } }
    case 1:
      return { unmet, place: placeInVersion1(plan, home, { resources, ...of }) }
    case 2:
      return { unmet, place: placeInVersion2(plan, home, { resources, ...of }) }
  }
}

function canKeep(home: CgroupHome, need: LimitNeed): boolean {
  switch (home.version) {
    case 0:
      return false
    case 1:
      return need.field !== 'unified' && home.parents.has(need.controller)
    case 2:
      return need.onlyVersion1 !== true && (need.controller === 'cgroup' || home.controllers.has(need.controller))
  }
}

/** podman's default, where it costs nobody anything: no process of the user's is moved for it. */
function withDefaultPids(resources: Resources, home: CgroupHome): Resources {
  const isThere = home.version === 1 ? home.parents.has('pids') : home.version === 2 && home.ready.has('pids')
  const { pidsLimit, ...others } = resources
  if (pidsLimit === undefined) return isThere ? { ...resources, pidsLimit: DEFAULT_PIDS_LIMIT } : resources
  // no limit at all needs no controller, but a runtime that is told of it would want one
  const isNothing = pidsLimit === -1 && home.version === 2 && !home.controllers.has('pids')
  return isNothing ? others : resources
}

interface Placing {
  readonly resources: Resources
  readonly id: string
  readonly devices: DeviceNumbers
}

function placeInVersion2(plan: LimitedPlan, home: Cgroup2Home, { resources, id, devices }: Placing): CgroupPlace {
  const numbered = { resources, devices, groups1: [] }
  if (home.manager === 'systemd') {
    const slice = plan.cgroupParent ?? home.parent
    if (!slice.endsWith('.slice'))
      throw new UsageError(
        `create container: did not receive systemd slice as cgroup parent when using systemd to manage cgroups: ${slice}`,
      )
    return { ...numbered, manager: 'systemd', path: `${slice}:lichen:${id}` }
  }
  refuseSlice(plan.cgroupParent)
  return { ...numbered, manager: 'cgroupfs', path: path.join(home.parent, plan.cgroupParent ?? '', `lichen-${id}`) }
}

/** The runtime's own group is in version 2's hierarchy; version 1's are made by the monitor. */
function placeInVersion1(plan: LimitedPlan, home: Cgroup1Home, { resources, id, devices }: Placing): CgroupPlace {
  refuseSlice(plan.cgroupParent)
  const values = toVersion1Values(resources, devices)
  const groups = new Map<string, [string, string][]>()
  for (const [controller, use] of Object.entries(VERSION1_HIERARCHIES)) {
    const parent = home.parents.get(controller)
    const isUsed = use === 'always' || values.has(controller) || (use === 'freezer' && !home.hasCgroup2)
    if (parent === undefined || !isUsed) continue
    const dir = path.join(parent, plan.cgroupParent ?? '', `lichen-${id}`)
    groups.set(dir, [...(groups.get(dir) ?? []), ...(values.get(controller) ?? [])]) // hierarchies of two controllers are one
  }
  const groups1: Cgroup1[] = [...groups].map(([dir, written]) => ({ dir, values: written }))
  const parent = plan.cgroupParent
  const own = parent === undefined ? {} : { path: path.join('/', parent, `lichen-${id}`) }
  return { ...own, resources: {}, devices, groups1 }
}

function refuseSlice(parent: string | undefined): void {
  if (parent?.endsWith('.slice') !== true) return
  throw new UsageError(`create container: systemd slice received as cgroup parent when using cgroupfs: ${parent}`, {
    hint: 'use --cgroup-manager systemd, or name a path like /group',
  })
}
