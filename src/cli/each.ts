// For verbs over several objects (stop, rm, kill …): each is done and answered for itself, one failure does not stop the rest.

import { NotFoundError } from '../model/errors.js'
import { type ErrorContext, errorExitCode, errorText } from './error-text.js'
import { writeErr, writeOut } from './output.js'

export interface Target {
  readonly id: string
  /** What is printed when it is done. */
  readonly shown: string
}

export interface EachContext extends ErrorContext {
  /** A name that means nothing is passed over in silence. */
  readonly ignoreMissing?: boolean
  /** Exit code when the only failures are names that mean nothing (podman's `rm` and `rmi`: 1). */
  readonly missingExitCode?: number
  /** Do not print the names that were done. */
  readonly quiet?: boolean
  /** How many at once; answers keep the order typed. */
  readonly atOnce?: number
}

/** Prints each name when it is done, or its error. Resolves to the first failure's exit code (one that is not about a missing name, if there is one), else 0. */
export async function forEachName(
  names: readonly string[],
  context: EachContext,
  act: (name: string) => Promise<unknown>,
): Promise<number> {
  return await forEachTarget(
    names.map((name) => ({ id: name, shown: name })),
    context,
    act,
  )
}

/** The same where what is acted on and what is printed are not the same word. */
export async function forEachTarget(
  targets: readonly Target[],
  context: EachContext,
  act: (id: string) => Promise<unknown>,
): Promise<number> {
  let exitCode = 0
  const running: Promise<unknown>[] = []
  const started = (index: number): Promise<unknown> | undefined => {
    const id = targets[index]?.id
    if (running[index] === undefined && id !== undefined) running[index] = act(id).then(() => undefined, asFailure)
    return running[index]
  }
  for (const [index, { shown }] of targets.entries()) {
    for (let next = index; next < index + (context.atOnce ?? 1); next++) void started(next)
    const failure = await started(index)
    if (failure === undefined) {
      if (context.quiet !== true) writeOut(`${shown}\n`)
    } else if (!(context.ignoreMissing === true && failure instanceof NotFoundError)) {
      writeErr(errorText(failure, context))
      const code =
        failure instanceof NotFoundError ? (context.missingExitCode ?? failure.exitCode) : errorExitCode(failure)
      if (exitCode === 0 || exitCode === context.missingExitCode) exitCode = code
    }
  }
  return exitCode
}

const asFailure = (error: unknown): unknown => error ?? new Error('rejected with nothing')
