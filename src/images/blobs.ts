// images/blobs/sha256/<hex>: content by digest. Written below staging/ while they are hashed; moved to their place by whoever commits an
// image, under the index's lock, so that a removal running at the same time never takes a blob that is about to be used.

import { createHash } from 'node:crypto'
import {
  closeSync,
  createReadStream,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import path from 'node:path'
import { BadInputError, errorCode, HostError } from '../model/errors.js'
import type { Descriptor, Digest } from '../model/image.js'
import { CHUNK_BYTES, type Chunks, chunksOf } from '../platform/byte-streams.js'
import { sha256 } from '../platform/digest.js'
import { mapParallel } from '../platform/parallel.js'
import type { StorePaths } from '../platform/paths.js'
import { MAX_DOCUMENT_BYTES } from './documents.js'

const PARALLEL_SYNCS = 4

export interface StagedBlob {
  /** Below staging/. */
  readonly file: string
  readonly digest: Digest
  readonly sizeBytes: number
}

export interface FileWriter {
  readonly write: (chunk: Uint8Array) => void
  /** Closes the file. Its data reaches the disk with `syncBlobs`. */
  readonly finish: () => void
  /** Closes it whatever happened. Idempotent. */
  readonly close: () => void
}

export interface BlobWriter {
  readonly write: FileWriter['write']
  /** Once only. */
  readonly finish: () => StagedBlob
  readonly close: FileWriter['close']
}

export function blobPath(paths: Pick<StorePaths, 'blobs'>, digest: Digest): string {
  return path.join(paths.blobs, digest.slice('sha256:'.length))
}

export function hasBlob(
  paths: Pick<StorePaths, 'blobs'>,
  { digest, size }: Pick<Descriptor, 'digest' | 'size'>,
): boolean {
  return statSync(blobPath(paths, digest), { throwIfNoEntry: false })?.size === size
}

/** A stored or staged blob's bytes. */
export function readBlob(file: string): Chunks {
  return chunksOf(createReadStream(file, { highWaterMark: CHUNK_BYTES }))
}

/** `file` must not exist. Writes are synchronous: the bytes pass through this thread anyway, and no error can be late. */
export function createFileWriter(file: string): FileWriter {
  const fd = openSync(file, 'wx', 0o600)
  let isOpen = true
  const close = (): void => {
    if (isOpen) closeSync(fd)
    isOpen = false
  }
  return {
    write(chunk) {
      for (let at = 0; at < chunk.length; ) at += writeSync(fd, chunk, at)
    },
    finish: close,
    close,
  }
}

/** The same, hashing what is written. */
export function createBlobWriter(file: string): BlobWriter {
  const writer = createFileWriter(file)
  const hash = createHash('sha256')
  let sizeBytes = 0
  return {
    write(chunk) {
      hash.update(chunk)
      sizeBytes += chunk.length
      writer.write(chunk)
    },
    finish() {
      writer.finish()
      return { file, digest: `sha256:${hash.digest('hex')}`, sizeBytes }
    },
    close: writer.close,
  }
}

/** Once this has returned, staged blobs survive a loss of power. What the store has already need not be staged. */
export async function syncBlobs(blobs: Iterable<StagedBlob>): Promise<void> {
  const sync = async ({ file }: StagedBlob): Promise<void> => {
    try {
      const handle = await open(file)
      await handle.datasync().finally(() => handle.close())
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error
    }
  }
  await mapParallel([...blobs], PARALLEL_SYNCS, sync)
}

/** A blob made from bytes we hold. */
export function stageBytes(file: string, bytes: string | Uint8Array): StagedBlob {
  const writer = createBlobWriter(file)
  try {
    writer.write(typeof bytes === 'string' ? Buffer.from(bytes) : bytes)
    return writer.finish()
  } finally {
    writer.close()
  }
}

/** A manifest or config, from `file` which must hold exactly what `digest` says. */
export function readDocument(file: string, digest: Digest, subject: string): string {
  const bytes = readBounded(file, subject)
  if (sha256(bytes) !== digest) {
    throw new BadInputError(`read: ${subject}: its digest is ${sha256(bytes)}, not ${digest}`, {
      hint: 'the image is damaged or was tampered with; get it again',
    })
  }
  return bytes.toString('utf8')
}

/** Throws BadInputError when it is too large for a document. */
export function readBounded(file: string, subject: string): Buffer {
  try {
    if (statSync(file).size > MAX_DOCUMENT_BYTES)
      throw new BadInputError(`read: ${subject}: longer than ${MAX_DOCUMENT_BYTES} bytes`)
    return readFileSync(file)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
    throw new HostError(`read: ${subject}: ${file}: missing`, {
      cause: error,
      hint: '`lichen system check --repair` fetches it again',
    })
  }
}

/** To its place in the store. One that is there already stays: a second image of the same archive may have the same. */
export function moveBlob(paths: Pick<StorePaths, 'blobs'>, { file, digest, sizeBytes }: StagedBlob): void {
  if (hasBlob(paths, { digest, size: sizeBytes })) rmSync(file, { force: true })
  else renameSync(file, blobPath(paths, digest))
}

/** undefined: damaged or missing; what it named cannot be known, and nobody can use it. */
export function unlessDamaged<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof BadInputError || error instanceof HostError) return undefined
    throw error
  }
}

/** The first bytes, enough to know a compression by. */
export function readHead(file: string): Buffer {
  const fd = openSync(file, 'r')
  try {
    const head = Buffer.alloc(8)
    return head.subarray(0, readSync(fd, head))
  } finally {
    closeSync(fd)
  }
}
