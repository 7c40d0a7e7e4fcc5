// Where the data of a new secret comes from.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { isatty } from 'node:tty'
import { errorCode, HostError, NotFoundError, UsageError } from '../model/errors.js'
import type { HostFacts } from '../platform/host-facts.js'

export interface SecretSource {
  /** A file, `-` for standard input, or with `fromEnv` the name of a variable. */
  readonly source: string
  readonly fromEnv: boolean
}

/** No more than shows that it is too much. Throws UsageError, NotFoundError, HostError. */
export function readSecretSource({ env }: HostFacts, { source, fromEnv }: SecretSource): Buffer {
  if (fromEnv) {
    const value = env[source]
    if (value !== undefined) return Buffer.from(value)
    throw new UsageError(`create secret: environment variable ${source} is not set`)
  }
  if (source === '-' && isatty(0))
    throw new UsageError('create secret: standard input is a terminal', {
      hint: 'if `-` is used, data must be passed into standard input: printf … | lichen secret create NAME -',
    })
  return source === '-' ? readBounded(0) : readFile(source)
}

const CAUSES: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EISDIR: 'a directory',
}

function readFile(file: string): Buffer {
  try {
    const fd = openSync(file, 'r')
    try {
      return readBounded(fd)
    } finally {
      closeSync(fd)
    }
  } catch (cause) {
    const code = errorCode(cause)
    if (code === undefined) throw cause
    const Kind = code === 'ENOENT' ? NotFoundError : HostError
    throw new Kind(`create secret: open ${file}: ${CAUSES[code] ?? code}`, { cause })
  }
}

/** One byte past what a secret may have is enough to know. */
const READ_AT_MOST = 512_001

function readBounded(fd: number): Buffer {
  const buffer = Buffer.alloc(Math.min(READ_AT_MOST, fstatSync(fd).size || READ_AT_MOST))
  let length = 0
  while (length < buffer.length) {
    const read = readOnce(fd, buffer, length)
    if (read === 0) break
    length += read
  }
  return buffer.subarray(0, length)
}

function readOnce(fd: number, buffer: Buffer, at: number): number {
  for (;;) {
    try {
      return readSync(fd, buffer, at, buffer.length - at, null)
    } catch (error) {
      if (errorCode(error) !== 'EAGAIN') throw error // a pipe that somebody made non-blocking
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
    }
  }
}
