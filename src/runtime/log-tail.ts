// Finds where the last lines of a log begin, reading from its end: a log of gigabytes costs what its last lines cost.

import { type LogPart, parseLogLine } from './log-file.js'

const CHUNK_BYTES = 64 * 1024
const NEWLINE = 0x0a

/**
 * The parts from which the last `count` lines are read, oldest first, each where its reading begins; the others are closed. A line that came in
 * pieces is one; so is what came after the last end of line.
 */
export async function findTail(parts: readonly LogPart[], count: number): Promise<LogPart[]> {
  const newestFirst = [...parts].reverse()
  const counter = { left: count, isFirst: true }
  for (const [index, part] of newestFirst.entries()) {
    const start = await findStart(part, counter)
    if (start === undefined) continue
    part.position = start
    for (const older of newestFirst.slice(index + 1)) await older.handle.close()
    return newestFirst.slice(0, index + 1).reverse()
  }
  return [...parts]
}

interface Counter {
  /** How many lines must still be passed. */
  left: number
  /** Nothing was looked at yet: a line that ends here is the last one's own. */
  isFirst: boolean
}

/** The offset after the line that is one too many; undefined: the whole part is wanted. */
async function findStart(part: LogPart, counter: Counter): Promise<number | undefined> {
  const { size } = await part.handle.stat()
  part.limit = size
  if (counter.left === 0) return size
  let rest: Buffer = Buffer.alloc(0) // the part of a line whose beginning was not read yet
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - CHUNK_BYTES)
    const { buffer } = await part.handle.read(Buffer.alloc(end - start), 0, end - start, start)
    const bytes = Buffer.concat([buffer, rest])
    const found = scanBackwards(bytes, start === 0, counter)
    if (found.offset !== undefined) return start + found.offset
    rest = bytes.subarray(0, found.unread)
    end = start
  }
  return undefined
}

/** `unread`: how many bytes at the beginning belong to a line that begins before them. */
function scanBackwards(bytes: Buffer, isBeginning: boolean, counter: Counter): { offset?: number; unread: number } {
  let end = bytes.lastIndexOf(NEWLINE)
  while (end >= 0) {
    const before = end === 0 ? -1 : bytes.lastIndexOf(NEWLINE, end - 1)
    if (before < 0 && !isBeginning) return { unread: end + 1 }
    const line = parseLogLine(bytes, before + 1, end)
    if (line?.isComplete === true && !counter.isFirst && --counter.left === 0) return { offset: end + 1, unread: 0 }
    if (line !== undefined) counter.isFirst = false
    end = before
  }
  return { unread: 0 }
}
