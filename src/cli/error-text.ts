// The words on stderr when something goes wrong: one `Error:` line, a `Hint:` when the fix is known. Used by main.ts and,
// for verbs over several objects, for each object that failed.

import { LichenError, UsageError } from '../model/errors.js'

export interface ErrorContext {
  /** `run`, `image ls`: whose --help a usage error points to; undefined before a command was found. */
  readonly command?: string | undefined
  /** Show stacks and causes. */
  readonly debug: boolean
}

const INTERNAL_ERROR_CODE = 125

export function errorText(error: unknown, { command, debug }: ErrorContext): string {
  if (!(error instanceof LichenError)) return internalErrorText(error, debug)
  const lines = [`Error: ${error.message}`]
  if (error.hint !== undefined) lines.push(`Hint: ${error.hint}`)
  else if (error instanceof UsageError) lines.push(`See 'lichen ${command === undefined ? '' : `${command} `}--help'`)
  if (debug) lines.push(stackOf(error))
  return `${lines.join('\n')}\n`
}

function internalErrorText(error: unknown, debug: boolean): string {
  const message = error instanceof Error ? error.message : String(error)
  const hint = debug ? stackOf(error) : 'Hint: this is a bug in lichen; LICHEN_DEBUG=1 shows where, please report it'
  return `Error: internal error: ${message}\n${hint}\n`
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const stack = error.stack ?? error.message
  return error.cause === undefined ? stack : `${stack}\ncaused by: ${stackOf(error.cause)}`
}

export const errorExitCode = (error: unknown): number =>
  error instanceof LichenError ? error.exitCode : INTERNAL_ERROR_CODE
