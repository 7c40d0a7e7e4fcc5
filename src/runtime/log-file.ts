// Reads a container's log in k8s-file format: `TIME STREAM F|P TEXT\n`, one line each; P: TEXT goes on in the next line of its stream.

import { type FileHandle, open } from 'node:fs/promises'
import type { LogLine } from '../model/log.js'

const CHUNK_BYTES = 64 * 1024
const NEWLINE = 0x0a

export interface LogReader {
  /** Lines from where the last call ended up to the end there is now. A line that is still being written is left for the next call. */
  read(): AsyncIterable<LogLine>
  close(): Promise<void>
}

/** Undefined: nothing was ever logged. */
export async function openLog(file: string): Promise<LogReader | undefined> {
  let handle: FileHandle
  try {
    handle = await open(file, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  let position = 0
  let rest: Buffer = Buffer.alloc(0)
  return {
    async *read() {
      for (;;) {
        const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, position)
        if (bytesRead === 0) return
        position += bytesRead
        const bytes =
          rest.length === 0 ? buffer.subarray(0, bytesRead) : Buffer.concat([rest, buffer.subarray(0, bytesRead)])
        let start = 0
        for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
          const line = parseLogLine(bytes.subarray(start, end))
          start = end + 1
          if (line !== undefined) yield line
        }
        rest = bytes.subarray(start)
      }
    },
    close: () => handle.close(),
  }
}

/** Undefined for what is not a line of ours (a torn write after a full disk). */
function parseLogLine(bytes: Buffer): LogLine | undefined {
  const head = bytes.subarray(0, 64).toString('latin1')
  const match = /^(\S+) (stdout|stderr) ([FP]) /.exec(head)
  if (match === null) return undefined
  return {
    time: match[1] ?? '',
    stream: match[2] as LogLine['stream'],
    isComplete: match[3] === 'F',
    text: bytes.subarray(match[0].length),
  }
}
