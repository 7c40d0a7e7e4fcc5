// `stop`: the stop signal, then after the grace time SIGKILL.

import type { ContainerView } from '../model/container.js'
import { ConflictError, HostError } from '../model/errors.js'
import { parseSignal } from '../model/signal.js'
import { isLive, isUp } from '../model/status.js'
import type { Store } from '../platform/store.js'
import { appendContainerEvent } from '../state/events.js'
import { findContainer } from './find.js'
import { forgoRestart, SIGKILL, sendSignal } from './kill.js'
import { waitForExit } from './wait.js'

export const SIGTERM = 15
/** After SIGKILL only an uninterruptible sleep in the kernel keeps a process. */
export const KILL_WAIT_MS = 10_000

/** What setTimeout can count to; 24 days are never waited out. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1

export interface StopOptions {
  /** Seconds of grace, -1 for any number of them; the container's own --stop-timeout when not said. */
  readonly timeoutS?: number
  /** In place of the container's own --stop-signal, by name or number; sent even where no grace is given. */
  readonly signal?: string
}

/** Resolves when the container has ended; one that does not run is no error. Returns its id. */
export async function stopContainer(store: Store, name: string, options: StopOptions = {}): Promise<string> {
  const view = await findContainer(store, name)
  if (view.status === 'paused')
    throw new ConflictError(`stop container: ${view.record.name}: it is paused`, {
      hint: `lichen unpause ${view.record.name}, or lichen kill ${view.record.name}`,
    })
  await stopForGood(store, view, options)
  return view.record.id
}

/** What is told comes before the end that comes of it. */
export async function stopForGood(store: Store, view: ContainerView, options: StopOptions = {}): Promise<void> {
  if (isUp(view.status)) appendContainerEvent(store.paths, view.record, 'stop')
  await stopView(store, view, options)
}

export async function stopView(store: Store, view: ContainerView, options: StopOptions = {}): Promise<void> {
  if (!isLive(view.status)) return
  if (view.status === 'initialized') return await (await import('./init.js')).callOff(view)
  const { plan } = view.record
  // one that is paused cannot answer a signal
  const isPaused = view.status === 'paused'
  const timeoutMs = isPaused ? 0 : (options.timeoutS ?? plan.stopTimeoutS) * 1000
  if (timeoutMs !== 0 || (options.signal !== undefined && !isPaused)) {
    const signal = parseSignal(options.signal ?? plan.stopSignal) ?? SIGTERM
    if (await endsWithin(store, view, signal, timeoutMs)) return
  }
  if (await endsWithin(store, view, SIGKILL, KILL_WAIT_MS)) return
  throw stuckError('stop', view)
}

export function stuckError(verb: string, { record, monitor }: ContainerView): HostError {
  return new HostError(`${verb} container: ${record.name}: still there ${KILL_WAIT_MS / 1000} s after SIGKILL`, {
    hint: `look at process ${monitor?.containerPid}: it hangs in the kernel (state D), often in a dead network or FUSE mount`,
  })
}

/** `timeoutMs` below zero: however long it takes. */
async function endsWithin(store: Store, view: ContainerView, signal: number, timeoutMs: number): Promise<boolean> {
  // again when somebody's `restart` has come after it
  const act = async () => {
    await forgoRestart(store, view)
    await sendSignal(store, view, signal)
  }
  const aborter = new AbortController()
  const timer = timeoutMs < 0 ? undefined : setTimeout(() => aborter.abort(), Math.min(timeoutMs, LONGEST_TIMER_MS))
  try {
    await waitForExit(store, view, { signal: aborter.signal, onlyLast: true, act })
    return true
  } catch (error) {
    if (aborter.signal.aborted) return false
    throw error
  } finally {
    clearTimeout(timer)
  }
}
