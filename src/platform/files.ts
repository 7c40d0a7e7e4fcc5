// Small files that are never seen half-written: temporary name, (fsync,) rename. Large data streams elsewhere.

import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import path from 'node:path'
import { BadInputError, errorCode } from '../model/errors.js'
import { toDiskError } from './disk-errors.js'

let sequence = 0

/** A name beside `file` that no other process or call uses. */
function temporaryName(file: string): string {
  return path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}.${sequence++}.tmp`)
}

/** Durable: survives power loss once it returned. Not durable: still atomic for readers, for things that do not outlive the boot. */
export interface WriteOptions {
  readonly durable: boolean
}

/** Atomically replaces `file` (mode 0600). Throws Node's errors (ENOSPC, ENOENT of the directory …) and leaves nothing behind. */
export function writeFileAtomic(file: string, data: string | Uint8Array, options: WriteOptions): void {
  const temporary = temporaryName(file)
  try {
    const fd = openSync(temporary, 'wx', 0o600)
    try {
      const bytes = typeof data === 'string' ? Buffer.from(data) : data
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
      if (options.durable) fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(temporary, file)
    if (options.durable) syncDirectory(path.dirname(file))
  } catch (error) {
    rmSync(temporary, { force: true })
    throw toDiskError(error, `write: ${file}`)
  }
}

/** Makes a directory that may be there already; never its parents: who has just removed one of those must not see it come back. */
export function ensureDirectory(dir: string, mode: number): void {
  try {
    mkdirSync(dir, { mode })
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
  }
}

/** A rename is durable only after its directory is. */
export function syncDirectory(dir: string): void {
  const fd = openSync(dir, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** The text of a file, or undefined when it does not exist. */
export function readFileIfExists(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return undefined
    throw error
  }
}

/**
 * Our own JSON of schema 1, or undefined when the file does not exist or is empty (after power loss a file that was not made durable can be).
 * Throws BadInputError for anything else that is not ours.
 */
export function readJson<T extends { readonly schema: 1 }>(file: string): T | undefined {
  const text = readFileIfExists(file)
  if (text === undefined || text === '') return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new BadInputError(`read: ${file}: not JSON`, { cause })
  }
  if (typeof value === 'object' && value !== null && 'schema' in value && value.schema === 1) return value as T
  throw new BadInputError(`read: ${file}: not of schema 1`, { hint: 'it was written by another version of lichen' })
}
