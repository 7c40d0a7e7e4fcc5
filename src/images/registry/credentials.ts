// Whom we are to a registry: found in the files that podman and docker users have, or by the helper such a file names. The first file
// that knows anything decides, and in it the longest name. containers-auth.json(5).

import { existsSync } from 'node:fs'
import { BadInputError, NotFoundError } from '../../model/errors.js'
import type { HostFacts } from '../../platform/host-facts.js'
import { type AuthDocument, type AuthEntry, listAuthFiles, namedAuthFile, readAuthFile } from './auth-file.js'
import { findHelper, getFromHelper, requireHelper } from './credential-helper.js'
import { canonicalDomain } from './endpoints.js'

export type Credentials =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  /** To be changed into an access token, by OAuth2's refresh grant. */
  | { readonly kind: 'token'; readonly identityToken: string }

export interface CredentialsRequest {
  /** `host[:port]`; any name of docker.io's will do. */
  readonly domain: string
  /** The repository; '' asks for the registry as a whole. */
  readonly path: string
  /** `--authfile`: no other file is looked at. */
  readonly authfile?: string
}

export interface FoundCredentials {
  readonly credentials: Credentials
  /** That has them, or names the helper that has. */
  readonly file: string
}

/** undefined: none, so anonymous. Throws BadInputError for a damaged file, and errors when a file that was named or a helper is missing. */
export async function findCredentials(facts: HostFacts, request: CredentialsRequest): Promise<Credentials | undefined> {
  const named = namedAuthFile(facts, request.authfile)
  if (named !== undefined && !existsSync(named)) {
    throw new NotFoundError(`find credentials: ${named}: no such file`, {
      exitCode: 125,
      hint: request.authfile ? '--authfile names it' : 'REGISTRY_AUTH_FILE names it',
    })
  }
  return (await lookUpCredentials(facts, request))?.credentials
}

/** The same; a file that is not there knows nothing. */
export async function lookUpCredentials(
  facts: HostFacts,
  request: CredentialsRequest,
): Promise<FoundCredentials | undefined> {
  for (const file of listAuthFiles(facts, request.authfile)) {
    const document = readAuthFile(file)
    const credentials = document && (await findInDocument(facts, { document, file }, request))
    if (credentials !== undefined) return { credentials, file }
  }
  return undefined
}

interface Source {
  readonly document: AuthDocument
  readonly file: string
}

async function findInDocument(
  facts: HostFacts,
  { document, file }: Source,
  { domain, path }: CredentialsRequest,
): Promise<Credentials | undefined> {
  for (const key of listKeys(domain, path)) {
    const helper = findByKey(document.credHelpers, key)
    const found =
      helper === undefined
        ? findEntry(document, key, file)
        : await askHelper(requireHelper(facts, helper.value, file), serverNames(key, helper.name))
    if (found !== undefined) return found
  }
  // A store that is not installed keeps nothing: docker's configuration is often carried from one machine to another.
  const store = document.credsStore ? findHelper(facts, document.credsStore) : undefined
  return store === undefined ? undefined : await askHelper(store, serverNames(canonicalDomain(domain)))
}

/** `host/a/b`, `host/a`, `host`. */
function listKeys(domain: string, path: string): readonly string[] {
  const parts = [canonicalDomain(domain), ...path.split('/').filter((part) => part !== '')]
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('/'))
}

/** docker's older keys are URLs of an API, `https://index.docker.io/v1/`: they stand for their host. */
function normalizeKey(name: string): string {
  const [host = '', ...path] = name.replace(/^https?:\/\//, '').split('/')
  const isUrl = /^https?:\/\//.test(name) || /^v[12]$/.test(path[0] ?? '')
  return [canonicalDomain(host), ...(isUrl ? [] : path)].join('/')
}

/** The member of `map` that is for `key`, under the name it has there. */
export function findByKey<T>(
  map: Readonly<Record<string, T>> | undefined,
  key: string,
): { readonly name: string; readonly value: T } | undefined {
  const names = Object.keys(map ?? {})
  const name = names.find((name) => name === key) ?? names.find((name) => normalizeKey(name) === key)
  const value = name === undefined ? undefined : map?.[name]
  return name === undefined || value === undefined ? undefined : { name, value }
}

/** Under which names a helper may know a server: the file's own, and for docker.io docker's and podman's. */
export function serverNames(key: string, ownName?: string): readonly string[] {
  const names = key === 'docker.io' ? ['https://index.docker.io/v1/', 'docker.io'] : [key]
  return [...new Set(ownName === undefined ? names : [ownName, ...names])]
}

async function askHelper(program: string, servers: readonly string[]): Promise<Credentials | undefined> {
  for (const server of servers) {
    const found = await getFromHelper(program, server)
    if (found !== undefined) return found
  }
  return undefined
}

/** Undefined for no entry and for an empty one, as docker leaves where a helper has the credentials. */
function findEntry(document: AuthDocument, key: string, file: string): Credentials | undefined {
  const found = findByKey(document.auths, key)
  return found === undefined ? undefined : toCredentials(found.value, `read: ${file}: auths "${found.name}"`)
}

function toCredentials(
  { auth, identitytoken, username, password }: AuthEntry,
  subject: string,
): Credentials | undefined {
  if (identitytoken) return { kind: 'token', identityToken: identitytoken }
  if (!auth) return username && password ? { kind: 'password', username, password } : undefined
  const pair = Buffer.from(auth, 'base64').toString('utf8')
  const colon = pair.indexOf(':')
  if (colon < 0) throw new BadInputError(`${subject}: auth is not the base64 form of USER:PASSWORD`)
  return { kind: 'password', username: pair.slice(0, colon), password: pair.slice(colon + 1).replace(/\0+$/, '') }
}
