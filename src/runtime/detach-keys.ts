// Finds the detach sequence (default ctrl-p ctrl-q) in typed bytes. Pure; keeps a half-typed sequence until it is decided.

export interface DetachScan {
  /** Bytes for the container. */
  readonly pass: Buffer
  readonly detached: boolean
}

/** Returns a scanner for one stream. An empty sequence never matches. */
export function createDetachScanner(keys: readonly number[]): (chunk: Uint8Array) => DetachScan {
  let matched = 0
  return (chunk) => {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    if (keys.length === 0 || (matched === 0 && !bytes.includes(keys[0] ?? 0))) return { pass: bytes, detached: false }
    const pass: number[] = []
    for (const byte of chunk) {
      if (byte === keys[matched]) {
        matched++
        if (matched === keys.length) return { pass: Buffer.from(pass), detached: true }
        continue
      }
      pass.push(...keys.slice(0, matched)) // it was no sequence after all
      matched = byte === keys[0] ? 1 : 0
      if (matched === 0) pass.push(byte)
    }
    return { pass: Buffer.from(pass), detached: false }
  }
}
