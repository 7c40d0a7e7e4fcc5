// containers/<id>/record.json: what a container is. Written once, by one rename of its whole directory; read by everyone.

import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { ContainerRecord } from '../model/container.js'
import { BadInputError, BusyError, errorCode, NotFoundError, UsageError } from '../model/errors.js'
import {
  ensureDirectory,
  readFileIfExists,
  readJson,
  syncDirectory,
  type WriteOptions,
  writeFileAtomic,
} from '../platform/files.js'
import type { StorePaths } from '../platform/paths.js'
import { makeStagingDir } from '../platform/staging.js'
import { writeEventText } from './event-text.js'
import { checkName, findByName, isNameOf, listIds, releaseName, reserveName } from './names.js'
import { upgradeRecord } from './upgrade-record.js'

export function containerDir(paths: StorePaths, id: string): string {
  return path.join(paths.containers, id)
}

/** Where the container's monitor listens while there is one. */
export function socketPath(paths: StorePaths, id: string): string {
  return path.join(paths.sockets, id)
}

/**
 * Reserves the name and makes the record visible, both or neither. Not durable is for containers that do not outlive this boot.
 * Throws ConflictError when the name is taken.
 */
export async function createRecord(paths: StorePaths, record: ContainerRecord, options: WriteOptions): Promise<void> {
  checkName(record.name)
  const staged = makeStagingDir(paths)
  try {
    await reserveName(paths, { name: record.name, id: record.id, staged })
    // Beside the record, which is never written again: the name can change, and the monitor must know which one to free.
    writeFileAtomic(path.join(staged, 'name'), `${record.name}\n`, { durable: false })
    writeEventText(staged, record)
    writeFileAtomic(path.join(staged, 'record.json'), `${JSON.stringify(record, undefined, 1)}\n`, options)
    renameSync(staged, containerDir(paths, record.id))
    if (options.durable) syncDirectory(paths.containers)
  } catch (error) {
    rmSync(staged, { recursive: true, force: true })
    releaseName(paths, record.name, record.id)
    throw error
  }
}

/** undefined: no such container, or one that is just being removed. Throws BadInputError for a record that is not one. */
export function readRecord(paths: StorePaths, id: string): ContainerRecord | undefined {
  const file = path.join(containerDir(paths, id), 'record.json')
  const record = readOwnJson<ContainerRecord>(id, file)
  if (record === undefined && readFileIfExists(file) === undefined) return undefined
  if (record?.id === id && typeof record.plan === 'object') return upgradeRecord(record)
  throw damaged(id, `read: ${file}: not the record of a container`)
}

/** A file of the container's own. Throws BadInputError with what to do about a damaged one; undefined when there is none, or it is empty. */
export function readOwnJson<T extends { readonly schema: 1 }>(id: string, file: string): T | undefined {
  try {
    return readJson<T>(file)
  } catch (cause) {
    throw cause instanceof BadInputError ? damaged(id, cause.message, cause) : cause
  }
}

function damaged(id: string, message: string, cause?: unknown): BadInputError {
  return new BadInputError(message, {
    cause,
    hint: `\`lichen rm -f ${id.slice(0, 12)}\` removes the damaged container, \`lichen system check --repair\` keeps its files`,
  })
}

/** Told of a container that is there but cannot be read. */
export type OnDamaged = (id: string, error: BadInputError) => void

/** All containers that can be read, oldest first: one that is damaged must not hide the others. */
export function listRecords(paths: StorePaths, onDamaged: OnDamaged): ContainerRecord[] {
  const records = listIds(paths).flatMap((id) => {
    try {
      return readRecord(paths, id) ?? []
    } catch (error) {
      if (!(error instanceof BadInputError)) throw error
      onDamaged(id, error)
      return []
    }
  })
  return records.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1))
}

/** By name, full id or unique prefix of an id. Throws NotFoundError, or UsageError when a prefix fits several. */
export function findRecord(paths: StorePaths, text: string): ContainerRecord {
  const id = findId(paths, text)
  const record = id === undefined ? undefined : readRecord(paths, id)
  if (record !== undefined) return record
  throw noSuchContainer(text)
}

/** In the words that scripts look for. */
export function noSuchContainer(text: string, hint = '`lichen ps -a` lists all containers'): NotFoundError {
  return new NotFoundError(`no container with name or ID "${text}" found: no such container`, { hint })
}

/** The same for a container that may be damaged. Undefined: there is none. */
export function findId(paths: StorePaths, text: string): string | undefined {
  const named = findByName(paths, text)
  if (named !== undefined && existsSync(containerDir(paths, named)) && !wasRenamed(paths, text, named)) return named
  const ids = /^[0-9a-f]{1,64}$/.test(text) ? listIds(paths).filter((id) => id.startsWith(text)) : []
  if (ids.length > 1) {
    throw new UsageError(
      `find container: "${text}" is the beginning of ${ids.length} ids: ${ids.map((id) => id.slice(0, 12)).join(' ')}`,
    )
  }
  return ids[0]
}

/** A rename that was killed at its end leaves the old name behind, which nobody has any more. */
function wasRenamed(paths: StorePaths, name: string, id: string): boolean {
  return existsSync(path.join(containerDir(paths, id), 'record.json')) && !isNameOf(paths, name, id)
}

/** Adds runs/<n>, the directory of one start, and returns it. Throws BusyError when another process starts the container too. */
export function createRunDir(paths: StorePaths, id: string, number: number): string {
  const dir = path.join(containerDir(paths, id), 'runs', String(number))
  ensureDirectory(path.dirname(dir), 0o700)
  try {
    mkdirSync(dir, { mode: 0o700 })
  } catch (cause) {
    if (errorCode(cause) !== 'EEXIST') throw cause
    throw new BusyError(`start container: ${id.slice(0, 12)}: another process is starting it`, { cause })
  }
  return dir
}
