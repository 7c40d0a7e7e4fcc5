// From a record to a container that the OCI runtime has created, everything mounted, and that waits for its start. `start` and `init` share it.

import { existsSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { ContainerRecord } from '../model/container.js'
import { BusyError } from '../model/errors.js'
import type { CgroupPlace } from '../model/limits.js'
import { isLive } from '../model/status.js'
import { removeGroup } from '../platform/cgroups.js'
import { monitorProgram } from '../platform/host-facts.js'
import { usernsWords } from '../platform/userns.js'
import { launchMonitor, type MonitorHandle, type MonitorLaunch } from '../runtime/monitor.js'
import { planWords } from '../runtime/monitor-words.js'
import { passesStreams } from '../runtime/words-log.js'
import { eventLogPath } from '../state/event-logs.js'
import { eventTextPath } from '../state/event-text.js'
import { appendContainerEvent } from '../state/events.js'
import { containerDir, createRunDir, socketPath } from '../state/records.js'
import { listRuns, viewContainer } from '../state/views.js'
import { prepareRootfs, type Rootfs, settleOwnRootfs } from '../storage/rootfs.js'
import { shownMark } from '../storage/shown-trees.js'
import { type Bundle, writeBundle } from './bundle.js'
import { awaitMonitorEnd, clearRuntimeState } from './cleanup.js'
import { makeFiles, refuseLostVolumes } from './container-files.js'
import { fillVolumes } from './copy-up.js'
import type { Engine } from './engine.js'
import { noteGroups } from './leftover-groups.js'
import { placeContainer } from './limits-check.js'

/** Read from the rootfs as soon as it is mounted; in the order `writeBundle` expects. */
const ROOTFS_FILES = ['/etc/passwd', '/etc/group']

export interface LaunchOptions {
  /** Whoever launches it gets the output. */
  readonly attach: boolean
  /** Whoever launches it may leave before it is started. */
  readonly init: boolean
  /** Descriptors of ours, from 3 on, that the container gets. */
  readonly passFds?: readonly number[]
}

interface Launched {
  readonly handle: MonitorHandle
  readonly launch: Pick<MonitorLaunch, 'runDir' | 'command'>
}

/** A monitor with everything mounted and the container created by the runtime, waiting for its start. */
export async function createRuntime(store: Engine, record: ContainerRecord, options: LaunchOptions): Promise<Launched> {
  const { cgroup, rootfs, ...launch } = await prepareLaunch(store, record, options)
  const notifyDir = notifies(store, record) ? { notifyDir: path.join(launch.runDir, 'notify') } : {}
  const bundle: { written?: Bundle } = {}
  try {
    const handle = await launchMonitor({
      ...launch,
      configure: async ([passwd, group], monitorPid) => {
        if (record.plan.rootfs !== undefined) await settleOwnRootfs(store, record, rootfs)
        await fillVolumes(store, record, monitorPid)
        const needs = { userFiles: { passwd, group }, cgroup, monitorPid, ...notifyDir }
        bundle.written = await writeBundle(store, record, needs)
      },
    })
    bundle.written?.keepCompiledFilter()
    appendContainerEvent(store.paths, record, 'init')
    return { handle, launch }
  } catch (error) {
    rmSync(launch.runDir, { recursive: true, force: true })
    if (!(error instanceof BusyError)) removeGroup(cgroup) // else it is the other one's
    throw error
  }
}

/** Whether the container itself tells the service manager that starts it when it is ready. */
function notifies({ facts }: Engine, { plan }: ContainerRecord): boolean {
  return plan.sdnotify === 'container' && facts.env.NOTIFY_SOCKET !== undefined
}

/** Whatever must be on disk before the monitor starts, and the words it is given. */
async function prepareLaunch(
  store: Engine,
  record: ContainerRecord,
  { attach, init, passFds = [] }: LaunchOptions,
): Promise<Omit<MonitorLaunch, 'configure'> & { readonly cgroup: CgroupPlace; readonly rootfs: Rootfs }> {
  const { paths, facts, userns } = store
  const dir = containerDir(paths, record.id)
  const view = viewContainer(paths, record)
  if (isLive(view.status)) throw new BusyError(`start container: ${record.name}: it is already running`)
  await awaitMonitorEnd(view)
  await clearRuntimeState(store, record) // whatever a killed monitor left
  if (existsSync(shownMark(paths, record.id))) await (await import('./container-mount.js')).releaseMount(store, record)
  const cgroup = await placeContainer(store, record)
  noteGroups(store, record.id, cgroup)
  const lastRun = listRuns(path.join(dir, 'runs'))[0]
  if (lastRun === undefined) await makeFiles(store, record)
  else refuseLostVolumes(record)
  const rootfs = await prepareRootfs(store, record)
  const runDir = createRunDir(paths, record.id, (lastRun ?? 0) + 1)
  const { plan } = record
  const notifySocket = facts.env.NOTIFY_SOCKET
  const removal = record.removeOnExit
    ? [`remove_dir=${dir}`, `remove_to=${path.join(paths.trash, record.id)}`, `remove_names=${paths.names}`]
    : []
  const words = [
    `id=${record.id}`,
    `bundle=${dir}`,
    ...usernsWords(userns, paths.userns),
    ...rootfs.words,
    ...(record.removeOnExit && plan.storageDriver === 'overlay' ? ['volatile=1'] : []),
    `runtime=${plan.runtime}`,
    `runtime_root=${paths.runtimeRoot}`,
    `tty=${plan.process.tty ? 1 : 0}`,
    `stdin=${plan.process.openStdin ? 1 : 0}`,
    `attach=${attach ? 1 : 0}`,
    ...(init ? ['init=1'] : []),
    ...(passFds.length > 0 ? [`preserve_fds=${passFds.length}`] : []),
    `socket=${socketPath(store.paths, record.id)}`,
    `events=${eventLogPath(paths)}`,
    `event_file=${eventTextPath(dir)}`,
    ...planWords(plan, {
      id: record.id,
      name: record.name,
      dir,
      runDir,
      cgroup,
      ...(notifySocket === undefined ? {} : { notifySocket }),
    }),
    ...removal,
  ]
  return {
    cgroup,
    rootfs,
    program: monitorProgram(facts.env),
    runDir,
    words,
    read: ROOTFS_FILES,
    command: plan.process.args[0] ?? '',
    inherit: [...(passesStreams(plan) ? [0, 1, 2] : []), ...passFds],
  }
}
