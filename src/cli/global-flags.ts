// The flags every command takes, before or after its name (cobra's persistent flags), and what the engine gets of them.

import { UsageError } from '../model/errors.js'
import type { FlagDefinitions } from './flag-values.js'
import { asText, toggle, value } from './flags.js'

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]
const DRIVERS = ['overlay', 'fuse-overlayfs', 'copy'] as const
const CGROUP_MANAGERS = ['cgroupfs', 'systemd', 'disabled'] as const

/** Only what was said: the engine fills in the rest. */
export interface GlobalOptions {
  readonly root?: string
  readonly runroot?: string
  readonly storageDriver?: (typeof DRIVERS)[number]
  readonly runtime?: string
  readonly cgroupManager?: (typeof CGROUP_MANAGERS)[number]
  readonly logLevel: LogLevel
}

const choices = (words: readonly string[]): string => words.map((word) => `"${word}"`).join('|')

export const globalFlags = {
  'cgroup-manager': value(`How cgroups are made (${choices(CGROUP_MANAGERS)})`, asText, { choices: CGROUP_MANAGERS }),
  'log-level': value(`Say more or less on stderr (${choices(LOG_LEVELS)})`, asLogLevel, { default: 'warn' }),
  root: value('Directory of images, containers and volumes', asText),
  runroot: value("Directory of what lives until the next boot: sockets, locks, the runtime's state", asText),
  runtime: value('OCI runtime: a name or a path (crun, else runc)', asText),
  'storage-driver': value(`How root file systems are put together (${choices(DRIVERS)})`, asText, { choices: DRIVERS }),
} satisfies FlagDefinitions

/** podman's and logrus' other names for the levels are understood too. */
function asLogLevel(input: string): LogLevel {
  const level = { trace: 'debug', warning: 'warn', fatal: 'error', panic: 'error' }[input] ?? input
  const known = LOG_LEVELS.find((name) => name === level.toLowerCase())
  if (known === undefined) throw new UsageError(`must be one of ${LOG_LEVELS.join(', ')}`)
  return known
}

export const helpFlag = toggle('Show this help')
export const versionFlag = toggle('Show the version', { char: 'v' })

/** A command's flags and the global ones; `-h` is help unless the command has its own (run's hostname). */
export function withGlobalFlags(flags: FlagDefinitions): FlagDefinitions {
  const charTaken = Object.values(flags).some(({ char }) => char === 'h')
  return { ...globalFlags, help: charTaken ? helpFlag : { ...helpFlag, char: 'h' }, ...flags }
}

export function toGlobalOptions(flags: Readonly<Record<string, unknown>>): GlobalOptions {
  const said = {
    root: flags.root,
    runroot: flags.runroot,
    storageDriver: flags['storage-driver'],
    runtime: flags.runtime,
    cgroupManager: flags['cgroup-manager'],
    logLevel: flags['log-level'],
  }
  return Object.fromEntries(Object.entries(said).filter(([, it]) => it !== undefined)) as unknown as GlobalOptions
}
