// The process a container starts with: command, environment, directory, user. Pure. OCI image-spec config.md, podman-run(1).

import path from 'node:path'
import { UsageError } from '../model/errors.js'
import type { ImageProcessConfig } from '../model/image.js'
import type { UsernsPlan } from '../model/isolation.js'
import type { EnvRequest, PlannedProcess } from '../model/process.js'
import type { CreateRequest } from '../model/run-request.js'

type HostEnv = Readonly<Record<string, string | undefined>>

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
export interface ProcessContext {
  readonly userns: UsernsPlan
  readonly env: HostEnv
}

/** Throws UsageError when nobody names a command. */
export function planProcess(
  request: CreateRequest,
  config: ImageProcessConfig,
  context: ProcessContext,
): PlannedProcess {
  const entrypoint = request.entrypoint ?? config.Entrypoint ?? []
  // an --entrypoint of one's own drops the image's Cmd, as docker and podman do
  const command = request.command.length > 0 || request.entrypoint !== undefined ? request.command : (config.Cmd ?? [])
  const args = [...entrypoint, ...command]
  if (args.length === 0) {
    throw new UsageError(`plan process: ${request.image}: the image names no command and none was given`, {
      hint: `add one: lichen run … ${request.image} COMMAND`,
    })
  }
  const cwd = request.workdir ?? (config.WorkingDir || '/')
  if (!cwd.startsWith('/')) throw new UsageError(`plan process: working directory "${cwd}" must be absolute`)
  const ownUser = context.userns.mode === 'keep-id' ? `${context.userns.uid}:${context.userns.gid}` : config.User
  return {
    args,
    cwd: path.posix.normalize(cwd),
    env: planEnv(request, config, context.env),
    user: request.user ?? ownUser ?? '',
    tty: request.tty,
    openStdin: request.interactive,
  }
}

/** Defaults, then the image's, then the user's; a later value wins and keeps the place of the first. */
function planEnv(request: CreateRequest, config: ImageProcessConfig, hostEnv: HostEnv): string[] {
  const env = new Map<string, string>([
    ['PATH', DEFAULT_PATH],
    ['container', 'lichen'],
    ...(request.tty ? ([['TERM', 'xterm']] as const) : []),
  ])
  for (const entry of config.Env ?? []) {
    const equals = entry.indexOf('=')
    env.set(equals < 0 ? entry : entry.slice(0, equals), equals < 0 ? '' : entry.slice(equals + 1))
  }
  for (const [name, value] of resolveEnv(request.env, hostEnv)) env.set(name, value)
  return [...env].map(([name, value]) => `${name}=${value}`)
}

/** What `-e` says, with the caller's own variables filled in; one that is not set there is left out. */
export function resolveEnv(requests: readonly EnvRequest[], hostEnv: HostEnv): [string, string][] {
  return requests.flatMap((request): [string, string][] => {
    if (request.kind === 'set') return [[request.name, request.value]]
    const names =
      request.kind === 'host' ? [request.name] : Object.keys(hostEnv).filter((name) => name.startsWith(request.prefix))
    return names.flatMap((name): [string, string][] => (hostEnv[name] === undefined ? [] : [[name, hostEnv[name]]]))
  })
}
