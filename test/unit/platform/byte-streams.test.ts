import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { BadInputError } from '../../../src/model/errors.js'
import { readTarEntries, type TarEntry } from '../../../src/platform/archive.js'
import {
  type Chunks,
  createDecoder,
  createMeter,
  detectCompression,
  sniff,
} from '../../../src/platform/byte-streams.js'
import { sha256 } from '../../../src/platform/digest.js'
import { tar } from '../../monitor/tar-writer.js'

/** The bytes in pieces of that size. */
async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function collect(chunks: Chunks): Promise<Buffer> {
  const all: Buffer[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all)
}

test('detectCompression() knows the formats by their first bytes', () => {
  const heads = ['1f8b0800', '28b52ffd00', '425a6839', 'fd377a585a00', '2e2f0000', '']
  expect(heads.map((head) => detectCompression(Buffer.from(head, 'hex')))).toEqual([
    ...['gzip', 'zstd', 'bzip2', 'xz'],
    ...['none', 'none'],
  ])
})

test('sniff() loses no byte, however small the pieces', async () => {
  const bytes = gzipSync('some text')
  for (const size of [1, 2, 5, 6, 7, 100]) {
    const { compression, chunks } = await sniff(pieces(bytes, size))
    expect(compression).toBe('gzip')
    expect((await collect(chunks)).equals(bytes)).toBe(true)
  }
  for (const short of ['', 'a', 'abc'])
    expect((await collect((await sniff(pieces(Buffer.from(short), 1))).chunks)).toString()).toBe(short)
})

test('createMeter() passes everything on, counted and hashed', async () => {
  const seen: Buffer[] = []
  const meter = createMeter((chunk) => void seen.push(chunk))
  const bytes = Buffer.from('some text')
  expect((await collect(meter.pass(pieces(bytes, 4)))).equals(bytes)).toBe(true)
  expect([meter.digest(), meter.bytes(), Buffer.concat(seen).toString()]).toEqual([sha256(bytes), 9, 'some text'])
  expect(meter.digest()).toBe(sha256(bytes))
})

test('createDecoder() has a hint for what it cannot decode', async () => {
  await expect(createDecoder('xz', 'a.tar.xz')).rejects.toThrow(BadInputError)
  expect(await createDecoder('none', 'a.tar')).toBeUndefined()
})

test('readTarEntries() hands over entries and their bytes in order', async () => {
  const archive = tar(
    { name: 'dir/', type: '5', mode: 0o755 },
    { name: 'dir/file', data: 'x'.repeat(2000) },
    { name: 'soft', type: '2', link: 'dir/file' },
    { name: 'hard', type: '1', link: 'dir/file' },
    { name: 'fifo', type: '6' },
    { name: 'empty', data: '' },
  )
  for (const size of [1, 100, 512, 1000, 100_000]) {
    const entries: Pick<TarEntry, 'name' | 'kind' | 'linkTarget'>[] = []
    const contents = new Map<string, string>()
    await readTarEntries(pieces(archive, size), 'test', ({ name, kind, linkTarget }) => {
      entries.push({ name, kind, linkTarget })
      const pieces: string[] = []
      return {
        write: (chunk) => void pieces.push(chunk.toString()),
        end: () => void contents.set(name, pieces.join('')),
      }
    })
    expect(entries.map(({ name, kind, linkTarget }) => `${name} ${kind} ${linkTarget}`.trim())).toEqual([
      ...['dir/ directory', 'dir/file file', 'soft symlink dir/file', 'hard hardlink dir/file'],
      ...['fifo other', 'empty file'],
    ])
    expect(contents.get('dir/file')).toBe('x'.repeat(2000))
    expect(contents.get('empty')).toBe('')
  }
})

test('readTarEntries() passes on what its visitor throws, and refuses what is no tar', async () => {
  const visit = () => {
    throw new BadInputError('no')
  }
  await expect(readTarEntries(pieces(tar({ name: 'a', data: 'x' }), 100), 'test', visit)).rejects.toThrow('no')
  for (const bytes of [Buffer.alloc(1000, 'x'), Buffer.alloc(3, 'x'), tar({ name: 'a', data: 'x' }).subarray(0, 513)])
    await expect(readTarEntries(pieces(bytes, 100), 'test', () => undefined)).rejects.toThrow(/^read: test: not a tar/)
})
