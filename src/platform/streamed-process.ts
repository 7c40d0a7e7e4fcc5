// A program whose output is read while it runs. For those whose output is wanted whole there is process.ts.

import { spawn } from 'node:child_process'

export interface StreamedProcess {
  /** What it prints, as it comes; UTF-8. */
  readonly output: AsyncIterable<string>
  /** Resolves when it has ended; rejects with Node's error when it could not be started. */
  readonly ended: Promise<{ readonly code: number | null; readonly stderr: string }>
  kill(): void
}

/** `argv[0]` is looked up in PATH. Whoever does not read `output` to its end must `kill`. */
export function streamProcess([program = '', ...args]: readonly string[]): StreamedProcess {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  const ended = new Promise<{ code: number | null; stderr: string }>((resolve, reject) => {
    child.on('error', reject).on('close', (code) => resolve({ code, stderr }))
  })
  ended.catch(() => undefined) // told to whoever waits for it
  return { output: child.stdout.setEncoding('utf8'), ended, kill: () => void child.kill() }
}
