// Reads a container's log in k8s-file format: `TIME STREAM F|P TEXT\n`, one line each; P: TEXT goes on in the next line of its stream.
// A log is several files: LOG is being written, LOG.1 was put aside last, LOG.2 before it. While it is read, files move on by one.

import { type FileHandle, open } from 'node:fs/promises'
import { errorCode } from '../model/errors.js'
import type { LogLine } from '../model/log.js'
import { findTail } from './log-tail.js'

const CHUNK_BYTES = 256 * 1024
const NEWLINE = 0x0a
const SPACE = 0x20
/** `2026-01-31T12:00:00.000000001Z`: as the monitor writes it. */
const TIME_BYTES = 30
const SHORT_LINE = 96

export interface LogReader {
  /**
   * Lines, many at a time, from where the last call ended up to the end there is now; also of files begun since then. A line that is still
   * being written is left for the next call.
   */
  read(): AsyncIterable<readonly LogLine[]>
  close(): Promise<void>
}

/** One of the log's files. */
export interface LogPart {
  readonly handle: FileHandle
  readonly inode: number
  position: number
  /** Where the first reading ends, when only the lines of a moment are wanted. */
  limit?: number | undefined
  /** Of a line whose end was not there yet. */
  rest: Buffer
}

/** With `tail` only so many of the lines there are now. Undefined: nothing was ever logged. */
export async function openLog(file: string, tail?: number): Promise<LogReader | undefined> {
  let parts = await openParts(file, () => false)
  if (parts.length === 0) return undefined
  if (tail !== undefined) parts = await findTail(parts, tail)
  let isOfAMoment = tail !== undefined
  return {
    async *read() {
      for (;;) {
        for (const part of parts) yield* readOn(part)
        if (isOfAMoment) {
          isOfAMoment = false
          return // what was written since the last lines were found is for the next call
        }
        const newest = parts.at(-1) as LogPart
        // what was written between its end, as we saw it, and its being put aside is read before what came after
        const begun = await openParts(file, (inode) => inode === newest.inode)
        if (begun.length === 0) return
        yield* readOn(newest)
        for (const old of parts) await old.handle.close()
        parts = begun
      }
    },
    async close() {
      for (const { handle } of parts) await handle.close()
    },
  }
}

/** Oldest first: from the file after the known one to the one being written. The newest is opened first, so that none moves past us. */
async function openParts(file: string, isKnown: (inode: number) => boolean): Promise<LogPart[]> {
  const parts: LogPart[] = []
  for (let number = 0; ; number++) {
    const handle = await openIfThere(number === 0 ? file : `${file}.${number}`)
    if (handle === undefined) {
      if (number === 0) continue // put aside a moment ago, or never begun
      break
    }
    const inode = (await handle.stat()).ino
    if (isKnown(inode)) {
      await handle.close()
      break
    }
    if (parts.some((part) => part.inode === inode)) await handle.close()
    else parts.unshift({ handle, inode, position: 0, rest: Buffer.alloc(0) })
  }
  return parts
}

async function openIfThere(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, 'r')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

async function* readOn(part: LogPart): AsyncIterable<readonly LogLine[]> {
  if ((await part.handle.stat()).size < part.position) part.position = 0 // somebody has emptied it
  const { limit = Infinity } = part
  part.limit = undefined
  for (;;) {
    const wanted = Math.min(CHUNK_BYTES, limit - part.position)
    if (wanted <= 0) return
    const { bytesRead, buffer } = await part.handle.read(Buffer.allocUnsafe(wanted), 0, wanted, part.position)
    if (bytesRead === 0) return
    part.position += bytesRead
    const fresh = buffer.subarray(0, bytesRead)
    const bytes = part.rest.length === 0 ? fresh : Buffer.concat([part.rest, fresh])
    const lines: LogLine[] = []
    let start = 0
    for (let end = findNewline(bytes, 0); end >= 0; end = findNewline(bytes, start)) {
      const line = parseLogLine(bytes, start, end)
      start = end + 1
      if (line !== undefined) lines.push(line)
    }
    part.rest = bytes.subarray(start)
    if (lines.length > 0) yield lines
  }
}

/** -1: none. Most lines are short, and a call out of JavaScript costs more than a look at so many bytes. */
function findNewline(bytes: Buffer, from: number): number {
  const near = Math.min(bytes.length, from + SHORT_LINE)
  for (let at = from; at < near; at++) if (bytes[at] === NEWLINE) return at
  return bytes.indexOf(NEWLINE, near)
}

/** Undefined for what is not a line of ours (a torn write after a full disk). By hand: this is done a million times for a long log. */
export function parseLogLine(bytes: Buffer, start: number, end: number): LogLine | undefined {
  const usual = start + TIME_BYTES
  const afterTime = bytes[usual] === SPACE ? usual : bytes.indexOf(SPACE, start)
  const stream = bytes[afterTime + 4] === 0x6f ? 'stdout' : 'stderr' // its fourth letter: o or e
  const flag = bytes[afterTime + 8]
  const text = afterTime + 10
  if (afterTime < 0 || text > end || bytes[afterTime + 7] !== SPACE || bytes[text - 1] !== SPACE) return undefined
  if (flag !== 0x46 && flag !== 0x50) return undefined
  const isComplete = flag === 0x46
  return { bytes, timeStart: start, timeEnd: afterTime, textStart: text, textEnd: end, stream, isComplete }
}
