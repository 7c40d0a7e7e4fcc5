// Runs a program in front of the user and passes signals on: what `exec` and `unshare` do after their preparations.

import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { isatty } from 'node:tty'
import { HostError } from '../model/errors.js'
import { PROXIED_SIGNALS, parseSignal } from '../model/signal.js'
import { writeIfRead } from './tty.js'

const RESIZED = 'SIGWINCH' as const

export interface ForegroundOptions {
  /**
   * `terminal`: our streams, all three, and the terminal's foreground process group. `streams`: pipes and files are passed as they are, a terminal is
   * not (what runs inside must not get hold of it), its bytes are. `pty`: our streams, for a program that copies between them and a terminal it makes.
   * `none`: nothing in, nothing out.
   */
  readonly stdio: 'terminal' | 'streams' | 'pty' | 'none'
  /** With `streams` and `pty`: whether there is input at all; else /dev/null. */
  readonly stdin?: boolean
  /** Descriptors, 3 and up, that it gets by the same numbers. */
  readonly passFds?: readonly number[]
  /** With `streams`: gets the error output instead of our stderr. */
  readonly onStderr?: (chunk: Uint8Array) => Promise<void>
}

/** Resolves to the exit code, 128+n when a signal ended it, after all its output is written. Throws HostError when it cannot be started. */
export async function runInForeground(argv: readonly string[], options: ForegroundOptions): Promise<number> {
  const [file = '', ...args] = argv
  const isApart = !needsTerminal(options)
  const stdio = [...chooseStdio(options), ...(options.passFds ?? [])]
  const child = spawn(file, args, { stdio, detached: isApart })
  const signals = [...PROXIED_SIGNALS.map(([name]) => name), ...(isApart && options.stdio === 'pty' ? [RESIZED] : [])]
  const handlers = signals.map((name) => [name, () => void child.kill(name)] as const)
  for (const [name, handler] of handlers) process.on(name, handler)
  try {
    const ended = waitForEnd(child, file)
    if (child.stdin !== null) process.stdin.pipe(child.stdin).on('error', () => undefined)
    await Promise.all([
      drain(child.stdout, (chunk) => writeIfRead(1, chunk)),
      drain(child.stderr, options.onStderr ?? ((chunk) => writeIfRead(2, chunk))),
    ])
    return await ended
  } finally {
    for (const [name, handler] of handlers) process.off(name, handler)
    if (child.stdin !== null) process.stdin.unpipe().pause()
  }
}

/**
 * Else it runs in a session of its own: what is typed (ctrl-c) then reaches it once, through us, and not twice. To read keys one by one it must be in the
 * terminal's foreground, and gets them all as bytes.
 */
function needsTerminal({ stdio, stdin }: ForegroundOptions): boolean {
  return stdio === 'terminal' || (stdio === 'pty' && stdin === true && isatty(0))
}

type Stdio = 'inherit' | 'pipe' | 'ignore'

function chooseStdio({ stdio, stdin, onStderr }: ForegroundOptions): [Stdio, Stdio, Stdio] {
  if (stdio === 'none') return ['ignore', 'ignore', 'ignore']
  if (stdio === 'terminal') return ['inherit', 'inherit', 'inherit']
  if (stdio === 'pty') return [stdin === true ? 'inherit' : 'ignore', 'inherit', 'inherit']
  const pass = (fd: number): Stdio => (isatty(fd) ? 'pipe' : 'inherit')
  return [stdin === true ? pass(0) : 'ignore', pass(1), onStderr === undefined ? pass(2) : 'pipe']
}

function waitForEnd(child: ChildProcess, file: string): Promise<number> {
  const ended = new Promise<number>((resolve, reject) => {
    const hint = '`npm run build` makes lichen-monitor; `lichen info` shows which runtime is used'
    child.on('error', (cause) => reject(new HostError(`run ${file}: ${cause.message}`, { cause, hint })))
    child.on('exit', (code, signal) => resolve(code ?? 128 + (parseSignal(signal ?? '') ?? 0)))
  })
  ended.catch(() => undefined) // awaited after the output
  return ended
}

async function drain(stream: Readable | null, take: (chunk: Uint8Array) => Promise<void>): Promise<void> {
  if (stream === null) return
  for await (const chunk of stream) await take(chunk as Uint8Array)
}
