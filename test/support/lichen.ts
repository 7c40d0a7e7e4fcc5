// The engine under test as a person uses it: its command line, with a root and runroot of the test's own. SUBJECT=podman puts
// podman behind the same words, so that a test can be proven before it judges lichen.

import { join } from 'node:path'
import { isLichen, repository } from './facts.js'
import {
  mustRun,
  type ProcessResult,
  type RunningProcess,
  type RunOptions,
  runProcess,
  startProcess,
} from './process.js'
import { openTerminal, type Terminal, type TerminalOptions } from './terminal.js'

export interface Lichen {
  /** Runs to the end with standard input from /dev/null. */
  (...args: string[]): Promise<ProcessResult>
  /** Runs, insists on exit code 0, returns standard output without the last newline. */
  ok(...args: string[]): Promise<string>
  with(options: RunOptions, ...args: string[]): Promise<ProcessResult>
  /** Starts without waiting; standard input is an open pipe. */
  start(...args: string[]): RunningProcess
  terminal(args: readonly string[], options?: TerminalOptions): Terminal
  /** The words before the command, for tests that need to spawn it their own way. */
  readonly argv: readonly string[]
  /** The test's own directory, removed afterwards; `root` and `runRoot` lie in it. */
  readonly directory: string
  readonly root: string
  readonly runRoot: string
}

/** What is started: the built command (or LICHEN_BIN, an executable), or podman with what its user would have to set up. */
function subjectArgv(): string[] {
  if (!isLichen) return ['podman', '--cgroup-manager', 'cgroupfs']
  const executable = process.env.LICHEN_BIN
  // Node reads its own --env-file anywhere among the words, unless -- comes first: as the command itself starts it
  return executable === undefined ? [process.execPath, '--', join(repository, 'bin/lichen.cjs')] : [executable]
}

export function openLichen(directory: string): Lichen {
  const root = join(directory, 'root')
  const runRoot = join(directory, 'run')
  const argv = [...subjectArgv(), '--root', root, '--runroot', runRoot]
  const env = isLichen ? {} : { CONTAINERS_CONF: join(import.meta.dirname, 'podman.conf') }
  const call = (...args: string[]): Promise<ProcessResult> => runProcess([...argv, ...args], { env })
  return Object.assign(call, {
    ok: (...args: string[]) => mustRun([...argv, ...args], { env }),
    with: (options: RunOptions, ...args: string[]) =>
      runProcess([...argv, ...args], { ...options, env: { ...env, ...options.env } }),
    start: (...args: string[]) => startProcess([...argv, ...args], { env }),
    terminal: (args: readonly string[], options: TerminalOptions = {}) =>
      openTerminal([...argv, ...args], { ...options, env: { ...env, ...options.env } }),
    argv,
    directory,
    root,
    runRoot,
  })
}
