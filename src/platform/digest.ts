// Content is named by its sha256 everywhere (OCI image-spec descriptor.md, Digests).

import { createHash } from 'node:crypto'
import type { Digest } from '../model/image.js'

export function sha256(bytes: string | Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}
