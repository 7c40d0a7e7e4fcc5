// `init`: a container that is created by the OCI runtime, with everything mounted, and waits for its start; and that start.

import type { ContainerRecord, ContainerView } from '../model/container.js'
import type { AttachOutcome } from '../model/container-io.js'
import { BusyError, ConflictError, errorCode } from '../model/errors.js'
import { isLive } from '../model/status.js'
import { isSameProcess } from '../platform/process-table.js'
import { sendWindowSize } from '../runtime/attach.js'
import { connectMonitor } from '../runtime/connection.js'
import { toMonitorError } from '../runtime/monitor-error.js'
import { appendContainerEvent } from '../state/events.js'
import { socketPath } from '../state/records.js'
import { awaitMonitorEnd } from './cleanup.js'
import { startDependencies } from './dependencies.js'
import type { Engine } from './engine.js'
import { findContainer } from './find.js'
import { createRuntime } from './launch.js'
import { type SessionRequest, serveSession } from './session.js'
import { unlessRemoved } from './start.js'

/** Throws ConflictError, in podman's words, for one that waits or runs already. Returns the id. */
export async function initContainer(store: Engine, name: string): Promise<string> {
  const { record, status } = await findContainer(store, name)
  if (isLive(status))
    throw new ConflictError(`initialize container: ${record.name}: it has already been created in runtime`, {
      hint: `it is ${status}`,
    })
  await unlessRemoved(store, record, async () => {
    await startDependencies(store, record)
    const { handle } = await createRuntime(store, record, { attach: false, init: true })
    handle.connection.close()
  })
  return record.id
}

/** The start of one that waits; with a session, serves it as `start --attach` does. */
export async function startInitialized(
  store: Engine,
  { record }: ContainerView,
  session?: SessionRequest,
): Promise<AttachOutcome> {
  const connection = await connectMonitor(socketPath(store.paths, record.id))
  if (connection === undefined) throw monitorGone(record)
  if (session !== undefined) {
    await connection.send('a')
    sendWindowSize(connection, session.io)
    appendContainerEvent(store.paths, record, 'attach')
  }
  await connection.send('s')
  const frame = await connection.read()
  if (frame?.type === '!') throw toMonitorError(frame.payload, record.plan.process.args[0] ?? '')
  if (frame?.type !== 'r') throw monitorGone(record)
  if (session !== undefined) return await serveSession(store, record, connection, session)
  connection.close()
  return { kind: 'detached' }
}

/** What waits to be started may be another process's start, which alone may say so; or has been called off. */
const monitorGone = ({ name }: ContainerRecord): BusyError =>
  new BusyError(`start container: ${name}: another process starts or ends it`, { hint: 'try again' })

/** Ends one that waits: it never ran, and is as it was before. */
export async function callOff(view: ContainerView): Promise<void> {
  const { monitor } = view
  if (monitor !== undefined && isSameProcess(monitor.monitorPid, monitor.monitorStart)) sendTerm(monitor.monitorPid)
  await awaitMonitorEnd(view)
}

function sendTerm(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM')
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error // ended meanwhile
  }
}
