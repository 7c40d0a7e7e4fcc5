// `exec`: one more process in a running container. The runtime starts it on our own standard streams, so no byte is copied on the way.

import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { isatty } from 'node:tty'
import { ALL_CAPABILITIES } from '../model/capabilities.js'
import type { ContainerView } from '../model/container.js'
import { UsageError } from '../model/errors.js'
import type { ExecRequest } from '../model/run-request.js'
import { readFileIfExists, writeFileAtomic } from '../platform/files.js'
import { type ForegroundOptions, runInForeground } from '../platform/foreground.js'
import { randomHex } from '../platform/random.js'
import type { Store } from '../platform/store.js'
import { writeIfRead } from '../platform/tty.js'
import { enterNamespaces } from '../runtime/enter.js'
import { holdStderr } from '../runtime/exec-stderr.js'
import { toRuntimeError } from '../runtime/monitor-error.js'
import { resolveUser } from '../runtime/passwd.js'
import { readUserFiles } from '../runtime/rootfs-files.js'
import { containerDir } from '../state/records.js'
import { findRunning } from './find.js'
import { resolveEnv } from './plan-process.js'

/** The part of config.json's process that a new one inherits (runtime-spec config.md, "Process"). */
interface OciProcess {
  readonly user: { readonly uid: number; readonly gid: number; readonly additionalGids?: readonly number[] }
  readonly env: readonly string[]
  readonly cwd: string
  readonly capabilities: { readonly bounding: readonly string[] }
}

/**
 * Resolves to the command's exit code; with `detach` to 0 as soon as it runs. Throws ConflictError when the container does not run,
 * CommandError (126, 127) when the command cannot be executed.
 */
export async function execInContainer(store: Store, request: ExecRequest): Promise<number> {
  // the runtime makes a terminal out of ours, and has nothing to make one of without
  if (request.tty && !request.detach && !isatty(0))
    throw new UsageError('exec: --tty: standard input is not a terminal', { hint: 'leave out --tty (-t)' })
  const view = await findRunning(store, request.container)
  const base = path.join(view.runDir ?? '', `exec-${randomHex(6)}`)
  const [processFile, logFile] = [`${base}.json`, `${base}.log`]
  try {
    writeFileAtomic(processFile, JSON.stringify(await toExecProcess(store, view, request)), { durable: false })
    const { record } = view
    const runtime = [
      record.plan.runtime,
      '--root',
      store.paths.runtimeRoot,
      '--log',
      logWord(record.plan.runtime, logFile),
      '--log-format',
      'json',
    ]
    const detach = request.detach ? ['--detach'] : []
    const argv = [...enterNamespaces(store, view), ...runtime, 'exec', ...detach, '--process', processFile, record.id]
    const command = request.command[0] ?? ''
    if (request.detach) return await runRuntime({ argv, logFile, command }, { stdio: 'none' })
    if (request.tty) return await runRuntime({ argv, logFile, command }, { stdio: 'terminal' })
    return await runRuntime({ argv, logFile, command }, { stdio: 'streams', stdin: request.interactive })
  } finally {
    rmSync(processFile, { force: true })
    rmSync(logFile, { force: true })
  }
}

/** crun takes what stands before a colon for the kind of the log, which runc does not know of. */
function logWord(runtime: string, logFile: string): string {
  return logFile.includes(':') && !path.basename(runtime).startsWith('runc') ? `file:${logFile}` : logFile
}

interface RuntimeCall {
  readonly argv: readonly string[]
  readonly logFile: string
  /** What it is to run, for the error. */
  readonly command: string
}

/** The command's exit code. Throws what the runtime logged when the command could not be run at all. */
async function runRuntime({ argv, logFile, command }: RuntimeCall, options: ForegroundOptions): Promise<number> {
  const stderr = holdStderr(logFile, (chunk) => writeIfRead(2, chunk))
  const code = await runInForeground(
    argv,
    options.stdio === 'streams' ? { ...options, onStderr: stderr.push } : options,
  )
  const failure = code === 0 ? '' : (readFileIfExists(logFile) ?? '')
  await stderr.finish(failure !== '')
  if (failure !== '') throw toRuntimeError(failure, command)
  return code
}

/** The container's own process with other words, and what `-e -w -u -t --privileged` say. */
async function toExecProcess(
  store: Store,
  view: ContainerView,
  request: ExecRequest,
): Promise<Record<string, unknown>> {
  const dir = containerDir(store.paths, view.record.id)
  const { process: base } = JSON.parse(readFileSync(path.join(dir, 'config.json'), 'utf8')) as { process: OciProcess }
  const who = request.user === undefined ? undefined : resolveUser(request.user, await readUserFiles(store, view))
  const user = who === undefined ? base.user : { uid: who.uid, gid: who.gid, additionalGids: who.additionalGids }
  const env = new Map(
    base.env.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  )
  if (who !== undefined) env.set('HOME', who.home)
  if (request.tty && !env.has('TERM')) env.set('TERM', 'xterm')
  for (const [name, value] of resolveEnv(request.env, store.facts.env)) env.set(name, value)
  const bounding = request.privileged ? ALL_CAPABILITIES : base.capabilities.bounding
  const held = user.uid === 0 || request.privileged ? bounding : []
  return {
    ...base,
    user,
    terminal: request.tty && !request.detach,
    args: request.command,
    env: [...env].map(([name, value]) => `${name}=${value}`),
    cwd: request.workdir ?? base.cwd,
    capabilities: { bounding, effective: held, permitted: held, inheritable: [], ambient: [] },
  }
}
