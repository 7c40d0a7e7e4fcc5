// Who we are and what surrounds us. The only file that reads process.env and node:os; everything else is handed what it needs.

import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { cpus, freemem, hostname, release, totalmem, uptime, userInfo } from 'node:os'
import path from 'node:path'
import { HostError } from '../model/errors.js'

export interface HostFacts {
  readonly uid: number
  readonly gid: number
  readonly userName: string
  readonly home: string
  readonly cwd: string
  readonly hostname: string
  readonly kernelRelease: string
  /** The caller's environment, for `-e NAME`, XDG directories and PATH. */
  readonly env: Readonly<Record<string, string | undefined>>
}

export function readHostFacts(): HostFacts {
  const user = userInfo()
  return {
    uid: user.uid,
    gid: user.gid,
    userName: user.username,
    home: process.env.HOME || user.homedir,
    cwd: readWorkingDirectory(),
    hostname: hostname(),
    kernelRelease: release(),
    env: process.env,
  }
}

function readWorkingDirectory(): string {
  try {
    return process.cwd()
  } catch (cause) {
    throw new HostError('find working directory: it was removed', { cause, hint: 'cd to one that exists' })
  }
}

/** First executable `name` in PATH, then in the sbin places that users' PATHs leave out; undefined when there is none. */
export function findProgram(name: string, env: HostFacts['env']): string | undefined {
  const dirs = [...(env.PATH ?? '').split(':').filter((dir) => dir.startsWith('/')), '/usr/sbin', '/sbin']
  for (const dir of dirs) if (isExecutable(`${dir}/${name}`)) return `${dir}/${name}`
  return undefined
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false // not there, or not for us: the next directory
  }
}

/**
 * The C program: beside the bundle when installed, in dist/ of the source tree in development. `LICHEN_MONITOR` names another one
 * (the tests' sanitized build).
 */
export function monitorProgram(env: HostFacts['env']): string {
  const override = env.LICHEN_MONITOR
  if (override !== undefined && override !== '') return override
  const here = typeof __dirname === 'string' ? __dirname : path.dirname(new URL(import.meta.url).pathname)
  const beside = path.join(here, 'lichen-monitor')
  return existsSync(beside) ? beside : path.join(here, '../../dist/lichen-monitor')
}

/** This boot's id: pids and start times of another boot mean nothing. */
export function readBootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
}

export interface Machine {
  readonly arch: string
  readonly cpus: number
  readonly memTotalBytes: number
  readonly memFreeBytes: number
  readonly uptimeS: number
}

/** For `info` only: not worth reading on every start. */
export function readMachine(): Machine {
  return {
    arch: process.arch === 'x64' ? 'amd64' : process.arch,
    cpus: cpus().length,
    memTotalBytes: totalmem(),
    memFreeBytes: freemem(),
    uptimeS: uptime(),
  }
}
