// The `secret` verbs.

import { NotFoundError, UsageError } from '../model/errors.js'
import type { SecretDescription, SecretRecord } from '../model/secret.js'
import type { Store } from '../platform/store.js'
import { appendSecretEvent } from '../state/events.js'
import {
  checkSecretName,
  checkSecretSize,
  createSecret,
  removeSecret as dropSecret,
  findSecret,
  listSecrets,
  readSecret,
} from '../storage/secrets.js'
import { readSecretSource, type SecretSource } from './secret-source.js'

export interface CreateSecretRequest extends SecretSource {
  readonly name: string
  readonly driver: string
  readonly driverOptions: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  /** One of that name is replaced. */
  readonly replace: boolean
  /** One of that name is no error, and stays as it is. */
  readonly ignore: boolean
}

/** Returns the id. Throws UsageError, ConflictError for a name in use, BadInputError for a size that is none, HostError. */
export function addSecret(store: Store, request: CreateSecretRequest): string {
  const { name, labels, replace, ignore } = request
  checkSecretName(name)
  const path = checkDriver(request)
  const existing = ignore ? tryFind(store, name) : undefined
  if (existing?.name === name) return existing.id
  const data = readSecretSource(store.facts, request)
  checkSecretSize(data.length)
  const { id } = createSecret(store.paths, { name, data, labels, replace, ...(path === undefined ? {} : { path }) })
  appendSecretEvent(store.paths, 'create', { id, name })
  return id
}

/** podman's JSON object. The data only when it is asked for. */
export function describeSecret(
  store: Store,
  nameOrId: string,
  { withData }: { readonly withData: boolean },
): SecretDescription {
  const record = findSecret(store.paths, nameOrId)
  const data = withData ? { SecretData: readSecret(store.paths, record.name).data.toString('utf8') } : {}
  return { ...describe(store, record), ...data }
}

export interface SecretFilter {
  readonly key: string
  readonly value: string
}

export interface ListedSecrets {
  readonly secrets: readonly SecretDescription[]
  /** What could not be read. */
  readonly warnings: readonly string[]
}

/** By name. Filters: `name` (a regular expression), `id` (its beginning); of one key any may match. */
export function describeSecrets(store: Store, filters: readonly SecretFilter[] = []): ListedSecrets {
  const groups = [filters.flatMap(nameMatcher), filters.flatMap(idMatcher)]
  const warnings: string[] = []
  const secrets = listSecrets(store.paths, (name, { message }) => void warnings.push(`secret ${name}: ${message}`))
    .filter((record) => groups.every((group) => group.length === 0 || group.some((it) => it(record))))
    .map((record) => describe(store, record))
  return { secrets, warnings }
}

/** Returns the id. */
export function removeSecret(store: Store, nameOrId: string): string {
  const { id, name } = dropSecret(store.paths, nameOrId)
  appendSecretEvent(store.paths, 'remove', { id, name })
  return id
}

export function secretExists(store: Store, nameOrId: string): boolean {
  return tryFind(store, nameOrId) !== undefined
}

type Matcher = (record: SecretRecord) => boolean

function nameMatcher({ key, value }: SecretFilter): Matcher[] {
  if (key !== 'name') return []
  try {
    const expression = new RegExp(value)
    return [({ name }) => expression.test(name)]
  } catch (cause) {
    throw new UsageError(`filter secrets: name=${value}: no regular expression`, { cause })
  }
}

const idMatcher = ({ key, value }: SecretFilter): Matcher[] => (key === 'id' ? [({ id }) => id.startsWith(value)] : [])

function describe({ paths }: Store, record: SecretRecord): SecretDescription {
  const { id, name, createdAt, updatedAt, labels, path = paths.secrets } = record
  const driver = { Name: 'file', Options: { path } }
  return { ID: id, CreatedAt: createdAt, UpdatedAt: updatedAt, Spec: { Name: name, Driver: driver, Labels: labels } }
}

/** Where the driver is to keep the data, if that was said. */
function checkDriver({ driver, driverOptions }: CreateSecretRequest): string | undefined {
  if (driver !== 'file')
    throw new UsageError(`create secret: there is no driver "${driver}": secrets are kept by the driver file`)
  for (const key of Object.keys(driverOptions))
    if (key !== 'path') throw new UsageError(`create secret: unknown option "${key}" of the driver file: known is path`)
  const { path } = driverOptions
  if (path === undefined || path.startsWith('/')) return path
  throw new UsageError(`create secret: path=${path}: it must be absolute`)
}

function tryFind({ paths }: Store, nameOrId: string): SecretRecord | undefined {
  try {
    return findSecret(paths, nameOrId)
  } catch (error) {
    if (error instanceof NotFoundError) return undefined
    throw error
  }
}
