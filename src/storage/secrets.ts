// Secrets: secrets/<name>, one file each, 0600: what is known of it and its data. So a secret is never half there, and is replaced by one
// rename. Nothing here puts data into an error.

import { existsSync, linkSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { BadInputError, ConflictError, errorCode, HostError, NotFoundError, UsageError } from '../model/errors.js'
import type { SecretRecord } from '../model/secret.js'
import { toDiskError } from '../platform/disk-errors.js'
import { readJson, syncDirectory, writeFileAtomic } from '../platform/files.js'
import type { StorePaths } from '../platform/paths.js'
import { randomId } from '../platform/random.js'
import { makeStagingDir } from '../platform/staging.js'

export interface Secret {
  readonly record: SecretRecord
  readonly data: Buffer
}

/** secrets/<name>. */
interface SecretFile extends SecretRecord {
  /** Base64; not there: in a file of its own in `path`. */
  readonly data?: string
}

/** podman's bounds, both of them not allowed themselves. */
const MOST_BYTES = 512_000
const NAME = /^[a-zA-Z0-9]([a-zA-Z0-9_.-]{0,251}[a-zA-Z0-9])?$/
const ID_DIGITS = 25

export interface NewSecret {
  readonly name: string
  readonly data: Buffer
  readonly labels: Readonly<Record<string, string>>
  readonly path?: string
  /** One of this name is replaced, and keeps its id. */
  readonly replace: boolean
}

/** Throws UsageError. */
export function checkSecretName(name: string): void {
  if (NAME.test(name)) return
  throw new UsageError(
    `name secret: "${name}": only 253 [a-zA-Z0-9-_.] characters allowed, and the start and end character must be [a-zA-Z0-9]`,
  )
}

/** Throws BadInputError. */
export function checkSecretSize(sizeBytes: number): void {
  if (sizeBytes > 0 && sizeBytes < MOST_BYTES) return
  throw new BadInputError(`create secret: secret data must be larger than 0 and less than ${MOST_BYTES} bytes`)
}

/** Atomic and durable. Throws ConflictError when the name is taken, HostError for a full disk or a `path` that cannot be written. */
export function createSecret(paths: StorePaths, secret: NewSecret): SecretRecord {
  const { name, data, labels, path: dir, replace } = secret
  checkSecretName(name)
  checkSecretSize(data.length)
  const before = replace ? readFile(paths, name) : undefined
  const now = new Date().toISOString()
  const id = before?.id ?? randomId().slice(0, ID_DIGITS)
  const dates = { createdAt: before?.createdAt ?? now, updatedAt: now }
  const record = { schema: 1, id, name, ...dates, labels, ...(dir === undefined ? {} : { path: dir }) } as const
  if (dir !== undefined) writeData(path.join(dir, id), data)
  try {
    writeRecord(paths, dir === undefined ? { ...record, data: data.toString('base64') } : record, before !== undefined)
  } catch (error) {
    if (dir !== undefined && before === undefined) rmSync(path.join(dir, id), { force: true })
    if (replace && before === undefined && error instanceof ConflictError) return createSecret(paths, secret) // made just now
    throw error
  }
  if (before?.path !== undefined && before.path !== dir) rmSync(path.join(before.path, id), { force: true })
  return record
}

/** Written where what a kill leaves is swept, then brought to its place by one link or rename. */
function writeRecord(paths: StorePaths, record: SecretFile, replace: boolean): void {
  const file = path.join(paths.secrets, record.name)
  const staged = makeStagingDir(paths)
  const fresh = path.join(staged, 'secret')
  try {
    writeFileAtomic(fresh, `${JSON.stringify(record, undefined, 1)}\n`, { durable: true })
    if (replace) renameSync(fresh, file)
    else linkSync(fresh, file)
    syncDirectory(paths.secrets)
  } catch (cause) {
    if (errorCode(cause) !== 'EEXIST') throw toDiskError(cause, `create secret: ${record.name}`)
    throw new ConflictError(`create secret: ${record.name}: secret name in use`, {
      cause,
      hint: 'take another name, or add --replace',
    })
  } finally {
    rmSync(staged, { recursive: true, force: true })
  }
}

function writeData(file: string, data: Buffer): void {
  try {
    writeFileAtomic(file, data, { durable: true })
  } catch (cause) {
    const why = errorCode(cause)
    if (why === undefined) throw cause
    throw new HostError(`create secret: ${path.dirname(file)}: it cannot be written (${why})`, {
      cause,
      hint: 'the path in --driver-opts is a directory that is there and yours',
    })
  }
}

/** By name, id, or the beginning of an id that no other has. Throws NotFoundError, UsageError when several begin so. */
export function readSecret(paths: StorePaths, nameOrId: string): Secret {
  const { data, ...record } = findFile(paths, nameOrId)
  if (data !== undefined) return { record, data: Buffer.from(data, 'base64') }
  try {
    return { record, data: readFileSync(path.join(record.path ?? paths.secrets, record.id)) }
  } catch (cause) {
    throw new HostError(`read secret: ${record.name}: its data in ${record.path} is gone (${errorCode(cause)})`, {
      cause,
    })
  }
}

/** The same without the data. */
export function findSecret(paths: StorePaths, nameOrId: string): SecretRecord {
  const { data: _, ...record } = findFile(paths, nameOrId)
  return record
}

/** Told of a secret that is there but cannot be read. */
export type OnDamagedSecret = (name: string, error: BadInputError) => void

/** All that can be read, by name: one that is damaged must not hide the others. */
export function listSecrets(paths: StorePaths, onDamaged: OnDamagedSecret = () => undefined): SecretRecord[] {
  return listFiles(paths, onDamaged).map(({ data: _, ...record }) => record)
}

/** Returns what it was. Throws as findSecret. */
export function removeSecret(paths: StorePaths, nameOrId: string): SecretRecord {
  const record = findSecret(paths, nameOrId)
  // the data first: what a kill leaves is a secret that can be removed again
  if (record.path !== undefined) rmSync(path.join(record.path, record.id), { force: true })
  rmSync(path.join(paths.secrets, record.name), { force: true })
  syncDirectory(paths.secrets)
  return record
}

function findFile(paths: StorePaths, text: string): SecretFile {
  const named = readFile(paths, text)
  if (named !== undefined) return named
  const found = /^[0-9a-f]+$/.test(text) ? listFiles(paths).filter(({ id }) => id.startsWith(text)) : []
  if (found.length > 1) throw new UsageError(`find secret: more than one result secret with prefix ${text}`)
  if (found[0] !== undefined) return found[0]
  throw new NotFoundError(`find secret: no secret with name or id "${text}": no such secret`, {
    hint: '`lichen secret ls` lists all secrets',
  })
}

function listFiles(paths: StorePaths, onDamaged: OnDamagedSecret = () => undefined): SecretFile[] {
  return readdirSync(paths.secrets)
    .sort()
    .flatMap((name) => {
      try {
        return readFile(paths, name) ?? []
      } catch (error) {
        if (!(error instanceof BadInputError)) throw error
        onDamaged(name, error)
        return []
      }
    })
}

/** undefined: there is none of this name. Throws BadInputError for a file that is not a secret. */
function readFile(paths: StorePaths, name: string): SecretFile | undefined {
  if (!NAME.test(name)) return undefined
  const file = path.join(paths.secrets, name)
  try {
    const secret = readJson<SecretFile>(file)
    if (secret === undefined ? !existsSync(file) : secret.name === name && typeof secret.id === 'string') return secret
  } catch (error) {
    if (!(error instanceof BadInputError)) throw error
  }
  throw new BadInputError(`read: ${file}: not a secret of this version`, {
    hint: `make it anew: rm ${file}, then lichen secret create ${name} …`,
  })
}
