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

/**
 * An id of 64 hex digits, as every engine's. Its first is no letter, so that a name of letters (`db`, `cafe`) is never taken for the beginning of an
 * id; and its first twelve, which become a host name, are no number.
 */
export function randomId(): string {
  for (;;) {
    const id = randomHex(32)
    if (/^\d(?!\d{11})/.test(id)) return id
  }
}
