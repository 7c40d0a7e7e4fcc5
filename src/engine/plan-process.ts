// The process a container starts with: command, directory, user, what it is furnished with. Pure. OCI image-spec config.md, podman-run(1).

import path from 'node:path'
import { UsageError } from '../model/errors.js'
import type { ImageProcessConfig } from '../model/image.js'
import type { UsernsPlan } from '../model/isolation.js'
import type { ProcessPlan } from '../model/process.js'
import type { CreateRequest } from '../model/run-request.js'
import { type EnvHost, planEnv } from './plan-env.js'

const DEFAULT_UMASK = 0o22

export interface ProcessHost extends EnvHost {
  readonly cwd: string
  readonly userns: UsernsPlan
}

/** Throws UsageError when nobody names a command. */
export function planProcess(request: CreateRequest, config: ImageProcessConfig, host: ProcessHost): ProcessPlan {
  const { entrypoint, args } = planArgs(request, config)
  const cwd = request.workdir ?? (config.WorkingDir || '/')
  if (!cwd.startsWith('/')) throw new UsageError(`plan process: working directory "${cwd}" must be absolute`)
  const ownUser = host.userns.mode === 'keep-id' ? `${host.userns.uid}:${host.userns.gid}` : config.User
  const { initPath, timezone, personality, passwdEntry, groupEntry } = request
  return {
    process: {
      args,
      cwd: path.posix.normalize(cwd),
      env: planEnv(request, config, host),
      user: request.user ?? ownUser ?? '',
      tty: request.tty,
      openStdin: request.interactive,
    },
    entrypoint,
    umask: request.umask ?? DEFAULT_UMASK,
    groupAdd: request.groupAdd,
    init: request.init,
    ...(request.init && initPath !== undefined ? { initPath: path.resolve(host.cwd, initPath) } : {}),
    systemd: request.systemd === 'always' || (request.systemd === 'auto' && isSystemd(args)),
    ...(timezone === undefined || timezone === '' ? {} : { timezone }),
    ...(personality === undefined ? {} : { personality }),
    userFiles: {
      addMissing: request.passwd,
      ...(passwdEntry === undefined ? {} : { passwdEntry }),
      ...(groupEntry === undefined ? {} : { groupEntry }),
      hostUsers: request.hostUsers,
    },
  }
}

function planArgs(
  request: CreateRequest,
  config: ImageProcessConfig,
): Pick<ProcessPlan, 'entrypoint'> & { readonly args: string[] } {
  const entrypoint = request.entrypoint ?? config.Entrypoint ?? []
  // an --entrypoint of one's own drops the image's Cmd, as docker and podman do
  const command = request.command.length > 0 || request.entrypoint !== undefined ? request.command : (config.Cmd ?? [])
  const args = [...entrypoint, ...command]
  if (args.length > 0) return { entrypoint, args }
  throw new UsageError(`plan process: ${request.image}: the image names no command and none was given`, {
    hint: `add one: lichen run … ${request.image} COMMAND`,
  })
}

/** podman-run(1), --systemd: by the name of what is run, also from the shell form of a Dockerfile. */
function isSystemd(args: readonly string[]): boolean {
  const [program = ''] = args[0] === '/bin/sh' && args[1] === '-c' && args.length > 2 ? args.slice(2) : args
  const isInit = ['/sbin/init', '/usr/sbin/init', '/usr/local/sbin/init'].includes(program)
  return isInit || path.posix.basename(program) === 'systemd'
}
