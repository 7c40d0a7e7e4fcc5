// `start`: from a record to a container that is created and waits for its start. `run`, `start` and `start -a` share it.

import { existsSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { ContainerRecord } from '../model/container.js'
import type { AttachOutcome } from '../model/container-io.js'
import { ConflictError, errorCode } from '../model/errors.js'
import { isLive } from '../model/status.js'
import { monitorProgram } from '../platform/host-facts.js'
import { usernsWords } from '../platform/userns.js'
import { sendWindowSize } from '../runtime/attach.js'
import { launchMonitor, type MonitorHandle, type MonitorLaunch, startMonitored } from '../runtime/monitor.js'
import { planWords } from '../runtime/monitor-words.js'
import { containerDir, createRunDir, socketPath } from '../state/records.js'
import { listRuns, viewContainer } from '../state/views.js'
import { prepareRootfs } from '../storage/rootfs.js'
import { attachContainer } from './attach.js'
import { type Bundle, writeBundle } from './bundle.js'
import { awaitMonitorEnd, clearRuntimeState } from './cleanup.js'
import { fillVolumes } from './copy-up.js'
import type { Engine } from './engine.js'
import { findContainer } from './find.js'
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
): Promise<AttachOutcome> {
  try {
    return await startOnce(store, record, session)
  } catch (cause) {
    if (errorCode(cause) !== 'ENOENT' || existsSync(containerDir(store.paths, record.id))) throw cause
    throw new ConflictError(`start container: ${record.name}: it was removed by another process`, { cause })
  }
}

async function startOnce(store: Engine, record: ContainerRecord, session?: SessionRequest): Promise<AttachOutcome> {
  const launch = await prepareLaunch(store, record, session !== undefined)
  const bundle: { written?: Bundle } = {}
  let handle: MonitorHandle
  try {
    handle = await launchMonitor({
      ...launch,
      configure: async ([passwd, group], monitorPid) => {
        await fillVolumes(store, record, monitorPid)
        bundle.written = writeBundle(store, record, { passwd, group })
      },
    })
    bundle.written?.keepCompiledFilter()
    if (session !== undefined) sendWindowSize(handle.connection, session.io)
    await startMonitored(handle, launch)
  } catch (error) {
    rmSync(launch.runDir, { recursive: true, force: true })
    throw error
  }
  if (session !== undefined) return await serveSession(store, record, handle.connection, session)
  handle.connection.close()
  return { kind: 'detached' }
}

/** `start NAME`: a container that already runs is no error. Returns the id. */
export async function startContainer(store: Engine, name: string): Promise<string> {
  const { record, status } = await findContainer(store, name)
  if (!isLive(status)) await startRecord(store, record)
  return record.id
}

/** `start --attach NAME`: its exit code, or undefined when the user detached. One that already runs is attached to as it is. */
export async function startAttached(store: Engine, name: string, request: SessionRequest): Promise<number | undefined> {
  const { record, status } = await findContainer(store, name)
  if (isLive(status)) return await attachContainer(store, name, request)
  return exitCodeOf(store, record, await startRecord(store, record, request))
}

/** Whatever must be on disk before the monitor starts, and the words it is given. */
async function prepareLaunch(
  store: Engine,
  record: ContainerRecord,
  attach: boolean,
): Promise<Omit<MonitorLaunch, 'configure'>> {
  const { paths, facts, userns } = store
  const dir = containerDir(paths, record.id)
  const view = viewContainer(paths, record)
  if (isLive(view.status)) throw new ConflictError(`start container: ${record.name}: it is already running`)
  await awaitMonitorEnd(view)
  await clearRuntimeState(store, record) // whatever a killed monitor left
  const rootfs = await prepareRootfs(store, record)
  const runDir = createRunDir(paths, record.id, (listRuns(path.join(dir, 'runs'))[0] ?? 0) + 1)
  const { plan } = record
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
    ...(store.cgroupManager === undefined ? [] : [`cgroup_manager=${store.cgroupManager}`]),
    `tty=${plan.process.tty ? 1 : 0}`,
    `stdin=${plan.process.openStdin ? 1 : 0}`,
    `attach=${attach ? 1 : 0}`,
    `socket=${socketPath(store.paths, record.id)}`,
    ...planWords(plan, { dir, runDir }),
    ...removal,
  ]
  return { program: monitorProgram(facts.env), runDir, words, read: ROOTFS_FILES, command: plan.process.args[0] ?? '' }
}
