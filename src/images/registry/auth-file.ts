// The files that hold registries' credentials: where they are looked for, and reading and changing one without touching what else is in
// it. containers-auth.json(5); docker's config.json has the same parts. Must never put a secret into a message.

import { existsSync, mkdirSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { BadInputError } from '../../model/errors.js'
import { toAccessError } from '../../platform/access-errors.js'
import { readFileIfExists, writeFileAtomic } from '../../platform/files.js'
import type { HostFacts } from '../../platform/host-facts.js'
import { withLock } from '../../platform/lock.js'

export interface AuthEntry {
  /** base64 of USER:PASSWORD. */
  readonly auth?: string
  readonly identitytoken?: string
  readonly username?: string
  readonly password?: string
}

export interface AuthDocument {
  readonly auths?: Readonly<Record<string, AuthEntry>>
  /** Registry → NAME of the program docker-credential-NAME. */
  readonly credHelpers?: Readonly<Record<string, string>>
  /** The program for every registry that has none of its own. */
  readonly credsStore?: string
}

/** The one file that was said; undefined: those that are always looked through. */
export function namedAuthFile(facts: HostFacts, authfile: string | undefined): string | undefined {
  const named = authfile || facts.env.REGISTRY_AUTH_FILE
  return named ? path.resolve(facts.cwd, named) : undefined
}

/** In the order they are read. */
export function listAuthFiles(facts: HostFacts, authfile?: string): readonly string[] {
  const named = namedAuthFile(facts, authfile)
  if (named !== undefined) return [named]
  const files = [
    defaultAuthFile(facts),
    userAuthFile(facts),
    path.join(facts.env.DOCKER_CONFIG || path.join(facts.home, '.docker'), 'config.json'),
    path.join(facts.home, '.dockercfg'),
  ]
  return [...new Set(files)]
}

/**
 * What `login` writes when nothing is said: podman's file, which is gone after the next boot. Where a user has no runtime directory, the
 * one that stays.
 */
export function defaultAuthFile({ env, uid, home }: HostFacts): string {
  const system = uid === 0 ? '/run/containers/0' : `/run/user/${uid}`
  const runtime = env.XDG_RUNTIME_DIR || system
  if (uid === 0 && runtime === system) return path.join(system, 'auth.json')
  return existsSync(runtime) ? path.join(runtime, 'containers/auth.json') : userAuthFile({ env, home })
}

function userAuthFile({ env, home }: Pick<HostFacts, 'env' | 'home'>): string {
  return path.join(env.XDG_CONFIG_HOME || path.join(home, '.config'), 'containers/auth.json')
}

/** undefined: there is no such file. Throws BadInputError for a damaged one. */
export function readAuthFile(file: string): AuthDocument | undefined {
  const text = readText(file)
  if (text === undefined) return undefined
  const value = text.trim() === '' ? {} : parseJson(text, file)
  const document = path.basename(file) === '.dockercfg' ? { auths: value } : value
  checkDocument(document, file)
  return document
}

/** Reads, changes, writes (0600, by rename, through a symbolic link) under a lock. Makes the file and its directory. */
export async function changeAuthFile(file: string, change: (before: AuthDocument) => AuthDocument): Promise<void> {
  try {
    const target = existsSync(file) ? realpathSync(file) : file
    mkdirSync(path.dirname(target), { recursive: true, mode: 0o700 })
    await withLock(target, () => {
      const after = change(readAuthFile(target) ?? {})
      writeFileAtomic(target, JSON.stringify(after, null, '\t'), { durable: true })
    })
  } catch (error) {
    throw toAccessError(error, `write: ${file}`, OWN_FILE)
  }
}

const OWN_FILE = 'name a file of your own with --authfile'

function readText(file: string): string | undefined {
  try {
    return readFileIfExists(file)
  } catch (error) {
    throw toAccessError(error, `read: ${file}`, OWN_FILE)
  }
}

/** The reason that the JSON parser gives would quote the file. */
function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new BadInputError(`read: ${file}: not JSON`, { hint: 'mend it, or remove it and log in again' })
  }
}

function checkDocument(value: unknown, file: string): asserts value is AuthDocument {
  const wrong = (what: string) => new BadInputError(`read: ${file}: ${what}`, { hint: 'see containers-auth.json(5)' })
  if (!isObject(value)) throw wrong('not a JSON object')
  const { auths = {}, credHelpers = {}, credsStore = '' } = value
  if (!isObject(auths)) throw wrong('auths is no object')
  for (const [key, entry] of Object.entries(auths)) if (!isEntry(entry)) throw wrong(`auths "${key}" is no entry`)
  if (!isObject(credHelpers) || !Object.values(credHelpers).every(isString)) throw wrong('credHelpers are no strings')
  if (!isString(credsStore)) throw wrong('credsStore is no string')
}

const isString = (value: unknown): value is string => typeof value === 'string'
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isEntry = (value: unknown): value is AuthEntry =>
  isObject(value) &&
  (['auth', 'identitytoken', 'username', 'password'] as const).every((key) => isString(value[key] ?? ''))
