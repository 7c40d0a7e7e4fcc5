// `stop`: the stop signal, then after the grace time SIGKILL.

import type { ContainerView } from '../model/container.js'
import { HostError } from '../model/errors.js'
import { parseSignal } from '../model/signal.js'
import { isLive } from '../model/status.js'
import type { Store } from '../platform/store.js'
import { findContainer } from './find.js'
import { sendSignal } from './kill.js'
import { waitForExit } from './wait.js'

const SIGTERM = 15
const SIGKILL = 9
/** After SIGKILL only an uninterruptible sleep in the kernel keeps a process. */
const KILL_WAIT_MS = 10_000

export interface StopOptions {
  /** Seconds of grace; the container's own --stop-timeout when not said. */
  readonly timeoutS?: number
}

/** Resolves when the container has ended; one that does not run is no error. Returns its id. */
export async function stopContainer(store: Store, name: string, options: StopOptions = {}): Promise<string> {
  const view = await findContainer(store, name)
  await stopView(store, view, options)
  return view.record.id
}

export async function stopView(store: Store, view: ContainerView, options: StopOptions = {}): Promise<void> {
  if (!isLive(view.status)) return
  const { plan } = view.record
  const timeoutMs = (options.timeoutS ?? plan.stopTimeoutS) * 1000
  if (timeoutMs > 0) {
    await sendSignal(store, view, parseSignal(plan.stopSignal) ?? SIGTERM)
    if (await endsWithin(store, view, timeoutMs)) return
  }
  await sendSignal(store, view, SIGKILL)
  if (await endsWithin(store, view, KILL_WAIT_MS)) return
  throw new HostError(`stop container: ${view.record.name}: still there ${KILL_WAIT_MS / 1000} s after SIGKILL`, {
    hint: `look at process ${view.monitor?.containerPid}: it hangs in the kernel (state D), often in a dead network or FUSE mount`,
  })
}

async function endsWithin(store: Store, view: ContainerView, timeoutMs: number): Promise<boolean> {
  const aborter = new AbortController()
  const timer = setTimeout(() => aborter.abort(), timeoutMs)
  try {
    await waitForExit(store, view, aborter.signal)
    return true
  } catch (error) {
    if (aborter.signal.aborted) return false
    throw error
  } finally {
    clearTimeout(timer)
  }
}
