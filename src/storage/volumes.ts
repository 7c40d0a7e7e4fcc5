// Named volumes: volumes/<name>/{volume.json,_data}. A volume appears whole, by one rename. Whether a container uses one is not known here.

import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { errorCode, NotFoundError, UsageError } from '../model/errors.js'
import { readJson, syncDirectory, writeFileAtomic } from '../platform/files.js'
import type { StorePaths } from '../platform/paths.js'
import { randomHex } from '../platform/random.js'
import { makeStagingDir } from '../platform/staging.js'
import type { Store } from '../platform/store.js'
import { removeTree } from './trash.js'

/** volume.json. */
export interface VolumeRecord {
  readonly schema: 1
  readonly name: string
  /** RFC 3339, UTC. */
  readonly createdAt: string
  /** Made for one container, removed with it. */
  readonly anonymous: boolean
  readonly labels: Readonly<Record<string, string>>
}

/** podman's grammar of names; it also keeps `..` and `/` out of our paths. */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/

export function volumeDataPath(paths: StorePaths, name: string): string {
  return path.join(paths.volumes, name, '_data')
}

/** 64 hex digits, as podman names them. */
export function newAnonymousName(): string {
  return randomHex(32)
}

export interface VolumeOptions {
  readonly anonymous: boolean
  readonly labels?: Readonly<Record<string, string>>
}

/** Idempotent: makes the volume when it is missing and returns its data directory. Throws UsageError for a bad name. */
export function ensureVolume(store: Store, name: string, { anonymous, labels = {} }: VolumeOptions): string {
  checkName(name)
  if (readVolume(store.paths, name) === undefined) {
    createVolume(store, { schema: 1, name, createdAt: new Date().toISOString(), anonymous, labels })
  }
  return volumeDataPath(store.paths, name)
}

/** False: another process was faster. */
function createVolume(store: Store, record: VolumeRecord): boolean {
  const staged = makeStagingDir(store.paths)
  try {
    mkdirSync(path.join(staged, '_data'))
    chmodSync(path.join(staged, '_data'), 0o755) // mkdir's mode is subject to the umask
    writeFileAtomic(path.join(staged, 'volume.json'), `${JSON.stringify(record, undefined, 1)}\n`, { durable: true })
    renameSync(staged, path.join(store.paths.volumes, record.name))
  } catch (error) {
    rmSync(staged, { recursive: true, force: true })
    if (errorCode(error) === 'ENOTEMPTY' || errorCode(error) === 'EEXIST') return false
    throw error
  }
  syncDirectory(store.paths.volumes)
  return true
}

/** undefined: no such volume. */
export function readVolume(paths: StorePaths, name: string): VolumeRecord | undefined {
  return NAME.test(name) ? readJson<VolumeRecord>(path.join(paths.volumes, name, 'volume.json')) : undefined
}

/** Throws NotFoundError. */
export function findVolume(paths: StorePaths, name: string): VolumeRecord {
  const record = readVolume(paths, name)
  if (record !== undefined) return record
  throw new NotFoundError(`find volume: no volume with name "${name}"`)
}

/** By name. */
export function listVolumes(paths: StorePaths): VolumeRecord[] {
  return readdirSync(paths.volumes)
    .sort()
    .flatMap((name) => readVolume(paths, name) ?? [])
}

/** Idempotent. Whether it is in use is the caller's business. */
export async function removeVolume(store: Store, name: string): Promise<void> {
  checkName(name)
  await removeTree(store, path.join(store.paths.volumes, name))
}

function checkName(name: string): void {
  if (NAME.test(name) && name.length <= 255) return
  throw new UsageError(
    `name volume: "${name}": only letters, digits, "_", "." and "-", beginning with a letter or digit`,
  )
}
