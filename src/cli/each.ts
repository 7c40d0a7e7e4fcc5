// For verbs over several objects (stop, rm, kill …): each is done and answered for itself, one failure does not stop the rest.

import { NotFoundError } from '../model/errors.js'
import { type ErrorContext, errorExitCode, errorText } from './error-text.js'
import { writeErr, writeOut } from './output.js'

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
  let exitCode = 0
  const running: Promise<unknown>[] = []
  const started = (index: number): Promise<unknown> | undefined => {
    const name = names[index]
    if (running[index] === undefined && name !== undefined) running[index] = act(name).then(() => undefined, asFailure)
    return running[index]
  }
  for (const [index, name] of names.entries()) {
    for (let next = index; next < index + (context.atOnce ?? 1); next++) void started(next)
    const failure = await started(index)
    if (failure === undefined) {
      if (context.quiet !== true) writeOut(`${name}\n`)
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
