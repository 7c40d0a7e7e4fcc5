// `logout`: the credentials of one registry, or of all, go from the file that `login` writes and from the helpers it names.

import { defaultAuthFile, namedAuthFile } from '../images/registry/auth-file.js'
import { lookUpCredentials } from '../images/registry/credentials.js'
import { removeAllCredentials, removeCredentials } from '../images/registry/save-credentials.js'
import { ConflictError, NotFoundError } from '../model/errors.js'
import type { Store } from '../platform/store.js'
import { type LoginPlace, toLoginTarget } from './login-target.js'

/** Returns the registry's name. Throws NotFoundError when there was no login, ConflictError when it is another file's. */
export async function logout({ facts }: Store, place: LoginPlace): Promise<string> {
  const target = toLoginTarget(facts, place)
  if (await removeCredentials({ facts, ...target })) return target.key
  const other = await lookUpCredentials(facts, target)
  if (other === undefined || other.file === target.file)
    throw new NotFoundError(`log out: not logged into ${target.key}`, { exitCode: 125 })
  throw new ConflictError(`log out: ${target.key}: its credentials are in ${other.file}, which other programs use`, {
    hint: `lichen logout --authfile ${other.file} ${target.key}`,
  })
}

/** Idempotent. */
export async function logoutEverywhere({ facts }: Store, place: Omit<LoginPlace, 'registry'>): Promise<void> {
  const file = namedAuthFile(facts, place.compatAuthFile ?? place.authfile) ?? defaultAuthFile(facts)
  await removeAllCredentials(facts, file)
}
