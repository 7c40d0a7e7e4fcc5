// `wait`: until a container is in a state, and what its exit code was.

import { setTimeout as sleep } from 'node:timers/promises'
import type { ContainerStatus, ContainerView } from '../model/container.js'
import type { Store } from '../platform/store.js'
import { connectMonitor } from '../runtime/connection.js'
import { decodeNumbers } from '../runtime/frames.js'
import { socketPath } from '../state/records.js'
import { viewContainer } from '../state/views.js'
import { findContainer } from './find.js'

/** The exit code was lost with a killed monitor, or there is none yet; podman says -1 then. */
const UNKNOWN_EXIT_CODE = -1
const DEFAULT_INTERVAL_MS = 250

export interface WaitOptions {
  /** Any of these ends the wait; none said: `exited`. */
  readonly conditions: readonly ContainerStatus[]
  readonly intervalMs: number
}

/** Resolves to the exit code, -1 when there is none to tell. */
export async function waitForContainer(store: Store, name: string, options: WaitOptions): Promise<number> {
  const view = await findContainer(store, name)
  if (options.conditions.length === 0 || options.conditions.every((condition) => condition === 'exited')) {
    return view.status === 'created'
      ? await waitForStatus(store, view, { ...options, conditions: ['exited'] })
      : await waitForExit(store, view)
  }
  return await waitForStatus(store, view, options)
}

/** Resolves when the container has ended, told by its monitor without polling; polls only where the monitor was killed. */
export async function waitForExit(store: Store, view: ContainerView, signal?: AbortSignal): Promise<number> {
  if (view.exit !== undefined) return view.exit.exitCode
  const connection = view.monitorAlive ? await connectMonitor(socketPath(store.paths, view.record.id)) : undefined
  if (connection === undefined)
    return await waitForStatus(store, view, {
      conditions: ['exited'],
      intervalMs: DEFAULT_INTERVAL_MS,
      ...(signal && { signal }),
    })
  signal?.addEventListener('abort', () => connection.close())
  for (;;) {
    const frame = await connection.read()
    if (frame === undefined) break
    if (frame.type !== 'x') continue
    connection.close()
    return decodeNumbers(frame.payload)[0] ?? UNKNOWN_EXIT_CODE
  }
  signal?.throwIfAborted()
  return await waitForStatus(store, view, {
    conditions: ['exited'],
    intervalMs: DEFAULT_INTERVAL_MS,
    ...(signal && { signal }),
  })
}

async function waitForStatus(
  store: Store,
  first: ContainerView,
  options: WaitOptions & { readonly signal?: AbortSignal },
): Promise<number> {
  for (let view = first; ; view = viewContainer(store.paths, first.record)) {
    // a directory that is gone: ended and removed
    if (
      options.conditions.includes(view.status) ||
      (view !== first && view.runDir === undefined && first.runDir !== undefined)
    )
      return view.exit?.exitCode ?? UNKNOWN_EXIT_CODE
    await sleep(options.intervalMs, undefined, options.signal === undefined ? {} : { signal: options.signal })
  }
}
