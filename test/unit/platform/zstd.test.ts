import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { Readable, type Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { expect, test } from 'vitest'
import { createPortableUnzstd, createUnzstd } from '../../../src/platform/zstd.js'

/** Compressible, and not the same over and over; several windows long. */
const plain = Buffer.concat(
  Array.from({ length: 40_000 }, (_, at) =>
    Buffer.from(
      createHash('sha256')
        .update(String(at % 9000))
        .digest('hex'),
    ),
  ),
)
const compress = (bytes: Buffer, ...options: string[]): Buffer =>
  execFileSync('zstd', ['-q', '-c', ...options], { input: bytes, maxBuffer: 2 ** 28 })
/** As zstd:chunked has at its end: decoders pass over it. */
const skippable = Buffer.concat([Buffer.from('502a4d1805000000', 'hex'), Buffer.from('notes')])

async function decompress(decoder: Transform, bytes: Buffer, pieceBytes: number): Promise<Buffer> {
  const out: Buffer[] = []
  const pieces = function* () {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
  }
  await pipeline(Readable.from(pieces()), decoder, async (source) => {
    for await (const chunk of source) out.push(chunk as Buffer)
  })
  return Buffer.concat(out)
}

for (const [name, create] of [
  ['createUnzstd', createUnzstd],
  ['createPortableUnzstd', createPortableUnzstd],
] as const) {
  test(`${name}() gives back what was compressed, however it comes`, async () => {
    const half = plain.length >> 1
    const inputs = [
      compress(plain),
      compress(plain, '-19', '--long=24'),
      compress(plain, '--no-check', '-1'),
      Buffer.concat([compress(plain.subarray(0, half)), skippable, compress(plain.subarray(half)), skippable]),
    ]
    for (const input of inputs)
      for (const pieceBytes of [1 << 19, 4097, 211])
        expect((await decompress(await create(), input, pieceBytes)).equals(plain)).toBe(true)
    expect(await decompress(await create(), compress(Buffer.alloc(0)), 5)).toHaveLength(0)
  })

  test(`${name}() fails for what is damaged or cut short`, async () => {
    const input = compress(plain)
    const flipped = Buffer.from(input)
    flipped[3] = 0xff
    for (const bad of [input.subarray(0, -1), input.subarray(0, 1000), flipped, Buffer.from('no zstd at all, this')]) {
      const failing = decompress(await create(), bad, 4096)
      await expect(failing).rejects.toMatchObject({ code: expect.stringMatching(/^Z(STD|_BUF)_/i) as string })
    }
  })
}
