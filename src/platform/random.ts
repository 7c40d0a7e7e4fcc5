// Random names from the kernel, without node:crypto, whose loading costs a short command 2 ms.

import { closeSync, openSync, readSync } from 'node:fs'

/** `bytes` of the kernel's random generator (random(4)) as twice as many hex digits. */
export function randomHex(bytes: number): string {
  const buffer = Buffer.alloc(bytes)
  const fd = openSync('/dev/urandom', 'r')
  try {
    // reads of up to 256 bytes are never short
    readSync(fd, buffer)
  } finally {
    closeSync(fd)
  }
  return buffer.toString('hex')
}
