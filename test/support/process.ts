// Runs real programs for tests: bytes in, bytes out, exit code. Every run is bounded: a program that hangs is killed and
// named in the error, with what it printed until then.

import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'
import { waitFor } from './wait-for.js'

export interface ProcessOptions {
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
  readonly timeoutMs?: number
}

export interface RunOptions extends ProcessOptions {
  /** Written to standard input, which is then closed. Undefined: standard input is /dev/null. */
  readonly input?: string | Buffer
}

export interface ProcessResult {
  /** 128+n when killed by signal n, as a shell says it. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  readonly stdoutBytes: Buffer
}

export interface RunningProcess {
  readonly pid: number
  write(text: string | Buffer): void
  endInput(): void
  kill(signal: NodeJS.Signals): void
  /** Waits until standard output so far matches. */
  expectOutput(pattern: RegExp): Promise<RegExpExecArray>
  /** Waits until standard error so far matches. */
  expectError(pattern: RegExp): Promise<RegExpExecArray>
  /** Everything so far. */
  printed(): { readonly stdout: string; readonly stderr: string }
  readonly ended: Promise<ProcessResult>
}

/** The environment of a test's child: ours, without what differs between machines, and with `extra` (undefined unsets). */
export function childEnv(extra: ProcessOptions['env'] = {}): NodeJS.ProcessEnv {
  const {
    NODE_EXTRA_CA_CERTS: _certificates,
    NODE_OPTIONS: _options,
    NODE_V8_COVERAGE: _coverage,
    ...own
  } = process.env
  return { ...own, ...extra }
}

/** Starts a program whose standard input stays open until `endInput`. `ended` rejects if it is still there after `timeoutMs`. */
export function startProcess(
  argv: readonly string[],
  options: ProcessOptions & { readonly noInput?: boolean } = {},
): RunningProcess {
  const [program = '', ...args] = argv
  const child = spawn(program, args, {
    stdio: [options.noInput === true ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    env: childEnv(options.env),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  })
  const stdout = collect(child.stdout)
  const stderr = collect(child.stderr)
  // A program may end without reading its input: that is its right, and its exit code tells.
  child.stdin?.on('error', () => {})
  const ended = untilClose(child, options.timeoutMs ?? 60_000).then(
    (code) => toResult(code, stdout, stderr),
    (error: Error) => {
      throw new Error(
        `run ${argv.join(' ')}: ${error.message}: ${Buffer.concat([...stderr, ...stdout])
          .toString()
          .slice(-4000)}`,
      )
    },
  )
  ended.catch(() => {})
  return {
    pid: child.pid ?? 0,
    write: (text) => void child.stdin?.write(text),
    endInput: () => void child.stdin?.end(),
    kill: (signal) => void child.kill(signal),
    expectOutput: (pattern) => expectMatch(pattern, stdout, argv),
    expectError: (pattern) => expectMatch(pattern, stderr, argv),
    printed: () => ({ stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
    ended,
  }
}

export function runProcess(argv: readonly string[], { input, ...options }: RunOptions = {}): Promise<ProcessResult> {
  const running = startProcess(argv, { ...options, noInput: input === undefined })
  if (input !== undefined) running.write(input)
  running.endInput()
  return running.ended
}

/** Runs and insists on success; returns standard output without the last newline. */
export async function mustRun(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const result = await runProcess(argv, options)
  if (result.code !== 0)
    throw new Error(`run ${argv.join(' ')}: exit code ${result.code}: ${result.stderr}${result.stdout}`)
  return result.stdout.replace(/\n$/, '')
}

function expectMatch(pattern: RegExp, chunks: Buffer[], argv: readonly string[]): Promise<RegExpExecArray> {
  const found = () => pattern.exec(Buffer.concat(chunks).toString()) ?? undefined
  return waitFor(`${String(pattern)} from ${argv.join(' ')}`, found)
}

function toResult(code: number, stdout: Buffer[], stderr: Buffer[]): ProcessResult {
  const stdoutBytes = Buffer.concat(stdout)
  return { code, stdout: stdoutBytes.toString(), stderr: Buffer.concat(stderr).toString(), stdoutBytes }
}

function collect(stream: NodeJS.ReadableStream | null): Buffer[] {
  const chunks: Buffer[] = []
  stream?.on('data', (chunk: Buffer) => chunks.push(chunk))
  return chunks
}

function untilClose(child: ChildProcess, timeoutMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`still running after ${timeoutMs} ms`))
    }, timeoutMs)
    child.once('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL'])
    })
  })
}
