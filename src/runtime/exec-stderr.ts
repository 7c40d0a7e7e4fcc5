// crun writes its own error to the container's stderr as well as to its log. The log is ours to tell in our words; the other line is held back.

import { statSync } from 'node:fs'

/** crun writes its log right after the line on stderr: by then it is there. */
const HOLD_MS = 10

export interface HeldStderr {
  push(chunk: Uint8Array): Promise<void>
  /** After the end: what is still held goes out, unless the runtime failed. */
  finish(runtimeFailed: boolean): Promise<void>
}

/** Only the first chunk can be the runtime's: if it fails, the command never ran and writes nothing. All others pass at once. */
export function holdStderr(logFile: string, write: (chunk: Uint8Array) => Promise<void>): HeldStderr {
  let held: Uint8Array | undefined
  let isFirst = true
  return {
    async push(chunk) {
      if (isFirst) await new Promise((resolve) => setTimeout(resolve, HOLD_MS))
      const isRuntimes = isFirst && (statSync(logFile, { throwIfNoEntry: false })?.size ?? 0) > 0
      isFirst = false
      if (isRuntimes) held = chunk
      else await write(chunk)
    },
    async finish(runtimeFailed) {
      if (!runtimeFailed && held !== undefined) await write(held)
    },
  }
}
