// Questions on the user's terminal, one line each; what must not be seen is not shown while it is typed. Only where standard input and
// standard error are a terminal: whoever asks must have another way for scripts.

import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { isatty } from 'node:tty'
import { errorCode, UsageError } from '../model/errors.js'

export interface Prompt {
  /** The line typed. Throws UsageError when there is none (ctrl-d); ctrl-c ends the program as it does elsewhere. */
  readonly ask: (question: string, options?: { readonly hidden: boolean }) => Promise<string>
  /** Gives the terminal back as it was. Idempotent. */
  readonly close: () => void
}

export const canAsk = (): boolean => isatty(0) && isatty(2)

/** Lines typed ahead are kept for the next question. */
export function openPrompt(): Prompt {
  let isHidden = false
  const screen = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      if (!isHidden) show(chunk)
      done()
    },
  })
  const editor = createInterface({ input: process.stdin, output: screen, terminal: true, historySize: 0 })
  editor.on('SIGINT', () => {
    editor.close()
    process.kill(process.pid, 'SIGINT')
  })
  const lines = editor[Symbol.asyncIterator]()
  return {
    ask: async (question, { hidden } = { hidden: false }) => {
      editor.setPrompt(question)
      editor.prompt()
      isHidden = hidden
      const line = await lines.next()
      isHidden = false
      if (hidden || line.done === true) show(Buffer.from('\n'))
      if (line.done === true) throw new UsageError(`${question.replace(/:? *$/, '')}: nothing was typed`)
      return line.value
    },
    close: () => editor.close(),
  }
}

/** At once: what is typed must not appear after the next question, nor what was to be hidden at all. */
function show(bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(2, bytes, at)
    } catch (error) {
      if (errorCode(error) !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1) // output is held by ctrl-s
    }
  }
}
