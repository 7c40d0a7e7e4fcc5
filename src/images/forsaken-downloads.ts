// What pulls have left half-fetched in downloads/, and which of it nobody will go on with. See downloads.ts for who owns what.

import { lstatSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import path from 'node:path'
import { errorCode } from '../model/errors.js'
import { fileDiskBytes } from '../platform/disk-usage.js'
import type { StorePaths } from '../platform/paths.js'
import { findOwner } from '../platform/staging.js'

/** An interrupted pull that is tried again goes on where it stopped; after this long it will not be. */
const FORSAKEN_AFTER_MS = 24 * 3_600_000

export interface HalfDownload {
  readonly file: string
  readonly diskBytes: number
  /** No living process has it, and nothing came for a day. */
  readonly isForsaken: boolean
}

export function listDownloads(paths: StorePaths, nowMs: number): HalfDownload[] {
  return readdirSync(paths.downloads)
    .filter((name) => /^[0-9a-f]{64}$/.test(name))
    .flatMap((name) => {
      const file = path.join(paths.downloads, name)
      const stat = lstatSync(file, { throwIfNoEntry: false })
      if (stat === undefined) return [] // whole just now
      const isForsaken = readClaimant(file) !== 'alive' && nowMs - stat.mtimeMs > FORSAKEN_AFTER_MS
      return [{ file, diskBytes: fileDiskBytes(file), isForsaken }]
    })
}

/** Idempotent. A pull that begins just now is not hurt: it keeps the file under a name of its own. */
export function removeDownload({ file }: HalfDownload): void {
  rmSync(file, { force: true })
  if (readClaimant(file) !== 'alive') rmSync(`${file}.owner`, { force: true })
}

function readClaimant(file: string): ReturnType<typeof findOwner> {
  try {
    return findOwner(readlinkSync(`${file}.owner`))
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 'gone'
    throw error
  }
}
