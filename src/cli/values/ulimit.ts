// `--ulimit NAME=SOFT[:HARD]` by the names of getrlimit(2); -1 or `unlimited` is no limit; `host` names none.

import { UsageError } from '../../model/errors.js'
import type { UlimitRequest } from '../../model/limits.js'

const NAMES = [
  ...['as', 'core', 'cpu', 'data', 'fsize', 'locks', 'memlock', 'msgqueue'],
  ...['nice', 'nofile', 'nproc', 'rss', 'rtprio', 'rttime', 'sigpending', 'stack'],
]

/** Undefined for `host`: nothing is set, so every limit stays as lichen found it. */
export function parseUlimit(input: string): UlimitRequest | undefined {
  if (input === 'host') return undefined
  const equals = input.indexOf('=')
  if (equals < 1) throw new UsageError('the form is NAME=SOFT[:HARD]')
  const name = input
    .slice(0, equals)
    .toLowerCase()
    .replace(/^rlimit_/, '')
  if (!NAMES.includes(name)) throw new UsageError(`unknown limit "${name}": known are ${NAMES.join(', ')}`)
  const [first = '', second, ...more] = input.slice(equals + 1).split(':')
  if (more.length > 0) throw new UsageError('the form is NAME=SOFT[:HARD]')
  const soft = parseLimit(first)
  const hard = second === undefined ? soft : parseLimit(second)
  if (hard !== -1 && (soft === -1 || soft > hard)) throw new UsageError(`the soft limit is above the hard limit`)
  return { name, soft, hard }
}

function parseLimit(input: string): number {
  if (input === '-1' || input === 'unlimited') return -1
  if (!/^\d+$/.test(input) || !Number.isSafeInteger(Number(input)))
    throw new UsageError(`"${input}" is no limit: a number, or -1 for none`)
  return Number(input)
}
