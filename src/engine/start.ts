// `start`: from a record to a container that is created and waits for its start. `run`, `start` and `start -a` share it.

import { existsSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { ContainerRecord } from '../model/container.js'
import type { AttachOutcome } from '../model/container-io.js'
import { ConflictError, errorCode } from '../model/errors.js'
import type { CgroupPlace } from '../model/limits.js'
import { isLive } from '../model/status.js'
import { removeGroup } from '../platform/cgroups.js'
import { monitorProgram } from '../platform/host-facts.js'
import { usernsWords } from '../platform/userns.js'
import { sendWindowSize } from '../runtime/attach.js'
import { launchMonitor, type MonitorHandle, type MonitorLaunch, startMonitored } from '../runtime/monitor.js'
import { planWords } from '../runtime/monitor-words.js'
import { passesStreams } from '../runtime/words-log.js'
import { eventTextPath } from '../state/event-text.js'
import { appendContainerEvent, eventLogPath } from '../state/events.js'
import { containerDir, createRunDir, socketPath } from '../state/records.js'
import { listRuns, viewContainer } from '../state/views.js'
import { prepareRootfs, type Rootfs, settleOwnRootfs } from '../storage/rootfs.js'
import { shownMark } from '../storage/shown-trees.js'
import { attachContainer } from './attach.js'
import { type Bundle, writeBundle } from './bundle.js'
import { awaitMonitorEnd, clearRuntimeState } from './cleanup.js'
import { makeFiles, refuseLostVolumes } from './container-files.js'
import { fillVolumes } from './copy-up.js'
import { startDependencies } from './dependencies.js'
import type { Engine } from './engine.js'
import { findContainer } from './find.js'
import { noteGroups } from './leftover-groups.js'
import { placeContainer } from './limits-check.js'
import { exitCodeOf } from './outcome.js'
import { type SessionRequest, serveSession } from './session.js'

/** Read from the rootfs as soon as it is mounted; in the order `writeBundle` expects. */
const ROOTFS_FILES = ['/etc/passwd', '/etc/group']

/**
 * Starts the container and, with a session, serves it until it ends or the user detaches. Throws ConflictError when it already runs; on every
 * failure the container is as it was before, and nothing is mounted or running.
 */
export async function startRecord(
  store: Engine,
  record: ContainerRecord,
  session?: SessionRequest,
  passFds: readonly number[] = [],
): Promise<AttachOutcome> {
  return await unlessRemoved(store, record, async () => {
    await startDependencies(store, record, (needed) => startRecord(store, needed))
    return await startOnce(store, record, passFds, session)
  })
}

/** Another process may remove the container at any step of a start, and its directory with it: then that is the error, whatever failed. */
export async function unlessRemoved<T>(store: Engine, record: ContainerRecord, start: () => Promise<T>): Promise<T> {
  try {
    return await start()
  } catch (cause) {
    if (errorCode(cause) !== 'ENOENT' || existsSync(containerDir(store.paths, record.id))) throw cause
    throw new ConflictError(`start container: ${record.name}: it was removed by another process`, { cause })
  }
}

async function startOnce(
  store: Engine,
  record: ContainerRecord,
  passFds: readonly number[],
  session?: SessionRequest,
): Promise<AttachOutcome> {
  const options = { attach: session !== undefined, init: false, passFds }
  const { handle, launch } = await createRuntime(store, record, options)
  try {
    if (session !== undefined) {
      sendWindowSize(handle.connection, session.io)
      appendContainerEvent(store.paths, record, 'attach') // before the start: its end may come at once
    }
    await startMonitored(handle, launch)
  } catch (error) {
    rmSync(launch.runDir, { recursive: true, force: true })
    throw error
  }
  if (session !== undefined) return await serveSession(store, record, handle.connection, session)
  handle.connection.close()
  return { kind: 'detached' }
}

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
    removeGroup(cgroup)
    throw error
  }
}

/** Whether the container itself tells the service manager that starts it when it is ready. */
function notifies({ facts }: Engine, { plan }: ContainerRecord): boolean {
  return plan.sdnotify === 'container' && facts.env.NOTIFY_SOCKET !== undefined
}

/** `start NAME`: a container that already runs is no error. Returns the id. */
export async function startContainer(store: Engine, name: string): Promise<string> {
  const view = await findContainer(store, name)
  const { record, status } = view
  if (status === 'initialized') await (await import('./init.js')).startInitialized(store, view)
  else if (!isLive(status)) await startRecord(store, record)
  return record.id
}

/** `start --attach NAME`: its exit code, or undefined when the user detached. One that already runs is attached to as it is. */
export async function startAttached(store: Engine, name: string, request: SessionRequest): Promise<number | undefined> {
  const view = await findContainer(store, name)
  const { record, status } = view
  if (status === 'initialized')
    return exitCodeOf(store, record, await (await import('./init.js')).startInitialized(store, view, request))
  if (isLive(status)) return await attachContainer(store, name, request)
  return exitCodeOf(store, record, await startRecord(store, record, request))
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
  if (isLive(view.status)) throw new ConflictError(`start container: ${record.name}: it is already running`)
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
