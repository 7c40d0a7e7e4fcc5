// What is told of a process that `exec` runs: that it begins, and that it has ended and how.

import type { ContainerRecord } from '../model/container.js'
import { LichenError } from '../model/errors.js'
import type { Store } from '../platform/store.js'
import { appendContainerEvent } from '../state/events.js'

export interface ExecSubject {
  readonly record: ContainerRecord
  readonly sessionId: string
}

const CANNOT_INVOKE = 125

/** Resolves to what `run` does, the exit code. One that could not be run at all has ended with the code that says so. */
export async function tellExec(
  store: Store,
  { record, sessionId }: ExecSubject,
  run: () => Promise<number>,
): Promise<number> {
  const Attributes = { ...record.plan.labels, execID: sessionId }
  const tellEnd = (ContainerExitCode: number) =>
    appendContainerEvent(store.paths, record, 'exec_died', { ContainerExitCode, Attributes })
  appendContainerEvent(store.paths, record, 'exec', { Attributes })
  try {
    const exitCode = await run()
    tellEnd(exitCode)
    return exitCode
  } catch (error) {
    tellEnd(error instanceof LichenError ? error.exitCode : CANNOT_INVOKE)
    throw error
  }
}

/** One that is left running has nobody who could tell its end. */
export function tellDetachedExec(store: Store, { record, sessionId }: ExecSubject): void {
  appendContainerEvent(store.paths, record, 'exec', { Attributes: { ...record.plan.labels, execID: sessionId } })
}
