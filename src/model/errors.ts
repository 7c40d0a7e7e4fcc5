// What can go wrong, by who must act. A message is `verb phrase: object: cause`; a hint is the exact fix when we know it.
// Any other Error is a bug of ours and is shown as one.

export interface ErrorDetails {
  readonly hint?: string
  readonly cause?: unknown
  /** The process exit code this error ends the command with; podman's 125 unless a container's command is meant. */
  readonly exitCode?: number
}

export class LichenError extends Error {
  readonly hint: string | undefined
  readonly exitCode: number

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = new.target.name
    this.hint = details.hint
    this.exitCode = details.exitCode ?? 125
  }
}

/** The words typed are wrong: the user rewrites the command. */
export class UsageError extends LichenError {}

/** A container, image or volume that was named does not exist. */
export class NotFoundError extends LichenError {}

/** What was asked is right but the object's state forbids it: name in use, container running, image in use. */
export class ConflictError extends LichenError {}

/** Another command has the container in hand at this moment: it starts it, or looks into its files. Whoever can wait tries again. */
export class BusyError extends ConflictError {}

/** Bytes given to us (archive, manifest, layer) are not what they claim to be. */
export class BadInputError extends LichenError {}

/** The machine lacks something: a subuid range, a program, disk space, a permission. */
export class HostError extends LichenError {}

/** The container's command cannot be run: 127 not found, 126 not executable. */
export class CommandError extends LichenError {}

export interface ToolFailure extends ErrorDetails {
  readonly argv: readonly string[]
  readonly code: number | null
  /** The tool's error output; the last 20 lines are kept. */
  readonly stderr: string
}

/** A program we called failed in a way we have no better words for. */
export class ExternalToolError extends LichenError {
  readonly argv: readonly string[]
  readonly code: number | null

  constructor(message: string, failure: ToolFailure) {
    const tail = failure.stderr.trim().split('\n').slice(-20).join('\n')
    super(tail === '' ? `${message}: exit code ${failure.code ?? 'none'}` : `${message}: ${tail}`, failure)
    this.argv = failure.argv
    this.code = failure.code
  }
}

/** Node's error code (`ENOENT` …) of anything thrown, or undefined. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
