// Users and groups of the host as /etc/passwd and /etc/group tell them.

import { NotFoundError } from '../model/errors.js'
import { readFileIfExists } from './files.js'

export interface HostUser {
  readonly name: string
  readonly uid: number
  readonly gid: number
  /** The field for people, and the home. */
  readonly comment: string
  readonly home: string
}

/** By name or number. Throws NotFoundError. */
export function readHostUser(nameOrUid: string): HostUser {
  for (const line of (readFileIfExists('/etc/passwd') ?? '').split('\n')) {
    const [name = '', , uid = '', gid = '', comment = '', home = ''] = line.split(':')
    if (name !== '' && (name === nameOrUid || uid === nameOrUid))
      return { name, uid: Number(uid), gid: Number(gid), comment, home }
  }
  throw new NotFoundError(`find user of this host: ${nameOrUid}: unknown user`, {
    hint: '--hostuser takes a name or number of /etc/passwd',
  })
}

/** The name of a group; undefined: none has that number. */
export function findHostGroup(gid: number): string | undefined {
  const lines = (readFileIfExists('/etc/group') ?? '').split('\n').map((line) => line.split(':'))
  return lines.find(([, , number]) => number === String(gid))?.[0]
}
