// The one clean-up (DESIGN, invariant 3): settles a container that has ended, however it ended. Idempotent; "already gone" is success.
// Normally the monitor has done all of it; what a killed monitor left is found by the next command that touches the container.

import { rmSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ContainerRecord, ContainerView } from '../model/container.js'
import { isSameProcess } from '../platform/process-table.js'
import type { Store } from '../platform/store.js'
import { releaseName } from '../state/names.js'
import { containerDir } from '../state/records.js'
import { viewContainer } from '../state/views.js'
import { removeTree } from '../storage/trash.js'
import { removeVolume } from '../storage/volumes.js'

/** A slow reader of the last output can keep a monitor longer; its container is then removed around it. */
const MONITOR_END_MS = 10_000

/** Views a container and settles it first if its monitor could not. Undefined: it was to be removed at its end, and now is. */
export async function settleContainer(store: Store, record: ContainerRecord): Promise<ContainerView | undefined> {
  const view = viewContainer(store.paths, record)
  if (view.status !== 'exited' || view.monitorAlive) return view
  if (view.exit === undefined) clearRuntimeState(store, record.id)
  if (!record.removeOnExit) return view
  await dropContainer(store, record, { removeVolumes: true })
  return undefined
}

/** A monitor that has told the exit still deletes the runtime's state, the cgroup and the mounts: that is its work, not to be done beside it. */
export async function awaitMonitorEnd({ monitor }: ContainerView): Promise<void> {
  if (monitor === undefined) return
  for (const deadline = Date.now() + MONITOR_END_MS; Date.now() < deadline; await sleep(5)) {
    if (!isSameProcess(monitor.monitorPid, monitor.monitorStart)) return
  }
}

/** The OCI runtime's state and the socket of a container whose monitor is gone. Nothing of it may be alive. */
export function clearRuntimeState(store: Store, id: string): void {
  rmSync(path.join(store.paths.runtimeRoot, id), { recursive: true, force: true })
  rmSync(path.join(store.paths.sockets, id), { force: true })
}

/** Takes a container that does not run off the disk: first out of sight by one rename, then its name, its files, its volumes. */
export async function dropContainer(
  store: Store,
  record: ContainerRecord,
  options: { readonly removeVolumes: boolean },
): Promise<void> {
  clearRuntimeState(store, record.id)
  await removeTree(store, containerDir(store.paths, record.id))
  releaseName(store.paths, record.name, record.id)
  if (!options.removeVolumes) return
  for (const { anonymous, volumeName } of record.plan.mounts) {
    if (anonymous === true && volumeName !== undefined) await removeVolume(store, volumeName)
  }
}
