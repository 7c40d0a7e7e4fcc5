// How `logs` prints lines: on the stream each was written to, with its time, and of several containers with whose it is.

import { writeErr, writeOut } from '../output.js'

export interface ShownLogLine {
  readonly bytes: Buffer
  readonly timeStart: number
  readonly timeEnd: number
  readonly textStart: number
  readonly textEnd: number
  readonly stream: 'stdout' | 'stderr'
  readonly isComplete: boolean
}

export interface ShownLogBatch {
  readonly containerName: string
  readonly containerId: string
  readonly lines: readonly ShownLogLine[]
}

export interface LogsFlags {
  readonly timestamps: boolean
  readonly names: boolean
  readonly color: boolean
}

const NEWLINE = 0x0a
const SPACE = 0x20
const NOTHING = Buffer.alloc(0)
const RESET = Buffer.from('\u001b[0m')
/** White, then red to cyan, in the order containers were named. */
const COLORS = [37, 31, 32, 33, 34, 35, 36]
/** Fewer bytes than this are copied sooner than asked to be. */
const FEW_BYTES = 64

/** Returns when the lines end or nobody reads any more. `containers`: of how many. */
export async function showLogs(
  batches: AsyncIterable<ShownLogBatch>,
  flags: LogsFlags,
  containers: number,
): Promise<void> {
  const headOf = toHead(flags, containers > 1)
  for await (const batch of batches) {
    const frame = { head: headOf(batch), withTime: flags.timestamps, tail: flags.color ? RESET : NOTHING }
    if (!showLines(batch.lines, frame)) return
  }
}

/** What stands around each line of one container. */
interface Frame {
  readonly head: Buffer
  readonly withTime: boolean
  readonly tail: Buffer
}

function toHead({ names, color }: LogsFlags, isMulti: boolean): (batch: ShownLogBatch) => Buffer {
  if (!color && !isMulti) return () => NOTHING
  const colors = new Map<string, number | undefined>()
  const colorOf = (id: string) => {
    if (!colors.has(id)) colors.set(id, COLORS[colors.size % COLORS.length])
    return `\u001b[${colors.get(id)}m`
  }
  return ({ containerId, containerName }) => {
    const who = isMulti ? `${names ? containerName : containerId.slice(0, 12)} ` : ''
    return Buffer.from(`${color ? colorOf(containerId) : ''}${who}`)
  }
}

/** Lines of one stream that follow each other go out in one write. False once the reader is gone. */
function showLines(lines: readonly ShownLogLine[], frame: Frame): boolean {
  for (let start = 0, end = 0; start < lines.length; start = end) {
    const stream = lines[start]?.stream
    while (lines[end]?.stream === stream && end < lines.length) end++
    const write = stream === 'stdout' ? writeOut : writeErr
    if (!write(join(lines.slice(start, end), frame))) return false
  }
  return true
}

/** Into one buffer that is large enough for certain: this is done for millions of lines. */
function join(lines: readonly ShownLogLine[], { head, withTime, tail }: Frame): Uint8Array {
  const room = ({ timeStart, textEnd }: ShownLogLine) => head.length + (textEnd - timeStart) + tail.length + 2
  const out = Buffer.allocUnsafe(lines.reduce((sum, line) => sum + room(line), 0))
  let at = 0
  for (const { bytes, timeStart, timeEnd, textStart, textEnd, isComplete } of lines) {
    at = copy(out, at, head, 0, head.length)
    if (withTime) {
      at = copy(out, at, bytes, timeStart, timeEnd)
      out[at++] = SPACE
    }
    at = copy(out, at, bytes, textStart, textEnd)
    at = copy(out, at, tail, 0, tail.length)
    if (isComplete) out[at++] = NEWLINE
  }
  return out.subarray(0, at)
}

/** Returns where the copy ends. */
function copy(out: Buffer, at: number, from: Buffer, start: number, end: number): number {
  if (end - start > FEW_BYTES) return at + from.copy(out, at, start, end)
  for (let index = start; index < end; index++) out[at++] = from[index] as number
  return at
}
