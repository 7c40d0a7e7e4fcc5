// Node's error codes for a file of the user's that cannot be reached, as errors of the host: who named it can name another.

import { errorCode, HostError } from '../model/errors.js'

const CAUSES: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  EEXIST: 'its directory is a file',
  EISDIR: 'it is a directory',
  ENOTDIR: 'its directory is a file',
}

/** Anything else unchanged. `what` is the message's beginning, `verb: object`. */
export function toAccessError(error: unknown, what: string, hint?: string): unknown {
  const cause = CAUSES[errorCode(error) ?? '']
  if (cause === undefined || error instanceof HostError) return error
  return new HostError(`${what}: ${cause}`, { cause: error, ...(hint === undefined ? {} : { hint }) })
}
