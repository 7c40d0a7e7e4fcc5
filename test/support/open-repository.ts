// The registry client as a test needs it: with the home's facts, without waiting between tries, its notes kept.

import { openRepository, type Repository } from '../../src/images/registry/repository.js'
import { parseImageRef } from '../../src/model/image-ref.js'
import type { RegistryOptions } from '../../src/model/registry.js'
import type { Chunks } from '../../src/platform/byte-streams.js'
import type { HostFacts } from '../../src/platform/host-facts.js'

export interface OpenedRepository extends Repository {
  readonly notes: readonly string[]
}

/** `name`: `HOST/PATH`. */
export function openFor(
  purpose: 'pull' | 'push',
  facts: HostFacts,
  name: string,
  options: RegistryOptions = {},
): OpenedRepository {
  const notes: string[] = []
  const report = { onProgress: () => undefined, onNote: (text: string) => void notes.push(text) }
  const said = { retryDelayMs: 1, ...options }
  return { ...openRepository({ facts, ref: parseImageRef(name), purpose, options: said, report }), notes }
}

export async function readAll(chunks: Chunks): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts)
}

/** `bytes` as an upload wants them, in pieces of `pieceBytes`. */
export function sourceOf(bytes: Buffer, pieceBytes = 64 * 1024): (fromByte: number) => Chunks {
  return async function* open(fromByte) {
    for (let at = fromByte; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
  }
}
