// Compressed with ours, decompressed by others: Node's gunzip and the zstd program.

import { execFileSync } from 'node:child_process'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { type Compressing, compress } from '../../../src/platform/compress.js'
import { findProgram } from '../../support/facts.js'

const hasZstd = findProgram('zstd') !== undefined
const plain = Buffer.from(Array.from({ length: 30_000 }, (_, n) => `${n} `).join(''))

async function* chunksOf(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 50_000) yield bytes.subarray(at, at + 50_000)
}

async function collect(wanted: Compressing, source = chunksOf(plain)): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of compress(source, wanted)) parts.push(part)
  return Buffer.concat(parts)
}

test('compress writes gzip that others read, the same bytes every time', async () => {
  const packed = await collect({ format: 'gzip' })
  expect(gunzipSync(packed).equals(plain)).toBe(true)
  expect((await collect({ format: 'gzip' })).equals(packed)).toBe(true)
  expect((await collect({ format: 'gzip', level: 1 })).length).toBeGreaterThan(packed.length)
})

test.skipIf(!hasZstd)('compress writes zstd that others read, also at its highest level', async () => {
  const [quick, best] = [await collect({ format: 'zstd' }), await collect({ format: 'zstd', level: 22 })]
  for (const packed of [quick, best]) {
    const unpacked = execFileSync('zstd', ['-dc'], { input: packed, maxBuffer: 10 * plain.length })
    expect(unpacked.equals(plain)).toBe(true)
  }
  expect(best.equals(quick)).toBe(false)
})

test.skipIf(!hasZstd).each(['gzip', 'zstd'] as const)(
  'compress to %s fails with the error of its source when that breaks off',
  async (format) => {
    async function* broken(): AsyncGenerator<Buffer> {
      yield plain
      await Promise.resolve()
      throw new Error('the source broke')
    }
    await expect(collect({ format }, broken())).rejects.toThrow('the source broke')
  },
)

test('compress to zstd says what to install when there is no zstd program', async ({ skip }) => {
  if ('createZstdCompress' in (await import('node:zlib'))) skip('this Node compresses with zstd itself')
  const before = process.env.PATH
  process.env.PATH = '/nonexistent'
  try {
    await expect(collect({ format: 'zstd' })).rejects.toThrow(
      expect.objectContaining({ message: expect.stringMatching(/zstd is not installed/), hint: expect.any(String) }),
    )
  } finally {
    process.env.PATH = before
  }
})
