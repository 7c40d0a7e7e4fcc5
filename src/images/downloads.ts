// downloads/<hex>: the bytes of a blob that have come so far. A pull that is cut off or killed leaves them, and the next one goes on there;
// of two pulls at once one fetches and the other waits. Whoever fetches owns `<hex>.owner`, a link that names its staging directory: when
// that process is gone, so is its claim. Nothing in here is trusted: a blob counts only after its digest was found true.

import { createHash } from 'node:crypto'
import {
  closeSync,
  linkSync,
  openSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import path from 'node:path'
import { BadInputError, errorCode } from '../model/errors.js'
import type { Descriptor, Digest } from '../model/image.js'
import type { Chunks } from '../platform/byte-streams.js'
import { withLock } from '../platform/lock.js'
import type { StorePaths } from '../platform/paths.js'
import { findOwner } from '../platform/staging.js'
import { blobPath, hasBlob, readBlob } from './blobs.js'

export interface Download {
  readonly paths: StorePaths
  readonly descriptor: Pick<Descriptor, 'digest' | 'size'>
  /** A staging directory of the caller's own: the whole blob is in there afterwards, see `downloadedFile`. */
  readonly dir: string
  /** Asks the registry. */
  readonly read: (fromByte: number) => Chunks
  /** How much is here. */
  readonly onBytes: (doneBytes: number) => void
}

/** What was kept from an earlier try is not the beginning of the blob (power was lost): it is gone now, and trying again helps. */
export class StaleDownloadError extends BadInputError {}

const WAIT_MS = 100
/** A fetcher we cannot see (another container's pid namespace) counts as gone when nothing came for this long. */
const UNSEEN_OWNER_PATIENCE_MS = 120_000

/** The blob's place in the staging directory it was fetched for. */
export function downloadedFile(dir: string, digest: Digest): string {
  return path.join(dir, digest.slice('sha256:'.length))
}

/** The half-fetched file and the claim on it. */
function placesOf({ paths, descriptor }: Download): { file: string; claim: string } {
  const file = path.join(paths.downloads, descriptor.digest.slice('sha256:'.length))
  return { file, claim: `${file}.owner` }
}

/**
 * All bytes of the blob in order: those that are here already, then those that come. Waits while another process (or another reader of
 * this one) fetches the same blob. Once read to the end it lies in `dir`. Throws BadInputError when its digest is wrong.
 */
export async function* readDownload(download: Download): AsyncGenerator<Buffer> {
  const { descriptor, dir } = download
  const target = downloadedFile(dir, descriptor.digest)
  const release = await claimUnlessStored(download)
  if (release === undefined) {
    yield* readBlob(target)
    return
  }
  try {
    const file = placesOf(download).file
    closeSync(openSync(file, 'a', 0o600))
    // what another pull removes from downloads/ when it is done stays ours under this name
    linkInto(file, target)
    yield* fetchRest(download, target)
  } finally {
    release()
  }
}

/** The store's own copy, when it has one: also below `dir` from now on, whatever is removed meanwhile. */
export function linkStored(paths: StorePaths, descriptor: Download['descriptor'], dir: string): boolean {
  const target = downloadedFile(dir, descriptor.digest)
  return hasBlob(paths, descriptor) && linkInto(blobPath(paths, descriptor.digest), target)
}

/** Takes what was fetched out of downloads/, once the image that needed it is visible. Idempotent. */
export function forgetDownload(paths: StorePaths, digest: Digest): void {
  rmSync(path.join(paths.downloads, digest.slice('sha256:'.length)), { force: true })
}

async function* fetchRest(download: Download, target: string): AsyncGenerator<Buffer> {
  const { descriptor, onBytes } = download
  const { size } = descriptor
  const hash = createHash('sha256')
  if (statSync(target).size > size) truncateSync(target) // no beginning of this blob
  const kept = statSync(target).size
  let done = 0
  const count = (chunk: Buffer): Buffer => {
    hash.update(chunk)
    done += chunk.length
    onBytes(done)
    return chunk
  }
  for await (const chunk of readBlob(target)) yield count(chunk)
  const fd = openSync(target, 'a', 0o600)
  try {
    if (done < size)
      for await (const chunk of download.read(done)) {
        for (let at = 0; at < chunk.length; ) at += writeSync(fd, chunk, at)
        yield count(chunk)
      }
    checkDigest(download, { digest: `sha256:${hash.digest('hex')}`, resumed: kept > 0 })
  } finally {
    closeSync(fd)
  }
}

/** The damaged file is not resumed by anybody. */
function checkDigest(download: Download, found: { digest: Digest; resumed: boolean }): void {
  const { digest } = download.descriptor
  if (found.digest === digest) return
  rmSync(placesOf(download).file, { force: true })
  rmSync(downloadedFile(download.dir, digest), { force: true })
  const Kind = found.resumed ? StaleDownloadError : BadInputError
  throw new Kind(`fetch: blob ${digest}: what came has the digest ${found.digest}`, {
    hint: 'the registry or something on the way to it is broken; try again, or tell whoever runs it',
  })
}

/** undefined: the store has the blob, and so has `dir` now. Else what ends the claim. */
async function claimUnlessStored(download: Download): Promise<(() => void) | undefined> {
  const { paths, descriptor, dir, onBytes } = download
  const { file, claim } = placesOf(download)
  for (;;) {
    if (linkStored(paths, descriptor, dir)) return undefined
    if ((await takeClaim(claim, { file, dir })) === 'ours') return () => rmSync(claim, { force: true })
    onBytes(sizeOf(file))
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS))
  }
}

interface Claimed {
  readonly file: string
  readonly dir: string
}

async function takeClaim(claim: string, claimed: Claimed): Promise<'ours' | 'taken'> {
  if (makeClaim(claim, claimed.dir)) return 'ours'
  if (!isForsaken(claim, claimed.file)) return 'taken'
  // two may find it forsaken at once: one of them takes it
  return await withLock(claim, () => {
    if (!isForsaken(claim, claimed.file)) return 'taken'
    rmSync(claim, { force: true })
    return makeClaim(claim, claimed.dir) ? 'ours' : 'taken'
  })
}

function makeClaim(claim: string, dir: string): boolean {
  try {
    symlinkSync(path.basename(dir), claim)
    return true
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    throw error
  }
}

function isForsaken(claim: string, file: string): boolean {
  const owner = readClaim(claim)
  if (owner === undefined) return false // released just now: the next try gets it
  const state = findOwner(owner)
  if (state !== 'unknown') return state === 'gone'
  const changed = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
  return Date.now() - changed > UNSEEN_OWNER_PATIENCE_MS
}

function readClaim(claim: string): string | undefined {
  try {
    return readlinkSync(claim)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/** False: the file is gone. */
function linkInto(file: string, target: string): boolean {
  try {
    linkSync(file, target)
    return true
  } catch (error) {
    const code = errorCode(error)
    if (code === 'ENOENT') return false
    if (code !== 'EEXIST') throw error
    return true // the same layer twice in one image
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}
