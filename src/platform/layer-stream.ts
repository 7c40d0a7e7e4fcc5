// One pass over a layer: stored bytes → digest (→ a copy) → gunzip → diffID → a tar reader. The two digests are true when it returns;
// whoever made the reader decides then whether what it wrote may be seen.

import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { errorCode } from '../model/errors.js'
import type { Digest } from '../model/image.js'
import { type Chunks, closeChunks, createDecoder, createMeter, sniff, toInputError } from './byte-streams.js'
import type { ToolRun } from './monitor-tools.js'

export interface LayerStream {
  /** For messages. */
  readonly subject: string
  readonly source: Chunks
  /** The untar process. */
  readonly reader: ToolRun
  /** Called with the stored bytes, in order. */
  readonly onStored?: (chunk: Buffer) => void
}

export interface LayerDigests {
  readonly digest: Digest
  readonly sizeBytes: number
  readonly diffId: Digest
  readonly compressed: boolean
  /** The reader's report. */
  readonly report: string
}

/** What a pipeline says when the process at its end is gone; which of them is a matter of timing. */
const HANG_UPS = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED', 'ABORT_ERR'])

/** Rejects with the first thing that went wrong: our source's error, or the reader's when it gave up on us. */
export async function streamLayer(stream: LayerStream): Promise<LayerDigests> {
  const { compression, chunks } = await sniffOrEnd(stream)
  const stored = createMeter(stream.onStored)
  const unpacked = createMeter()
  const [sent, read] = await Promise.allSettled([
    send(stream, { compression, chunks, stored, unpacked }),
    stream.reader.finished,
  ])
  if (sent.status === 'rejected' && !(isHangUp(sent.reason) && read.status === 'rejected'))
    throw toInputError(sent.reason, stream.subject)
  if (read.status === 'rejected') throw read.reason
  const compressed = compression !== 'none'
  const digest = stored.digest()
  const diffId = compressed ? unpacked.digest() : digest
  return { digest, sizeBytes: stored.bytes(), diffId, compressed, report: read.value }
}

async function sniffOrEnd(stream: LayerStream): ReturnType<typeof sniff> {
  try {
    return await sniff(stream.source)
  } catch (error) {
    stream.reader.stdin.destroy()
    await stream.reader.finished.catch(() => undefined)
    throw error
  }
}

interface Flow {
  readonly compression: Awaited<ReturnType<typeof sniff>>['compression']
  readonly chunks: Chunks
  readonly stored: ReturnType<typeof createMeter>
  readonly unpacked: ReturnType<typeof createMeter>
}

async function send(stream: LayerStream, flow: Flow): Promise<void> {
  const sink: Writable = stream.reader.stdin
  try {
    const decoder = await createDecoder(flow.compression, stream.subject)
    if (decoder === undefined) await pipeline(flow.chunks, flow.stored.pass, sink)
    else await pipeline(flow.chunks, flow.stored.pass, decoder, flow.unpacked.pass, sink)
  } catch (error) {
    sink.destroy()
    await closeChunks(stream.source)
    throw error
  }
}

/** The other end of the pipe went away. */
function isHangUp(error: unknown): boolean {
  return HANG_UPS.has(errorCode(error) ?? '')
}
