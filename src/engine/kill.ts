// `kill`: a signal for the container's first process.

import type { ContainerView } from '../model/container.js'
import { ConflictError, errorCode, UsageError } from '../model/errors.js'
import { parseSignal } from '../model/signal.js'
import { isSameProcess } from '../platform/process-table.js'
import type { Store } from '../platform/store.js'
import { appendContainerEvent } from '../state/events.js'
import { connectRun } from './connect-run.js'
import { findUp } from './find.js'

export const SIGKILL = 9

/** `signal` as a name or number, default SIGKILL. Throws ConflictError when the container does not run. Returns the container's id. */
export async function killContainer(store: Store, name: string, signal = 'KILL'): Promise<string> {
  const number = parseSignal(signal)
  if (number === undefined)
    throw new UsageError(`kill container: "${signal}": unknown signal`, { hint: 'names are listed in signal(7)' })
  const view = await findUp(store, name)
  // who ends a container means it: no policy starts it again (docker's rule)
  if (number === SIGKILL || number === parseSignal(view.record.plan.stopSignal)) await forgoRestart(store, view)
  appendContainerEvent(store.paths, view.record, 'kill') // before the end that comes of it
  await sendSignal(store, view, number)
  return view.record.id
}

/** Tells the monitor that the next end is the last, whatever the restart policy and whoever restarts it; one that waits to start the container again gives up. */
export async function forgoRestart(store: Store, view: ContainerView): Promise<void> {
  const { record } = view
  const { restart, health } = record.plan
  if (restart.name === 'no' && health === undefined && !record.removeOnExit) return // else a `restart` may be under way
  const connection = await connectRun(store, view)
  await connection?.send('q')
  connection?.close()
}

/**
 * Through the monitor, which as the parent cannot mistake a reused pid for its container; directly where it was killed or cannot be reached
 * (its run root was removed). As the owner of the user namespace we may signal whatever runs in it.
 */
export async function sendSignal(store: Store, view: ContainerView, signal: number): Promise<void> {
  await deliver(store, view, signal)
  // frozen by version 1 a process cannot even die: the signal is there first, then it may go on
  if (signal === SIGKILL && view.status === 'paused') await (await import('./pause.js')).thaw(view)
}

async function deliver(store: Store, view: ContainerView, signal: number): Promise<void> {
  const { record, monitor } = view
  const connection = await connectRun(store, view)
  if (connection !== undefined) {
    await connection.send('k', String(signal))
    connection.close()
    return
  }
  if (monitor === undefined) throw new ConflictError(`kill container: ${record.name}: it does not run`)
  if (!isSameProcess(monitor.containerPid, monitor.containerStart)) return // ended meanwhile
  try {
    process.kill(monitor.containerPid, signal)
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error
  }
}
