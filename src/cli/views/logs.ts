// How `logs` prints a line: on the stream it was written to, with its time and its container's name if asked for.

import { writeErr, writeOut } from '../output.js'

export interface ShownLogLine {
  readonly time: string
  readonly stream: 'stdout' | 'stderr'
  readonly isComplete: boolean
  readonly text: Uint8Array
  readonly containerName: string
}

export interface LogsFlags {
  readonly timestamps: boolean
  readonly names: boolean
}

/** Returns when the lines end or nobody reads any more. */
export async function showLogs(lines: AsyncIterable<ShownLogLine>, flags: LogsFlags): Promise<void> {
  for await (const line of lines) if (!showLine(line, flags)) return
}

/** False once the reader is gone. */
function showLine({ time, stream, isComplete, text, containerName }: ShownLogLine, flags: LogsFlags): boolean {
  const before = `${flags.names ? `${containerName} ` : ''}${flags.timestamps ? `${time} ` : ''}`
  const bytes = Buffer.concat([Buffer.from(before), text, Buffer.from(isComplete ? '\n' : '')])
  return stream === 'stdout' ? writeOut(bytes) : writeErr(bytes)
}
