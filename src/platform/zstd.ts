// Zstandard (RFC 8878): Node's own zlib where it has it (22.15 and newer), else the `fzstd` package, whose one door this is.

import { Transform, type TransformCallback } from 'node:stream'

interface NewerZlib {
  readonly createZstdDecompress?: () => Transform
}

/** Takes zstd frames (skippable ones too, as zstd:chunked has them), gives the plain bytes. Its errors have a code that begins with `ZSTD`. */
export async function createUnzstd(): Promise<Transform> {
  const { createZstdDecompress } = (await import('node:zlib')) as NewerZlib
  return createZstdDecompress === undefined ? await createPortableUnzstd() : createZstdDecompress()
}

/** For Node 20. */
export async function createPortableUnzstd(): Promise<Transform> {
  const { Decompress } = await import('fzstd')
  const stream = new Transform({
    transform: (chunk: Buffer, _encoding, done) => attempt(done, () => decoder.push(chunk)),
    flush: (done) => attempt(done, () => decoder.push(new Uint8Array(0), true)),
  })
  // copied: the library goes on using its window
  const decoder = new Decompress((data) => void (data.length > 0 && stream.push(Buffer.from(data))))
  return stream
}

/** The library throws; a stream fails. */
function attempt(done: TransformCallback, act: () => void): void {
  try {
    act()
    done()
  } catch (cause) {
    done(Object.assign(new Error('bad zstd data', { cause }), { code: 'ZSTD_error_data' }))
  }
}
