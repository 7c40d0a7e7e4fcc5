// `exec`: one more process in a running container. Without a terminal the runtime starts it on our own standard streams, so no byte is copied on
// the way; a terminal is made for it, and never is ours.

import { rmSync } from 'node:fs'
import path from 'node:path'
import type { ContainerView } from '../model/container.js'
import { CommandError } from '../model/errors.js'
import type { ExecRequest } from '../model/run-request.js'
import { readFileIfExists, writeFileAtomic } from '../platform/files.js'
import { type ForegroundOptions, runInForeground } from '../platform/foreground.js'
import { inheritedFds } from '../platform/inherited-fds.js'
import { randomHex } from '../platform/random.js'
import type { Store } from '../platform/store.js'
import { writeIfRead } from '../platform/tty.js'
import { enterNamespaces, joinGroups, onTerminal } from '../runtime/enter.js'
import { holdStderr } from '../runtime/exec-stderr.js'
import { toRuntimeError } from '../runtime/monitor-error.js'
import { tellDetachedExec, tellExec } from './exec-events.js'
import { toExecProcess } from './exec-process.js'
import { findRunning } from './find.js'

export interface ExecResult {
  /** The command's; 0 when it was left running. */
  readonly exitCode: number
  /** With `detach`. */
  readonly sessionId?: string
}

/**
 * Resolves when the command has ended, or with `detach` as soon as it runs. Throws ConflictError when the container does not run,
 * CommandError (126, 127, with `detach` 125) when the command cannot be executed.
 */
export async function execInContainer(store: Store, request: ExecRequest): Promise<ExecResult> {
  const passFds = inheritedFds(request)
  const view = await findRunning(store, request.container)
  const sessionId = randomHex(32)
  const base = path.join(view.runDir ?? '', `exec-${sessionId.slice(0, 12)}`)
  const files = { process: `${base}.json`, log: `${base}.log`, console: consolePath(store, sessionId) }
  const session = { request, files, passFds }
  try {
    writeFileAtomic(files.process, JSON.stringify(await toExecProcess(store, view, request)), { durable: false })
    const call = {
      argv: [...surroundings(store, view, session), ...runtimeWords(store, view, session)],
      log: files.log,
      command: request.command[0] ?? '',
    }
    const subject = { record: view.record, sessionId }
    if (request.detach) {
      const exitCode = await runDetached(call, passFds)
      tellDetachedExec(store, subject)
      return { exitCode, sessionId }
    }
    const stdio = request.tty ? 'pty' : 'streams'
    const run = () => runRuntime(call, { stdio, stdin: request.interactive, passFds })
    return { exitCode: await tellExec(store, subject, run) }
  } finally {
    rmSync(files.process, { force: true })
    rmSync(files.log, { force: true })
  }
}

/** Short: runc connects to no longer path than a socket address has room for. */
const consolePath = ({ paths }: Store, sessionId: string) => path.join(paths.sockets, `exec-${sessionId.slice(0, 12)}`)

interface Session {
  readonly request: ExecRequest
  readonly files: { readonly process: string; readonly log: string; readonly console: string }
  readonly passFds: readonly number[]
}

function surroundings(store: Store, view: ContainerView, session: Session): string[] {
  const { request, files } = session
  const { interactive: input, detachKeys } = request
  const console = sendsTerminal(view, request) ? ['--console', files.console] : []
  const front = request.tty && !request.detach ? onTerminal({ input, detachKeys }) : []
  return enterNamespaces(store, view, [...joinGroups(store, view), ...console, ...front])
}

function runtimeWords(store: Store, view: ContainerView, { request, files, passFds }: Session): string[] {
  const { runtime } = view.record.plan
  const common = ['--root', store.paths.runtimeRoot, '--log', logWord(runtime, files.log), '--log-format', 'json']
  const detach = request.detach ? ['--detach'] : []
  const console = sendsTerminal(view, request) ? ['--console-socket', files.console] : []
  const fds = passFds.length > 0 ? ['--preserve-fds', String(passFds.length)] : []
  return [runtime, ...common, 'exec', ...detach, ...console, ...fds, '--process', files.process, view.record.id]
}

/** In the foreground crun sends it, or never changes its size (1.8.1); runc does, and sends none. */
function sendsTerminal({ record }: ContainerView, { tty, detach }: ExecRequest): boolean {
  return tty && (detach || !isRunc(record.plan.runtime))
}

const isRunc = (runtime: string) => path.basename(runtime).startsWith('runc')

/** crun takes what stands before a colon for the kind of the log, which runc does not know of. */
function logWord(runtime: string, logFile: string): string {
  return logFile.includes(':') && !isRunc(runtime) ? `file:${logFile}` : logFile
}

interface RuntimeCall {
  readonly argv: readonly string[]
  readonly log: string
  /** What it is to run, for the error. */
  readonly command: string
}

/** podman's 125: that the command could not be run is ours to tell when nobody waits for it. */
async function runDetached(call: RuntimeCall, passFds: readonly number[]): Promise<number> {
  try {
    return await runRuntime(call, { stdio: 'none', passFds })
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    throw new CommandError(error.message, { cause: error, ...(error.hint === undefined ? {} : { hint: error.hint }) })
  }
}

/** The command's exit code. Throws what the runtime logged when the command could not be run at all. */
async function runRuntime({ argv, log, command }: RuntimeCall, options: ForegroundOptions): Promise<number> {
  const stderr = holdStderr(log, (chunk) => writeIfRead(2, chunk))
  const code = await runInForeground(
    argv,
    options.stdio === 'streams' ? { ...options, onStderr: stderr.push } : options,
  )
  const failure = code === 0 ? '' : (readFileIfExists(log) ?? '')
  await stderr.finish(failure !== '')
  if (failure !== '') throw toRuntimeError(failure, command)
  return code
}
