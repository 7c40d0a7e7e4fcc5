// Writes to fd 1 and 2 synchronously: no stream is set up (4 ms of start-up) and nothing is lost when the process exits.
// Must never touch process.stdout or process.stderr.

import { writeSync } from 'node:fs'
import { errorCode, HostError } from '../model/errors.js'

const RETRY_MS = 1
const closed = new Set<number>()

/**
 * Writes everything, waiting while a non-blocking reader is full. False once the reader is gone (EPIPE): work goes on,
 * later output is dropped, and endless writers (`logs -f`) stop.
 */
function write(fd: 1 | 2, data: string | Uint8Array): boolean {
  if (closed.has(fd)) return false
  const bytes = typeof data === 'string' ? Buffer.from(data) : data
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at)
    } catch (error) {
      const code = errorCode(error)
      if (code === 'EAGAIN') sleep(RETRY_MS)
      else if (code === 'EPIPE') return drop(fd)
      else throw new HostError(`write: standard ${fd === 1 ? 'output' : 'error'}: ${code}`, { cause: error })
    }
  }
  return true
}

function drop(fd: number): false {
  closed.add(fd)
  return false
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

export const writeOut = (data: string | Uint8Array): boolean => write(1, data)
export const writeErr = (data: string | Uint8Array): boolean => write(2, data)
