// Volumes: volumes/<name>/{volume.json,_data}. A volume appears whole, by one rename. Which containers use one is not known here.

import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { BadInputError, errorCode, NotFoundError, UsageError } from '../model/errors.js'
import type { VolumeRecord } from '../model/volume.js'
import { toDiskError } from '../platform/disk-errors.js'
import { readJson, syncDirectory, writeFileAtomic } from '../platform/files.js'
import type { StorePaths } from '../platform/paths.js'
import { randomHex } from '../platform/random.js'
import { makeStagingDir } from '../platform/staging.js'
import type { Store } from '../platform/store.js'
import { removeMoved, removeTree, takeAway } from './trash.js'

/** podman's grammar of names; it also keeps `..` and `/` out of our paths. */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/
const LONGEST_NAME = 255

/** Where its files lie, if they lie in the store. */
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
  /** There was none, and now there is. */
  readonly onMade?: () => void
}

/** Idempotent: makes the volume when it is missing and returns its data directory. Throws UsageError for a bad name. */
export function ensureVolume(store: Store, name: string, { anonymous, labels = {}, onMade }: VolumeOptions): string {
  checkVolumeName(name)
  if (readVolume(store.paths, name) === undefined) {
    const staged = stageVolume(store)
    const createdAt = new Date().toISOString()
    try {
      const record = { schema: 1, name, createdAt, anonymous, labels, driver: 'local', options: {} } as const
      if (publishVolume(store, staged, record)) onMade?.()
    } finally {
      rmSync(staged, { recursive: true, force: true })
    }
  }
  return volumeDataPath(store.paths, name)
}

/** A volume on its way: a directory that nobody sees, with an empty `_data` in it. The caller fills, publishes and then removes it. */
export function stageVolume({ paths }: Store): string {
  try {
    const staged = makeStagingDir(paths)
    mkdirSync(path.join(staged, '_data'))
    chmodSync(path.join(staged, '_data'), 0o755) // mkdir's mode is subject to the umask
    return staged
  } catch (error) {
    throw toDiskError(error, 'create volume')
  }
}

/** Makes it visible, durably. False: there is one of that name. */
export function publishVolume({ paths }: Store, staged: string, record: VolumeRecord): boolean {
  writeFileAtomic(path.join(staged, 'volume.json'), `${JSON.stringify(record, undefined, 1)}\n`, { durable: true })
  try {
    renameSync(staged, path.join(paths.volumes, record.name))
  } catch (error) {
    if (errorCode(error) === 'ENOTEMPTY' || errorCode(error) === 'EEXIST') return false
    throw toDiskError(error, `create volume: ${record.name}`)
  }
  syncDirectory(paths.volumes)
  return true
}

/** undefined: no such volume. Throws BadInputError for a record that is not one. */
export function readVolume(paths: StorePaths, name: string): VolumeRecord | undefined {
  if (!NAME.test(name)) return undefined
  try {
    const record = readJson<VolumeRecord>(path.join(paths.volumes, name, 'volume.json'))
    return record === undefined ? undefined : { ...BEFORE, ...record }
  } catch (cause) {
    if (!(cause instanceof BadInputError)) throw cause
    throw new BadInputError(cause.message, {
      cause,
      hint: '`lichen system check --repair` writes the record of a damaged volume anew',
    })
  }
}

/** What every volume was before there was a choice. */
const BEFORE = { driver: 'local', options: {} } as const

/** Exactly that name. Throws NotFoundError. */
export function findVolume(paths: StorePaths, name: string): VolumeRecord {
  const record = readVolume(paths, name)
  if (record !== undefined) return record
  throw noSuchVolume(name)
}

/** The same, where the beginning of a name will do. Throws UsageError when several begin so. */
export function lookUpVolume(paths: StorePaths, text: string): VolumeRecord {
  const record = readVolume(paths, text)
  if (record !== undefined) return record
  const names = text === '' ? [] : listVolumeNames(paths).filter((name) => name.startsWith(text))
  if (names.length > 1)
    throw new UsageError(`find volume: more than one result for volume name "${text}"`, {
      hint: `there are ${names.join(', ')}`,
    })
  return findVolume(paths, names[0] ?? text)
}

const noSuchVolume = (name: string) =>
  new NotFoundError(`find volume: no volume with name "${name}" found: no such volume`, {
    hint: '`lichen volume ls` lists all volumes',
  })

/** All that can be read, by name: one that is damaged must not hide the others. */
export function listVolumes(
  paths: StorePaths,
  onDamaged: (name: string, error: BadInputError) => void = () => undefined,
): VolumeRecord[] {
  return listVolumeNames(paths).flatMap((name) => {
    try {
      return readVolume(paths, name) ?? []
    } catch (error) {
      if (!(error instanceof BadInputError)) throw error
      onDamaged(name, error)
      return []
    }
  })
}

function listVolumeNames(paths: StorePaths): string[] {
  return readdirSync(paths.volumes).sort()
}

/** Idempotent. Whether it is in use is the caller's business. False: there was none. */
export async function removeVolume(store: Store, name: string): Promise<boolean> {
  checkVolumeName(name)
  const dir = path.join(store.paths.volumes, name)
  const wasThere = existsSync(dir)
  await removeTree(store, dir)
  return wasThere
}

/**
 * The same, unless it is in use: who uses it is looked up and never counted, so it is asked again when the volume is out of sight, and put
 * back for whoever began to use it in between. False: it is in use, and there.
 */
export async function removeUnusedVolume(store: Store, name: string, isUsed: () => boolean): Promise<boolean> {
  checkVolumeName(name)
  const dir = path.join(store.paths.volumes, name)
  if (isUsed()) return false
  const place = takeAway(store, dir)
  if (isUsed() && putBack(place, dir)) return false
  await removeMoved(store, [place])
  return true
}

/** False: there is a new one already, which is the one that is used. */
function putBack(place: string, dir: string): boolean {
  if (place === dir) return true
  try {
    renameSync(place, dir)
    return true
  } catch (error) {
    if (['ENOENT', 'EEXIST', 'ENOTEMPTY'].includes(errorCode(error) ?? '')) return false
    throw error
  }
}

/** Throws UsageError. */
export function checkVolumeName(name: string): void {
  if (NAME.test(name) && name.length <= LONGEST_NAME) return
  throw new UsageError(
    `name volume: "${name}": names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*, with at most ${LONGEST_NAME} characters`,
  )
}
