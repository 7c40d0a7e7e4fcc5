// What kind of file it is, by its first bytes, for those that keep files in registries. Pure. The types are those that Go's
// http.DetectContentType (WHATWG MIME sniffing) gives, which is what podman asks.

/** How many bytes decide. */
export const HEAD_BYTES = 512

const SIGNATURES: readonly (readonly [type: string, magic: string])[] = [
  ['application/x-gzip', '1f8b08'],
  ['application/zip', '504b0304'],
  ['application/pdf', '255044462d'],
  ['application/wasm', '0061736d'],
  ['application/x-rar-compressed', '526172211a07'],
  ['image/png', '89504e470d0a1a0a'],
  ['image/jpeg', 'ffd8ff'],
  ['image/gif', '47494638'],
]

export function detectMediaType(bytes: Buffer): string {
  const head = bytes.subarray(0, HEAD_BYTES)
  const hex = head.toString('hex')
  const known = SIGNATURES.find(([, magic]) => hex.startsWith(magic))
  if (known !== undefined) return known[0]
  return isText(head) ? 'text/plain; charset=utf-8' : 'application/octet-stream'
}

/** No control characters but white space and escape. */
function isText(bytes: Buffer): boolean {
  return bytes.every((byte) => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d && byte !== 0x0b) || byte === 0x1b)
}
