// `start`: from a record to a container that runs. `run`, `start`, `start -a` and `restart` share it.

import { existsSync, rmSync } from 'node:fs'
import type { ContainerRecord } from '../model/container.js'
import type { AttachOutcome } from '../model/container-io.js'
import { ConflictError, errorCode } from '../model/errors.js'
import { isLive } from '../model/status.js'
import { sendWindowSize } from '../runtime/attach.js'
import { startMonitored } from '../runtime/monitor.js'
import { appendContainerEvent } from '../state/events.js'
import { containerDir } from '../state/records.js'
import { attachContainer } from './attach.js'
import { besideOthers } from './beside-others.js'
import { startDependencies } from './dependencies.js'
import type { Engine } from './engine.js'
import { findContainer } from './find.js'
import { createRuntime } from './launch.js'
import { exitCodeOf } from './outcome.js'
import { type SessionRequest, serveSession } from './session.js'

/**
 * Starts the container and, with a session, serves it until it ends or the user detaches. Throws BusyError when it already runs; on every
 * failure the container is as it was before, and nothing is mounted or running.
 */
export async function startRecord(
  store: Engine,
  record: ContainerRecord,
  session?: SessionRequest,
  passFds: readonly number[] = [],
): Promise<AttachOutcome> {
  return await unlessRemoved(store, record, async () => {
    await startDependencies(store, record)
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

/** `start NAME`: a container that already runs, or that another process starts meanwhile, is no error. Returns the id. */
export async function startContainer(store: Engine, name: string): Promise<string> {
  return await besideOthers(store, [name], async () => {
    const view = await findContainer(store, name)
    const { record, status } = view
    if (status === 'initialized') await (await import('./init.js')).startInitialized(store, view)
    else if (!isLive(status)) await startRecord(store, record)
    return record.id
  })
}

/** `start --attach NAME`: its exit code, or undefined when the user detached. One that already runs is attached to as it is. */
export async function startAttached(store: Engine, name: string, request: SessionRequest): Promise<number | undefined> {
  return await besideOthers(store, [name], async () => {
    const view = await findContainer(store, name)
    const { record, status } = view
    if (status === 'initialized')
      return exitCodeOf(store, record, await (await import('./init.js')).startInitialized(store, view, request))
    if (isLive(status)) return await attachContainer(store, name, request)
    return exitCodeOf(store, record, await startRecord(store, record, request))
  })
}
