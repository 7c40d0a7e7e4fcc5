// Compresses a stream: gzip with Node's zlib, zstd with Node's where it has it (22.15 and newer), else with the `zstd` program. The same
// bytes always give the same bytes: no names and no times are put in.

import { spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ExternalToolError, errorCode, HostError } from '../model/errors.js'
import { CHUNK_BYTES, type Chunks, chunksOf } from './byte-streams.js'

export interface Compressing {
  readonly format: 'gzip' | 'zstd'
  /** gzip 1 to 9, zstd 1 to 22; undefined: a quick one. */
  readonly level?: number
}

/** On root file systems 2 % larger than zlib's own choice, 6, for 60 % of the work. zstd's own choice is as quick as it should be. */
const GZIP_LEVEL = 4

interface Encoder {
  readonly input: Writable
  readonly output: Readable
  /** Rejects when it could not do its work. */
  readonly ended: Promise<unknown>
}

/** Throws the source's own errors, and HostError where there is no encoder. */
export async function* compress(source: Chunks, wanted: Compressing): AsyncGenerator<Buffer> {
  const { input, output, ended } = await startEncoder(wanted)
  const fed = pipeline(source, input)
  fed.catch(() => undefined) // awaited below, when the encoder's output is through
  try {
    yield* chunksOf(output)
    await fed
    await ended
  } catch (error) {
    // of a program that cannot be started, the broken pipe is only what we see of it
    await ended
    await fed
    throw error
  } finally {
    input.destroy()
    output.destroy()
  }
}

async function startEncoder({ format, level }: Compressing): Promise<Encoder> {
  const zlib = await import('node:zlib')
  if (format === 'gzip') {
    const gzip = zlib.createGzip({ chunkSize: CHUNK_BYTES, level: level ?? GZIP_LEVEL })
    return { input: gzip, output: gzip, ended: Promise.resolve() }
  }
  const { createZstdCompress } = zlib as NewerZlib
  if (createZstdCompress === undefined) return startZstdProgram(level)
  const params = level === undefined ? {} : { [ZSTD_LEVEL]: level }
  const zstd = createZstdCompress({ chunkSize: CHUNK_BYTES, params })
  return { input: zstd, output: zstd, ended: Promise.resolve() }
}

/** What the types of Node 20 do not know. */
interface NewerZlib {
  readonly createZstdCompress?: (options: object) => Writable & Readable
}
/** ZSTD_c_compressionLevel. */
const ZSTD_LEVEL = 100

/** For Node 20. */
export function startZstdProgram(level?: number): Encoder {
  const argv = ['zstd', '--quiet', '--stdout', ...(level === undefined ? [] : ['--ultra', `-${level}`])]
  const child = spawn('zstd', argv.slice(1), { stdio: ['pipe', 'pipe', 'pipe'] })
  const ended = new Promise<void>((resolve, reject) => {
    let stderr = ''
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString('utf8')
    })
    child.on('error', (cause) => reject(errorCode(cause) === 'ENOENT' ? notInstalled(cause) : cause))
    child.on('close', (code) => {
      if (code === 0) resolve()
      else reject(new ExternalToolError('run zstd', { argv, code, stderr }))
    })
  })
  ended.catch(() => undefined) // awaited after the output
  return { input: child.stdin, output: child.stdout, ended }
}

function notInstalled(cause: Error): HostError {
  return new HostError('compress with zstd: the program zstd is not installed', {
    cause,
    hint: 'install the package zstd, use Node 22.15 or newer, or say --compression-format gzip',
  })
}
