// `--ulimit NAME=SOFT[:HARD]` by the names of getrlimit(2), with podman's messages; -1 or `unlimited` is no limit; `host` names none.

import { UsageError } from '../../model/errors.js'
import type { UlimitRequest } from '../../model/limits.js'

const NAMES = [
  ...['as', 'core', 'cpu', 'data', 'fsize', 'locks', 'memlock', 'msgqueue'],
  ...['nice', 'nofile', 'nproc', 'rss', 'rtprio', 'rttime', 'sigpending', 'stack'],
]

/** Undefined for `host`: nothing is set, so every limit stays as lichen found it. */
export function parseUlimit(input: string): UlimitRequest | undefined {
  if (input === 'host') return undefined
  const refuse = (cause: string): UsageError =>
    new UsageError(`ulimit option "${input}" requires name=SOFT:HARD, failed to be parsed: ${cause}`)
  const equals = input.indexOf('=')
  if (equals < 1) throw refuse(`invalid ulimit argument: ${input}`)
  const name = input
    .slice(0, equals)
    .toLowerCase()
    .replace(/^rlimit_/, '')
  if (!NAMES.includes(name)) throw refuse(`invalid ulimit type: ${name}; known are ${NAMES.join(', ')}`)
  const values = input.slice(equals + 1)
  const [first = '', second, ...more] = values.split(':')
  if (more.length > 0)
    throw refuse(`too many limit value arguments - ${values}, can only have up to two, \`soft[:hard]\``)
  const toLimit = (text: string): number => {
    if (text === 'unlimited') return -1
    if (/^(-1|\d+)$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text)
    throw refuse(`strconv.ParseInt: parsing "${text}": invalid syntax`)
  }
  const soft = toLimit(first)
  const hard = second === undefined ? soft : toLimit(second)
  if (hard !== -1 && soft === -1)
    throw refuse(`ulimit soft limit must be less than or equal to hard limit: soft: -1 (unlimited), hard: ${hard}`)
  if (hard !== -1 && soft > hard)
    throw refuse(`ulimit soft limit must be less than or equal to hard limit: ${soft} > ${hard}`)
  return { name, soft, hard }
}
