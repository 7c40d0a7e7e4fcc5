// Runs a program on our own standard streams and passes signals on: what `exec` and `unshare` do after their preparations.

import { spawn } from 'node:child_process'
import { HostError } from '../model/errors.js'
import { PROXIED_SIGNALS, parseSignal } from '../model/signal.js'

export interface ForegroundOptions {
  /** Ours; else /dev/null. */
  readonly stdin: boolean
  /** The program owns the terminal, so it must stay in the terminal's foreground process group. */
  readonly tty: boolean
  /** No output of ours at all: the program's own output goes nowhere. */
  readonly quiet?: boolean
  readonly cwd?: string
}

/** Resolves to the exit code, 128+n when a signal ended it. Throws HostError when it cannot be started. */
export async function runInForeground(argv: readonly string[], options: ForegroundOptions): Promise<number> {
  const [file = '', ...args] = argv
  const output = options.quiet === true ? 'ignore' : 'inherit'
  // without a terminal of its own, in a session of its own: ctrl-c then reaches it once, through us, and not twice
  const child = spawn(file, args, {
    stdio: [options.stdin ? 'inherit' : 'ignore', output, output],
    detached: !options.tty,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  })
  const handlers = PROXIED_SIGNALS.map(([name]) => [name, () => void child.kill(name)] as const)
  for (const [name, handler] of handlers) process.on(name, handler)
  try {
    return await new Promise<number>((resolve, reject) => {
      child.on('error', (cause) =>
        reject(
          new HostError(`run ${file}: ${cause.message}`, {
            cause,
            hint: '`npm run build` makes lichen-monitor; `lichen info` shows which runtime is used',
          }),
        ),
      )
      child.on('close', (code, signal) => resolve(code ?? 128 + signalNumber(signal)))
    })
  } finally {
    for (const [name, handler] of handlers) process.off(name, handler)
  }
}

function signalNumber(name: NodeJS.Signals | null): number {
  return parseSignal(name ?? '') ?? 0
}
