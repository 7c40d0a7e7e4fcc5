// What `login` and `logout` change: one entry of a credentials file, or of the helper that the file names for that registry.

import type { HostFacts } from '../../platform/host-facts.js'
import { type AuthDocument, type AuthEntry, changeAuthFile, readAuthFile } from './auth-file.js'
import { eraseFromHelper, findHelper, getFromHelper, requireHelper, storeInHelper } from './credential-helper.js'
import { findByKey, serverNames } from './credentials.js'

export interface CredentialsPlace {
  readonly facts: HostFacts
  readonly file: string
  /** `host[:port][/path]`; docker.io under that name. */
  readonly key: string
  /** The file is docker's own: docker.io has docker's name for it there. */
  readonly isDockers?: boolean
}

/** Returns where they went, for people. */
export async function saveCredentials(
  place: CredentialsPlace,
  login: { readonly username: string; readonly password: string },
): Promise<string> {
  const { facts, file, key } = place
  const helper = findHelperFor(place, readAuthFile(file))
  if (helper === undefined) {
    const auth = Buffer.from(`${login.username}:${login.password}`).toString('base64')
    await replaceEntry(place, { auth })
    return file
  }
  await storeInHelper(requireHelper(facts, helper.name, file), helper.servers[0] ?? key, login)
  // as docker: what the store has is noted here, and an older password does not stay beside it
  await replaceEntry(place, helper.isForAll ? {} : undefined)
  return `docker-credential-${helper.name}`
}

async function replaceEntry({ file, key, isDockers }: CredentialsPlace, entry: AuthEntry | undefined): Promise<void> {
  await changeAuthFile(file, (before) => {
    const name = isDockers === true ? (serverNames(key)[0] ?? key) : key
    return { ...before, auths: { ...withoutKey(before.auths, key), ...(entry === undefined ? {} : { [name]: entry }) } }
  })
}

/** False: the file, and the helper it names, have none. Makes no file. */
export async function removeCredentials(place: CredentialsPlace): Promise<boolean> {
  const { file, key } = place
  const document = readAuthFile(file)
  if (document === undefined) return false
  const wasKept = await eraseKept(place, document)
  if (findByKey(document.auths, key) === undefined) return wasKept
  await changeAuthFile(file, (before) => ({ ...before, auths: withoutKey(before.auths, key) }))
  return true
}

/** Every registry's, those that helpers keep too. */
export async function removeAllCredentials(facts: HostFacts, file: string): Promise<void> {
  const document = readAuthFile(file)
  if (document === undefined) return
  const keys = new Set([...Object.keys(document.credHelpers ?? {}), ...Object.keys(document.auths ?? {})])
  for (const key of keys) await eraseKept({ facts, file, key }, document)
  await changeAuthFile(file, (before) => ({ ...before, auths: {} }))
}

interface HelperFor {
  readonly name: string
  /** Not named for this registry alone. */
  readonly isForAll: boolean
  /** Under which names it may know the registry, the one to store it under first. */
  readonly servers: readonly string[]
}

function findHelperFor({ key }: CredentialsPlace, document: AuthDocument | undefined): HelperFor | undefined {
  const own = findByKey(document?.credHelpers, key)
  const name = own?.value ?? document?.credsStore
  return name ? { name, isForAll: own === undefined, servers: serverNames(key, own?.name) } : undefined
}

/** A store that is not installed keeps nothing. */
async function eraseKept(place: CredentialsPlace, document: AuthDocument): Promise<boolean> {
  const { facts, file } = place
  const helper = findHelperFor(place, document)
  if (helper === undefined) return false
  const program = helper.isForAll ? findHelper(facts, helper.name) : requireHelper(facts, helper.name, file)
  if (program === undefined) return false
  let wasThere = false
  for (const server of helper.servers) {
    if ((await getFromHelper(program, server)) === undefined) continue
    await eraseFromHelper(program, server)
    wasThere = true
  }
  return wasThere
}

/** Under none of the names it may have. */
function withoutKey(auths: AuthDocument['auths'], key: string): Record<string, AuthEntry> {
  const rest = { ...auths }
  for (let found = findByKey(rest, key); found !== undefined; found = findByKey(rest, key)) delete rest[found.name]
  return rest
}
