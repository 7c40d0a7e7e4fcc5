// `stop`: the stop signal, then after the grace time SIGKILL.

import type { ContainerView } from '../model/container.js'
import { ConflictError, HostError } from '../model/errors.js'
import { parseSignal } from '../model/signal.js'
import { isLive, isUp } from '../model/status.js'
import type { Store } from '../platform/store.js'
import { appendContainerEvent } from '../state/events.js'
import { findContainer } from './find.js'
import { forgoRestart, sendSignal } from './kill.js'
import { waitForExit } from './wait.js'

const SIGTERM = 15
const SIGKILL = 9
/** After SIGKILL only an uninterruptible sleep in the kernel keeps a process. */
const KILL_WAIT_MS = 10_000

/** What setTimeout can count to; 24 days are never waited out. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

export interface StopOptions {
  /** Seconds of grace, -1 for any number of them; the container's own --stop-timeout when not said. */
  readonly timeoutS?: number
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
  await forgoRestart(store, view)
  // one that is paused cannot answer a signal
  const timeoutMs = view.status === 'paused' ? 0 : (options.timeoutS ?? plan.stopTimeoutS) * 1000
  if (timeoutMs !== 0) {
    await sendSignal(store, view, parseSignal(plan.stopSignal) ?? SIGTERM)
    if (await endsWithin(store, view, timeoutMs)) return
  }
  await sendSignal(store, view, SIGKILL)
  if (await endsWithin(store, view, KILL_WAIT_MS)) return
  throw new HostError(`stop container: ${view.record.name}: still there ${KILL_WAIT_MS / 1000} s after SIGKILL`, {
    hint: `look at process ${view.monitor?.containerPid}: it hangs in the kernel (state D), often in a dead network or FUSE mount`,
  })
}

/** `timeoutMs` below zero: however long it takes. */
async function endsWithin(store: Store, view: ContainerView, timeoutMs: number): Promise<boolean> {
  const aborter = new AbortController()
  const timer = timeoutMs < 0 ? undefined : setTimeout(() => aborter.abort(), Math.min(timeoutMs, LONGEST_TIMER_MS))
  try {
    await waitForExit(store, view, { signal: aborter.signal, onlyLast: true })
    return true
  } catch (error) {
    if (aborter.signal.aborted) return false
    throw error
  } finally {
    clearTimeout(timer)
  }
}
