// The monitor's frames: u8 type, u32 little-endian length, payload (PROTOCOL.md, "Frames"). Pure.

export interface Frame {
  readonly type: string
  readonly payload: Buffer
}

const HEADER_BYTES = 5
/** The monitor ends a client that sends more at once. */
export const MAX_PAYLOAD_BYTES = 65536

export function encodeFrame(type: string, payload: string | Uint8Array = ''): Buffer {
  const body = typeof payload === 'string' ? Buffer.from(payload) : payload
  const frame = Buffer.allocUnsafe(HEADER_BYTES + body.length)
  frame[0] = type.charCodeAt(0)
  frame.writeUInt32LE(body.length, 1)
  frame.set(body, HEADER_BYTES)
  return frame
}

/** Cuts a byte stream, however it arrives, into frames. */
export function createFrameDecoder(): (chunk: Buffer) => Frame[] {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const frames: Frame[] = []
    let at = 0
    while (bytes.length - at >= HEADER_BYTES) {
      const end = at + HEADER_BYTES + bytes.readUInt32LE(at + 1)
      if (bytes.length < end) break
      frames.push({ type: String.fromCharCode(bytes[at] ?? 0), payload: bytes.subarray(at + HEADER_BYTES, end) })
      at = end
    }
    rest = bytes.subarray(at)
    return frames
  }
}

/** Payload of `m`: one content per file asked for; undefined where there is no such file. */
export function decodeFiles(payload: Buffer): (string | undefined)[] {
  const files: (string | undefined)[] = []
  for (let at = 0; at + 4 <= payload.length; ) {
    const length = payload.readUInt32LE(at)
    at += 4
    const isMissing = length === 0xffffffff
    files.push(isMissing ? undefined : payload.toString('utf8', at, at + length))
    if (!isMissing) at += length
  }
  return files
}

/** The words of a text payload as numbers. */
export function decodeNumbers(payload: Buffer): number[] {
  return payload.toString('latin1').split(' ').map(Number)
}
