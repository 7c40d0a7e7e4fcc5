// `update`: other limits for a container, at once where it runs and from its next start on.

import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { ContainerPlan, ContainerRecord, ContainerView } from '../model/container.js'
import { ConflictError, HostError } from '../model/errors.js'
import type { RestartPolicy } from '../model/lifecycle.js'
import { limitNeeds, type Resources } from '../model/limits.js'
import { isUp } from '../model/status.js'
import { findVersion1Group, makeRoom, readWords } from '../platform/cgroups.js'
import { readFileIfExists, writeFileAtomic } from '../platform/files.js'
import { findGroup } from '../platform/freezer.js'
import { tryProgram } from '../platform/monitor-tools.js'
import type { Store } from '../platform/store.js'
import { toVersion1Values } from '../runtime/cgroup1-values.js'
import { enterNamespaces } from '../runtime/enter.js'
import { toOciResources } from '../runtime/oci-resources.js'
import { changeRecord } from '../state/change-record.js'
import { appendContainerEvent } from '../state/events.js'
import type { Engine } from './engine.js'
import { findContainer, type RunningView } from './find.js'
import { forgoRestart } from './kill.js'
import { checkLimits, findDevices } from './limits-check.js'
import { completeResources } from './plan-limits.js'

export interface UpdateRequest {
  readonly resources: Resources
  readonly restart?: RestartPolicy
}

/** Returns the id. Nothing is stored when the running container does not take it. Throws UsageError, HostError, ConflictError. */
export async function updateContainer(store: Engine, name: string, request: UpdateRequest): Promise<string> {
  const view = await findContainer(store, name)
  const { record } = view
  const resources = mergeResources(record.plan.resources, request.resources)
  const changed: Resources = { ...request.resources, ...swapOf(resources, request.resources) }
  if (Object.keys(changed).length > 0) {
    const kept = await checkLimits(store, { ...record.plan, resources: changed })
    if (isUp(view.status) && view.monitor !== undefined)
      await applyLimits(store, { ...view, monitor: view.monitor }, kept)
  }
  if (request.restart !== undefined) await applyRestart(store, view, request.restart)
  await changeRecord(store.paths, record.id, (now) => withUpdate(now, request))
  appendContainerEvent(store.paths, record, 'update')
  return record.id
}

function withUpdate(record: ContainerRecord, { resources, restart }: UpdateRequest): ContainerRecord {
  const plan: ContainerPlan = {
    ...record.plan,
    resources: mergeResources(record.plan.resources, resources),
    ...(restart === undefined ? {} : { restart }),
  }
  return { ...record, plan }
}

/** Swap that was not said goes with the memory that is. */
export function mergeResources(before: Resources, said: Resources): Resources {
  const { memorySwapBytes: _stale, ...others } = before
  return completeResources(said.memoryBytes === undefined ? { ...before, ...said } : { ...others, ...said })
}

const swapOf = ({ memorySwapBytes }: Resources, said: Resources): Resources =>
  said.memoryBytes === undefined || memorySwapBytes === undefined ? {} : { memorySwapBytes }

async function applyLimits(store: Store, view: RunningView, changed: Resources): Promise<void> {
  const devices = findDevices(changed)
  const group = view.monitor.cgroup === undefined ? undefined : findGroup(view.monitor)
  const version1 = toVersion1Values(changed, devices)
  const controllers = [...new Set(limitNeeds(changed).map(({ controller }) => controller))]
  const dirs = new Map(
    controllers.flatMap((name) => {
      const dir = findVersion1Group(view.monitor.containerPid, name === 'io' ? 'blkio' : name)
      return dir === undefined ? [] : [[name, dir]]
    }),
  )
  const missing = controllers.filter((name) => !dirs.has(name))
  if (missing.length === 0) {
    for (const [name, dir] of dirs) writeValues(dir, orderMemory(dir, version1.get(name) ?? []))
    return
  }
  if (group === undefined) throw noGroup(view, missing)
  enableControllers(view, group, missing)
  await runUpdate(store, view, toOciResources({ resources: changed, devices, groups1: [] }))
}

function noGroup({ record }: ContainerView, missing: readonly string[]): ConflictError {
  return new ConflictError(
    `update container: ${record.name}: it was started without a group of the ${missing.join(', ')} controller`,
    {
      hint: `stop it, update it, start it: what is limited from the start can be changed while it runs`,
    },
  )
}

function enableControllers({ record }: ContainerView, group: string, needed: readonly string[]): void {
  const parent = path.dirname(group)
  const has = readWords(path.join(group, 'cgroup.controllers'))
  const missing = needed.filter((name) => name !== 'cgroup' && !has.has(name))
  if (missing.length === 0) return
  const possible = readWords(path.join(parent, 'cgroup.controllers'))
  const never = missing.filter((name) => !possible.has(name))
  if (never.length > 0)
    throw new HostError(`update container: ${record.name}: the ${never.join(', ')} controller is not delegated to you`)
  makeRoom(parent, missing)
}

/** A limit of memory and swap may never be below that of memory: what grows is written first. */
function orderMemory(
  dir: string,
  values: readonly (readonly [string, string])[],
): readonly (readonly [string, string])[] {
  const swap = values.find(([file]) => file === 'memory.memsw.limit_in_bytes')
  if (swap === undefined) return values
  const now = Number(readFileIfExists(path.join(dir, swap[0])))
  const grows = Number(swap[1]) < 0 || Number(swap[1]) > now
  return grows ? [swap, ...values.filter((each) => each !== swap)] : values
}

function writeValues(dir: string, values: readonly (readonly [string, string])[]): void {
  for (const [file, value] of values) {
    try {
      writeFileSync(path.join(dir, file), value)
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new HostError(`update container: ${path.join(dir, file)}: ${value}: ${why}`, { cause })
    }
  }
}

/** The runtime knows how version 2 says it. */
async function runUpdate(store: Store, view: RunningView, resources: Record<string, unknown>): Promise<void> {
  const { record, runDir = '' } = view
  const file = path.join(runDir, 'update.json')
  writeFileAtomic(file, JSON.stringify(resources), { durable: false })
  try {
    const runtime = [record.plan.runtime, '--root', store.paths.runtimeRoot, 'update', '--resources', file, record.id]
    const { code, stderr } = await tryProgram([...enterNamespaces(store, view), ...runtime])
    if (code !== 0) throw new HostError(`update container: ${record.name}: ${stderr.trim().split('\n').at(-1)}`)
  } finally {
    rmSync(file, { force: true })
  }
}

/** A monitor can be told to stop restarting; another policy it gets at the next start. */
async function applyRestart(store: Engine, view: ContainerView, restart: RestartPolicy): Promise<void> {
  if (!view.monitorAlive) return
  if (restart.name !== 'no') {
    store.report.onNote('Warning: --restart: the new policy is in force from the next start of the container on')
    return
  }
  await forgoRestart(store, view)
}
