// `wait`: until a container is in a state, and what its exit code was.

import { existsSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ContainerView, ExitReport } from '../model/container.js'
import { isUp, type WaitCondition } from '../model/status.js'
import type { Store } from '../platform/store.js'
import type { Connection } from '../runtime/connection.js'
import { decodeNumbers } from '../runtime/frames.js'
import { containerDir, readOwnJson } from '../state/records.js'
import { readHealth, viewContainer } from '../state/views.js'
import { connectRun } from './connect-run.js'
import { findContainer } from './find.js'

/** The exit code was lost with a killed monitor, or there is none yet; podman says -1 then. */
const UNKNOWN_EXIT_CODE = -1
const DEFAULT_INTERVAL_MS = 250

export interface WaitOptions {
  /** Any of these ends the wait; none said: `exited`. */
  readonly conditions: readonly WaitCondition[]
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

export interface WaitManyOptions extends WaitOptions {
  /** The first of them ends the wait. */
  readonly onlyFirst: boolean
  /** Others were named that do not exist: with `onlyFirst` that ends the wait at once, with -1. */
  readonly isMissingEnough: boolean
}

/** Exit codes in the order of the ids, each as soon as it and those before it are known. */
export async function* waitForContainers(
  store: Store,
  ids: readonly string[],
  options: WaitManyOptions,
): AsyncGenerator<number> {
  if (!options.onlyFirst) for (const id of ids) yield await waitForContainer(store, id, options)
  else if (options.isMissingEnough) yield UNKNOWN_EXIT_CODE
  else if (ids.length > 0) yield await Promise.race(ids.map((id) => waitForContainer(store, id, options)))
}

export interface ExitOptions {
  readonly signal?: AbortSignal
  /** An end after which the container is started again does not count. */
  readonly onlyLast?: boolean
  /** What brings the end about: done when whatever comes is heard, and again at each end that does not count. */
  readonly act?: () => Promise<void>
}

/** Resolves when the container has ended, told by its monitor without polling; polls only where the monitor was killed. */
export async function waitForExit(
  store: Store,
  view: ContainerView,
  { signal, onlyLast = false, act }: ExitOptions = {},
): Promise<number> {
  if (view.exit !== undefined) return view.exit.exitCode
  const polling = {
    conditions: ['exited'] as const,
    intervalMs: DEFAULT_INTERVAL_MS,
    ...(signal === undefined ? {} : { signal }),
  }
  const connection = view.monitorAlive ? await connectRun(store, view) : undefined
  signal?.addEventListener('abort', () => connection?.close())
  try {
    await act?.()
    signal?.throwIfAborted()
    const exitCode = connection === undefined ? undefined : await hearExit(connection, { onlyLast, act })
    if (exitCode !== undefined) return exitCode
  } finally {
    connection?.close()
  }
  signal?.throwIfAborted()
  return await waitForStatus(store, view, polling)
}

/** Undefined: the monitor is gone, or it is listened to no more. */
async function hearExit(
  connection: Connection,
  { onlyLast, act }: { readonly onlyLast: boolean; readonly act: ExitOptions['act'] | undefined },
): Promise<number | undefined> {
  for (;;) {
    const frame = await connection.read()
    if (frame === undefined) return undefined
    if (frame.type === 'z' && onlyLast) await act?.()
    else if (frame.type === 'z' || frame.type === 'x') return decodeNumbers(frame.payload)[0] ?? UNKNOWN_EXIT_CODE
  }
}

async function waitForStatus(
  store: Store,
  first: ContainerView,
  { conditions, intervalMs, signal }: WaitOptions & { readonly signal?: AbortSignal },
): Promise<number> {
  for (let view = first; ; view = viewContainer(store.paths, first.record)) {
    if (conditions.some((condition) => isMet(view, condition))) return view.exit?.exitCode ?? UNKNOWN_EXIT_CODE
    if (conditions.includes('exited') && first.runDir !== undefined && view.runDir !== first.runDir)
      return readExitCode(first.record.id, first.runDir)
    // a directory that is gone: removed, and before that, if it ever ran, ended
    if (!existsSync(containerDir(store.paths, first.record.id))) return UNKNOWN_EXIT_CODE
    await sleep(intervalMs, undefined, signal === undefined ? {} : { signal })
  }
}

/** Of a run that is over: the container has been started again since. */
function readExitCode(id: string, runDir: string): number {
  return readOwnJson<ExitReport>(id, path.join(runDir, 'exit.json'))?.exitCode ?? UNKNOWN_EXIT_CODE
}

function isMet(view: ContainerView, condition: WaitCondition): boolean {
  if (condition === 'healthy' || condition === 'unhealthy')
    return isUp(view.status) && readHealth(view)?.status === condition
  return view.status === condition
}
