// The process that `exec` starts: the container's own with other words (runtime-spec config.md, "Process").

import { readFileSync } from 'node:fs'
import path from 'node:path'
import { ALL_CAPABILITIES } from '../model/capabilities.js'
import type { ContainerView } from '../model/container.js'
import type { ExecRequest } from '../model/run-request.js'
import { readOwnCapabilities } from '../platform/own-capabilities.js'
import type { Store } from '../platform/store.js'
import { terminalSize } from '../platform/tty.js'
import { resolveUser } from '../runtime/passwd.js'
import { readUserFiles } from '../runtime/rootfs-files.js'
import { containerDir } from '../state/records.js'
import { resolveEnv } from './plan-env.js'

/** The part of config.json's process that a new one inherits. */
interface OciProcess {
  readonly user: { readonly uid: number; readonly gid: number; readonly additionalGids?: readonly number[] }
  readonly env: readonly string[]
  readonly cwd: string
  readonly capabilities: { readonly bounding: readonly string[] }
}

/** Throws what reading --env-file throws, and UsageError for a user that the container does not know. */
export async function toExecProcess(
  store: Store,
  view: ContainerView,
  request: ExecRequest,
): Promise<Record<string, unknown>> {
  const dir = containerDir(store.paths, view.record.id)
  const { process: base } = JSON.parse(readFileSync(path.join(dir, 'config.json'), 'utf8')) as { process: OciProcess }
  const who = request.user === undefined ? undefined : resolveUser(request.user, await readUserFiles(store, view))
  const user =
    who === undefined ? base.user : { ...base.user, uid: who.uid, gid: who.gid, additionalGids: who.additionalGids }
  const env = new Map(
    base.env.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  )
  if (who !== undefined) env.set('HOME', who.home)
  if (request.tty && !env.has('TERM')) env.set('TERM', 'xterm')
  for (const [name, value] of await readVariables(store, request)) env.set(name, value)
  const bounding = request.privileged ? givable(store) : base.capabilities.bounding
  const held = user.uid === 0 || request.privileged ? bounding : []
  return {
    ...base,
    user,
    terminal: request.tty,
    // crun sets it beside the command and not before (1.8): on a busy machine one that asks at once may see no size, and hears of it by SIGWINCH
    ...(request.tty ? { consoleSize: terminalSize() } : {}),
    args: request.command,
    env: [...env].map(([name, value]) => `${name}=${value}`),
    cwd: request.workdir ?? base.cwd,
    capabilities: { bounding, effective: held, permitted: held, inheritable: [], ambient: [] },
  }
}

/** What we lack ourselves we cannot give, unless the container is in a user namespace of ours. */
const givable = ({ userns }: Store): readonly string[] =>
  userns.kind === 'none' ? readOwnCapabilities() : ALL_CAPABILITIES

async function readVariables({ facts }: Store, { env, envFiles }: ExecRequest): Promise<[string, string][]> {
  if (envFiles.length === 0) return resolveEnv(env, facts.env)
  const { readEnvFiles } = await import('./env-file.js')
  return resolveEnv([...readEnvFiles(envFiles, facts.cwd), ...env], facts.env)
}
