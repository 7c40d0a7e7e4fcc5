// Streams of untrusted bytes: what compression they have, their digests while they pass by, their bounds. Content decides, never a
// file name or a media type.

import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { Readable, type Transform } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { BadInputError, errorCode } from '../model/errors.js'
import type { Digest } from '../model/image.js'

export type Compression = 'none' | 'gzip' | 'zstd' | 'bzip2' | 'xz'
export type Chunks = AsyncIterable<Buffer>

/** Large chunks: each one costs a turn of the event loop whatever its size. */
export const CHUNK_BYTES = 512 * 1024
const MAGIC: readonly (readonly [Compression, string])[] = [
  ['gzip', '1f8b08'],
  ['zstd', '28b52ffd'],
  ['bzip2', '425a68'],
  ['xz', 'fd377a585a00'],
]
const MAGIC_BYTES = 6

export function detectCompression(head: Buffer): Compression {
  return MAGIC.find(([, magic]) => head.subarray(0, magic.length / 2).toString('hex') === magic)?.[0] ?? 'none'
}

/** The compression of `source`, and a stream of all its bytes. */
export async function sniff(source: Chunks): Promise<{ compression: Compression; chunks: Chunks }> {
  const iterator = source[Symbol.asyncIterator]()
  let head: Buffer = Buffer.alloc(0)
  while (head.length < MAGIC_BYTES) {
    const next = await iterator.next()
    if (next.done === true) break
    head = Buffer.concat([head, next.value])
  }
  return { compression: detectCompression(head), chunks: prepend(head, iterator) }
}

async function* prepend(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    if (head.length > 0) yield head
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
  } finally {
    await rest.return?.()
  }
}

/** Gives up a stream that will not be read to its end: its file or connection is closed. Idempotent. */
export async function closeChunks(source: Chunks): Promise<void> {
  if (source instanceof Readable) source.destroy()
  else await source[Symbol.asyncIterator]().return?.()
}

/** The decoder for `compression`; undefined where none is needed. Throws BadInputError, with `subject` in it, where we have none. */
export async function createDecoder(compression: Compression, subject: string): Promise<Transform | undefined> {
  if (compression === 'none') return undefined
  if (compression === 'gzip') return createGunzip({ chunkSize: CHUNK_BYTES })
  if (compression === 'zstd') return await (await import('./zstd.js')).createUnzstd()
  throw new BadInputError(`read: ${subject}: ${compression} compression is not supported`, {
    hint: `unpack it with ${compression} -d, or compress it with gzip or zstd`,
  })
}

/** The decoders' words for damage as one of our errors; anything else unchanged. */
export function toInputError(error: unknown, subject: string): unknown {
  const cause = describeDamage(errorCode(error) ?? '')
  return cause === undefined ? error : new BadInputError(`read: ${subject}: ${cause}`, { cause: error })
}

function describeDamage(code: string): string | undefined {
  if (code === 'Z_BUF_ERROR') return 'the gzip data ends too early'
  if (code === 'Z_DATA_ERROR') return 'the gzip data is damaged'
  return code.startsWith('ZSTD') ? 'the zstd data is damaged' : undefined
}

/** Counts and hashes what passes; `digest()` once everything has. */
export interface Meter {
  readonly pass: (chunks: Chunks) => AsyncGenerator<Buffer>
  readonly digest: () => Digest
  readonly bytes: () => number
}

export function createMeter(onChunk?: (chunk: Buffer) => void): Meter {
  const hash: Hash = createHash('sha256')
  let bytes = 0
  let digest: Digest | undefined
  return {
    async *pass(chunks) {
      for await (const chunk of chunks) {
        hash.update(chunk)
        bytes += chunk.length
        onChunk?.(chunk)
        yield chunk
      }
    },
    digest: () => (digest ??= `sha256:${hash.digest('hex')}`),
    bytes: () => bytes,
  }
}

/** A Readable's chunks; the types of Node call them `any`. */
export function chunksOf(source: Readable): Chunks {
  return source as AsyncIterable<Buffer>
}

/** Standard input as it is: a file, a pipe or a socket, in large chunks. */
export function readStandardInput(): Chunks {
  return chunksOf(createReadStream('', { fd: 0, autoClose: false, highWaterMark: CHUNK_BYTES }))
}
