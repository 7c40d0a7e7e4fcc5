// Node's error codes for a disk that cannot take what we write, as errors of the host.

import { errorCode, HostError } from '../model/errors.js'

export const DISK_FULL_HINT = 'free some space, or keep the store elsewhere with --root'

const CAUSES: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left on device',
  EDQUOT: 'disk quota exceeded',
  EROFS: 'the file system is read-only',
  EIO: 'input/output error',
}

/** Anything else unchanged. `what` is the message's beginning, `verb: object`; `hint` is for a disk that the store is not on. */
export function toDiskError(error: unknown, what: string, hint: string = DISK_FULL_HINT): unknown {
  const code = errorCode(error) ?? ''
  const cause = CAUSES[code]
  if (cause === undefined || error instanceof HostError) return error
  return new HostError(`${what}: ${cause}`, { cause: error, ...(code === 'EIO' ? {} : { hint }) })
}
