// cache/reserve: a little disk space held back, so that things can be removed when the disk is full. To forget an image its index is
// written anew, under a lock that is a directory: both need blocks that a full disk has not got.

import { randomFillSync } from 'node:crypto'
import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import path from 'node:path'
import { errorCode } from '../model/errors.js'
import type { StorePaths } from './paths.js'

/** An index of two thousand images, and the lock. */
const RESERVE_BYTES = 1024 * 1024

const FULL = ['ENOSPC', 'EDQUOT']

export function reserveFile(paths: Pick<StorePaths, 'cache'>): string {
  return path.join(paths.cache, 'reserve')
}

/** Holds as much of the space as can be had. Idempotent; one stat when all of it is held. */
export function ensureReserve(paths: Pick<StorePaths, 'cache'>): void {
  const file = reserveFile(paths)
  const missing = RESERVE_BYTES - (statSync(file, { throwIfNoEntry: false })?.size ?? 0)
  if (missing <= 0) return
  try {
    extendFile(file, missing)
  } catch (error) {
    if (!isDiskFull(error)) throw error
  }
}

/** Runs an idempotent change that takes away more than it adds; on a full disk once more, with the space held back for it. */
export async function withReserve<T>(paths: Pick<StorePaths, 'cache'>, change: () => Promise<T>): Promise<T> {
  try {
    return await change()
  } catch (error) {
    const file = reserveFile(paths)
    if (!isDiskFull(error) || statSync(file, { throwIfNoEntry: false }) === undefined) throw error
    rmSync(file, { force: true })
    try {
      return await change()
    } finally {
      ensureReserve(paths)
    }
  }
}

/** The disk's own error, or one of ours made of it. */
export function isDiskFull(error: unknown): boolean {
  return (
    FULL.includes(errorCode(error) ?? '') || (error instanceof Error && FULL.includes(errorCode(error.cause) ?? ''))
  )
}

/** Random: a file system that compresses would store zeros in no space at all. */
function extendFile(file: string, bytes: number): void {
  const fd = openSync(file, 'a', 0o600)
  try {
    const filling = randomFillSync(Buffer.alloc(bytes))
    for (let at = 0; at < filling.length; ) at += writeSync(fd, filling, at)
  } finally {
    closeSync(fd)
  }
}
