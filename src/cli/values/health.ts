// Values of the `--health-*` flags, as podman-run(1) describes them.

import { UsageError } from '../../model/errors.js'
import type { HealthAction, HealthTest } from '../../model/health.js'
import { asUint } from '../flags.js'
import { parseDurationMs } from './duration.js'

const ACTIONS: readonly HealthAction[] = ['none', 'kill', 'restart', 'stop']

/** `none`, a line for the shell, or a JSON list: a program and its arguments. `CMD …` and `CMD-SHELL …` as in an image's config. */
export function parseHealthCommand(input: string): HealthTest {
  const list = parseList(input)
  if (list !== undefined) return toTest(list)
  const word = /^(NONE|CMD|CMD-SHELL)(?:\s+(.*))?$/is.exec(input.trim())
  if (word === null) return toTest([input])
  const [kind, rest = ''] = [(word[1] as string).toUpperCase(), word[2]]
  return toTest(kind === 'CMD' ? [kind, ...rest.split(/\s+/).filter((part) => part !== '')] : [kind, rest])
}

function parseList(input: string): readonly string[] | undefined {
  if (!input.startsWith('[')) return undefined
  try {
    const list: unknown = JSON.parse(input)
    return Array.isArray(list) && list.every((word) => typeof word === 'string') ? list : undefined
  } catch {
    return undefined // then it is a line for the shell: `[ -f /ready ]`
  }
}

function toTest([first = '', ...rest]: readonly string[]): HealthTest {
  const kind = first.toUpperCase()
  if (kind === 'NONE') return ['NONE']
  const isKind = kind === 'CMD' || kind === 'CMD-SHELL'
  const words = isKind ? rest : [first, ...rest]
  if ((words[0] ?? '') === '') throw new UsageError('must define a healthcheck command for all healthchecks')
  if (isKind) return [kind, ...words]
  return words.length === 1 ? ['CMD-SHELL', ...words] : ['CMD', ...words]
}

/** Milliseconds; `disable` is 0: no checks of its own accord. */
export function parseHealthInterval(input: string): number {
  return input === 'disable' ? 0 : parseHealthDuration(input)
}

/** Milliseconds, none below zero. */
export function parseHealthDuration(input: string): number {
  const ms = parseDurationMs(input)
  if (ms === undefined) throw new UsageError(`time: invalid duration "${input}"`)
  if (ms < 0) throw new UsageError('must be 0 seconds or greater')
  return Math.round(ms)
}

/** Milliseconds, at least one: docker's least. */
export function parseHealthPause(input: string): number {
  const ms = parseHealthDuration(input)
  if (ms >= 1) return ms
  throw new UsageError('must be at least 1 millisecond')
}

/** Milliseconds, at least one second: a check that may take no time can only fail. */
export function parseHealthTimeout(input: string): number {
  const ms = parseHealthDuration(input)
  if (ms >= 1000) return ms
  throw new UsageError('must be at least 1 second')
}

export function parseHealthAction(input: string): HealthAction {
  const action = ACTIONS.find((name) => name === input)
  if (action !== undefined) return action
  throw new UsageError(
    `invalid on-failure action "${input}" for health check: supported actions are ${ACTIONS.join(',')}`,
  )
}

export function parseHealthRetries(input: string): number {
  const retries = asUint(input)
  if (retries > 0) return retries
  throw new UsageError('must be greater than 0')
}

/** Only one place for results is kept: beside the container's other files. */
export function parseHealthDestination(input: string): 'local' {
  if (input === 'local') return input
  throw new UsageError('only "local" is supported: results are shown by inspect, and changes of the health by events')
}

const MOST_RESULTS = 100

/** The monitor holds them in memory for as long as the container runs. */
export function parseHealthLogCount(input: string): number {
  const count = Number(input)
  if (/^\d+$/.test(input) && count >= 1 && count <= MOST_RESULTS) return count
  throw new UsageError(`must be from 1 to ${MOST_RESULTS}`)
}
