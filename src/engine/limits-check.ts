// What the host makes of a container's limits: where its groups go at this start, and an answer for those that nobody here can keep.

import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import type { ContainerPlan } from '../model/container.js'
import { errorCode, HostError, NotFoundError, UsageError } from '../model/errors.js'
import { type CgroupPlace, limitNeeds, type Resources, withoutLimits } from '../model/limits.js'
import { type Cgroup2Home, type CgroupHome, findCgroupHome, makeRoom } from '../platform/cgroups.js'
import type { Engine } from './engine.js'
import { placeLimits } from './limits-place.js'
import { cannotSplit, limitsUnmet, unmetText } from './limits-unmet.js'

type LimitedPlan = Pick<ContainerPlan, 'resources' | 'cgroups' | 'cgroupParent' | 'limits'>

/**
 * Before anything of the container is written. Throws HostError for a limit that cannot be kept here, unless that is to be taken as it comes: then one
 * warning. Returns those that can be. Reads nothing where nothing was asked for.
 */
export async function checkLimits(store: Engine, plan: LimitedPlan): Promise<Resources> {
  const isAsked = Object.keys(plan.resources).length > 0 || plan.cgroupParent !== undefined || plan.cgroups === 'split'
  if (!isAsked) return plan.resources
  checkCpus(plan.resources)
  const home = findHome(store, plan)
  if (plan.cgroups === 'split' && home.version !== 2) throw cannotSplit(home)
  const { unmet } = placeLimits(plan, home, { id: '', devices: findDevices(plan.resources) })
  if (unmet.length === 0) return plan.resources
  if (!(await isBestEffort(store, plan))) throw limitsUnmet(home, unmet)
  store.report.onNote(`Warning: not limited: ${unmetText(home, unmet)}`)
  return withoutLimits(plan.resources, unmet)
}

/** At each start, which may be in another session than the one before. Makes room for the group where there is none. */
export async function placeContainer(
  store: Engine,
  { id, plan }: { readonly id: string; readonly plan: LimitedPlan },
): Promise<CgroupPlace> {
  const home = findHome(store, plan)
  const { place, unmet } = placeLimits(plan, home, { id, devices: findDevices(plan.resources) })
  if (unmet.length > 0 && !(await isBestEffort(store, plan))) throw limitsUnmet(home, unmet)
  if (home.version === 2 && home.manager === 'cgroupfs' && plan.cgroups !== 'disabled') {
    const needed = neededControllers(place.resources)
    const isSplit = plan.cgroups === 'split'
    const parent = path.join(home.mount, home.parent)
    if (needed.length > 0 || isSplit) makeRoom(parent, needed, isSplit)
    else if (!hasRoom(home, parent)) return NO_GROUP
  }
  return place
}

const NO_GROUP: CgroupPlace = { manager: 'disabled', resources: {}, groups1: [] }

/**
 * The runtime gives a new group every controller there is, and tries for two seconds where processes stand in the way. Where they cannot be moved
 * the container goes without a group: nothing was asked for.
 */
function hasRoom({ controllers, ready }: Cgroup2Home, parent: string): boolean {
  const missing = [...controllers].filter((name) => !ready.has(name))
  try {
    if (missing.length > 0) makeRoom(parent, missing)
    return true
  } catch (error) {
    if (error instanceof HostError) return false
    throw error
  }
}

export function findHome(store: Engine, { cgroups }: Pick<ContainerPlan, 'cgroups'>): CgroupHome {
  const { facts, userns, cgroupManager } = store
  if (cgroupManager === 'disabled') return { version: 0, because: 'disabled' }
  return findCgroupHome({ facts, isRoot: userns.kind === 'none', manager: cgroupManager, split: cgroups === 'split' })
}

/** The setting is only read where it decides something. */
export async function isBestEffort(store: Engine, plan: Pick<ContainerPlan, 'limits'>): Promise<boolean> {
  if (plan.limits === 'best-effort') return true
  const { readSettings } = await import('../platform/settings.js')
  return readSettings(store.facts).limits === 'best-effort'
}

/** `MAJOR:MINOR` of every device that is limited. Throws NotFoundError, UsageError for what is no device. */
export function findDevices(resources: Resources): Map<string, string> {
  const { blkioWeightDevice, deviceReadBps, deviceWriteBps, deviceReadIops, deviceWriteIops } = resources
  const limits = [blkioWeightDevice, deviceReadBps, deviceWriteBps, deviceReadIops, deviceWriteIops]
  return new Map(limits.flatMap((each) => each ?? []).map(({ path: file }) => [file, deviceNumber(file)]))
}

function deviceNumber(file: string): string {
  try {
    const stat = statSync(file)
    if (!stat.isBlockDevice() && !stat.isCharacterDevice())
      throw new UsageError(`limit container: ${file}: not a device`)
    const { rdev } = stat // makedev(3): twelve bits of major, eight of minor, the rest of both above
    return `${Math.trunc(rdev / 256) & 0xfff}:${(rdev & 0xff) | (Math.trunc(rdev / 4096) & 0xfff00)}`
  } catch (cause) {
    if (errorCode(cause) !== 'ENOENT') throw cause
    throw new NotFoundError(`limit container: could not parse throttle device at ${file}: no such file or directory`, {
      cause,
    })
  }
}

/** The processors and memory nodes that are there at all. */
function checkCpus({ cpusetCpus, cpusetMems }: Resources): void {
  checkList('CPUs', cpusetCpus, '/sys/devices/system/cpu/online')
  checkList('memory nodes', cpusetMems, '/sys/devices/system/node/online')
}

function checkList(what: string, wanted: string | undefined, file: string): void {
  if (wanted === undefined) return
  const online = readFileSync(file, 'utf8').trim()
  const there = new Set(expandList(online))
  if (expandList(wanted).every((number) => there.has(number))) return
  throw new HostError(
    `limit container: requested ${what} are not available - requested ${wanted}, available: ${online}`,
  )
}

/** `0-2,4` → 0 1 2 4. Not expanded beyond what a kernel can have. */
function expandList(list: string): number[] {
  return list.split(',').flatMap((part) => {
    const [first = 0, last = first] = part.split('-').map(Number)
    return Array.from({ length: Math.min(last - first + 1, 8192) }, (_, at) => first + at)
  })
}

function neededControllers(resources: Resources): string[] {
  const needs = limitNeeds(resources).map(({ controller }) => controller)
  return [...new Set(needs)].filter((controller) => controller !== 'cgroup')
}
