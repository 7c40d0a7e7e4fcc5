// The one clean-up (DESIGN, invariant 3): settles a container that has ended, however it ended. Idempotent; "already gone" is success.
// Normally the monitor has done all of it; what a killed monitor left is found by the next command that touches the container.

import { existsSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ContainerRecord, ContainerView } from '../model/container.js'
import { isLive } from '../model/status.js'
import { readJson } from '../platform/files.js'
import { isHeldByFlock, withLock } from '../platform/lock.js'
import { isSameProcess } from '../platform/process-table.js'
import type { Store } from '../platform/store.js'
import { deleteRuntimeState, hasRuntimeState } from '../runtime/leftover-state.js'
import { appendContainerEvent, appendVolumeEvent } from '../state/events.js'
import { readNameFile, releaseName } from '../state/names.js'
import { containerDir, socketPath } from '../state/records.js'
import { listRuns, viewContainer } from '../state/views.js'
import { hideTree, shownMark } from '../storage/shown-trees.js'
import { removeMoved, takeAway } from '../storage/trash.js'
import { removeVolume } from '../storage/volumes.js'
import { clearGroups, hasGroups, listNoted } from './leftover-groups.js'

/** A slow reader of the last output can keep a monitor longer; its container is then removed around it. */
const MONITOR_END_MS = 10_000

/** Views a container and settles it first if its monitor could not. Undefined: it was to be removed at its end, and now is. */
export async function settleContainer(store: Store, record: ContainerRecord): Promise<ContainerView | undefined> {
  const view = viewContainer(store.paths, record)
  if (isLive(view.status) || view.monitorAlive) return view
  await clearRuntimeState(store, record)
  if (!record.removeOnExit || view.status === 'created') return view
  if (await dropContainer(store, record, { removeVolumes: true })) appendContainerEvent(store.paths, record, 'remove')
  return undefined
}

/** A monitor that has told the exit still deletes the runtime's state, the cgroup and the mounts: that is its work, not to be done beside it. */
export async function awaitMonitorEnd({ monitor, monitorAlive }: ContainerView): Promise<void> {
  if (monitor === undefined || !monitorAlive) return
  for (const deadline = Date.now() + MONITOR_END_MS; Date.now() < deadline; await sleep(5)) {
    if (!isSameProcess(monitor.monitorPid, monitor.monitorStart)) return
  }
}

/** What the OCI runtime and a killed monitor left of a container. Nothing is done beside a monitor, which would do it itself. */
export async function clearRuntimeState(store: Store, record: ContainerRecord): Promise<void> {
  const dir = containerDir(store.paths, record.id)
  await clearLeftover(store, { dir, id: record.id, runtime: record.plan.runtime })
}

/** Of containers whose directory is gone already: their monitor, or the runtime under it, was killed on the last steps of --rm. */
export async function clearOrphans(store: Store): Promise<void> {
  for (const id of new Set([...readdirSync(store.paths.runtimeRoot), ...listNoted(store)])) {
    if (existsSync(containerDir(store.paths, id))) continue
    const dir = path.join(store.paths.trash, id)
    const record = readJson<ContainerRecord>(path.join(dir, 'record.json'))
    await clearLeftover(store, { dir, id, runtime: record?.plan.runtime ?? 'crun' })
  }
}

export interface Leftover {
  /** The container's directory, wherever it lies now. */
  readonly dir: string
  readonly id: string
  readonly runtime: string
}

/** Kills what waits or runs without a monitor. */
export async function clearLeftover(store: Store, { dir, id, runtime }: Leftover): Promise<void> {
  if ((!hasRuntimeState(store, id) && !hasGroups(store, id, dir)) || isHeldByFlock(dir)) return
  const socket = socketPath(store.paths, id)
  // a monitor locks the directory before it makes any state, and its starter has been through here: none can come in between
  await withLock(socket, async () => {
    if (isHeldByFlock(dir)) return
    if (hasRuntimeState(store, id)) await deleteState(store, { dir, id, runtime })
    clearGroups(store, id, dir)
    rmSync(socket, { force: true })
  })
}

async function deleteState(store: Store, { dir, id, runtime }: Leftover): Promise<void> {
  const newest = listRuns(path.join(dir, 'runs'))[0]
  const runDir = newest === undefined ? {} : { runDir: path.join(dir, 'runs', String(newest)) }
  await deleteRuntimeState(store, { id, runtime, ...runDir })
}

/**
 * Takes a container that does not run off the disk: first out of sight by one rename, then its name, its files, its volumes. False: somebody
 * else, perhaps its monitor, has taken it, and told of it.
 */
export async function dropContainer(
  store: Store,
  record: ContainerRecord,
  options: { readonly removeVolumes: boolean },
): Promise<boolean> {
  await clearRuntimeState(store, record)
  const nameNow = readNameFile(store.paths, record.id) // it may have been renamed since the record was read
  const dir = containerDir(store.paths, record.id)
  if (existsSync(shownMark(store.paths, record.id))) await hideTree(store, record.id, { force: true })
  const place = takeAway(store, dir)
  const wasThere = place !== dir || existsSync(dir)
  await removeMoved(store, [place])
  for (const name of new Set([record.name, nameNow ?? record.name])) releaseName(store.paths, name, record.id)
  if (!options.removeVolumes) return wasThere
  for (const { anonymous, volumeName } of record.plan.mounts) {
    if (anonymous !== true || volumeName === undefined) continue
    if (await removeVolume(store, volumeName)) appendVolumeEvent(store.paths, 'remove', volumeName)
  }
  return wasThere
}
