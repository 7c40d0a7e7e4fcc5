// A command on a real pseudo terminal, driven as a person would: type, wait for something on the screen, resize, leave.
// The pty itself is made by terminal.py, since Node has none.

import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { childEnv, type ProcessOptions } from './process.js'
import { waitFor } from './wait-for.js'

export interface TerminalReport {
  readonly code: number
  /** Whether the terminal was left as a shell needs it. */
  readonly canonical: boolean
  readonly echo: boolean
  /** Everything that appeared on the screen. */
  readonly screen: string
}

export interface Terminal {
  /** The pid of the pty driver; its only child is the command. */
  readonly pid: number
  /** Everything at once, as a paste. */
  type(text: string): void
  /** Key by key, at a person's pace: podman looks for detach keys in single-key reads only. */
  press(keys: string): void
  resize(rows: number, columns: number): void
  /** Waits until `pattern` appears after what the last call matched. */
  expect(pattern: RegExp | string): Promise<void>
  screen(): string
  exit(): Promise<TerminalReport>
  kill(): void
}

export interface TerminalOptions extends Pick<ProcessOptions, 'env' | 'cwd'> {
  readonly rows?: number
  readonly columns?: number
}

export function openTerminal(argv: readonly string[], options: TerminalOptions = {}): Terminal {
  const size = [String(options.rows ?? 24), String(options.columns ?? 80)]
  const child = spawn('python3', [join(import.meta.dirname, 'terminal.py'), ...size, ...argv], {
    stdio: ['pipe', 'pipe', 'inherit', 'pipe', 'pipe'],
    env: childEnv({ TERM: 'xterm', ...options.env }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  })
  const [keyboard, output] = [child.stdio[0] as Writable, child.stdio[1] as Readable]
  const screen = textOf(output)
  const report = textOf(child.stdio[4] as Readable)
  const order = (words: object): void => void (child.stdio[3] as Writable).write(`${JSON.stringify(words)}\n`)
  let isOpen = true
  const closed = new Promise<void>((resolve) => {
    child.once('close', () => {
      isOpen = false
      resolve()
    })
  })
  let seen = 0
  return {
    pid: child.pid ?? 0,
    type: (text) => void keyboard.write(text),
    press: (keys) => order({ press: keys }),
    resize: (rows, columns) => order({ resize: [rows, columns] }),
    screen: () => screen.text,
    expect: async (pattern) => {
      seen = await waitFor(`${String(pattern)} on the terminal`, () => {
        const end = findEnd(screen.text, pattern, seen)
        if (end === undefined && !isOpen)
          throw new Error(`wait for ${String(pattern)} on the terminal: the command has ended`)
        return end
      }).catch((error) => {
        throw new Error(`${String(error)}; the screen shows:\n${screen.text.slice(seen)}`)
      })
    },
    exit: async () => {
      await withDeadline(closed, () => `the command is still running; the screen shows:\n${screen.text}`)
      return { ...(JSON.parse(report.text) as Omit<TerminalReport, 'screen'>), screen: screen.text }
    },
    kill: () => void child.kill('SIGKILL'),
  }
}

function findEnd(text: string, pattern: RegExp | string, from: number): number | undefined {
  const rest = text.slice(from)
  if (typeof pattern === 'string') {
    const index = rest.indexOf(pattern)
    return index < 0 ? undefined : from + index + pattern.length
  }
  const match = pattern.exec(rest)
  return match === null ? undefined : from + match.index + match[0].length
}

function textOf(stream: Readable): { text: string } {
  const collected = { text: '' }
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    collected.text += chunk
  })
  return collected
}

async function withDeadline(promise: Promise<void>, describe: () => string): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(describe())), 30_000)
  })
  await Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
