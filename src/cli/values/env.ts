// `-e NAME=VALUE`, `-e NAME` (taken from the caller), `-e PREFIX*` (all that start so), and `--label NAME[=VALUE]`.

import { UsageError } from '../../model/errors.js'
import type { EnvRequest } from '../../model/process.js'

export function parseEnv(input: string): EnvRequest {
  const equals = input.indexOf('=')
  if (input === '' || equals === 0)
    throw new UsageError(`invalid environment variable: "${input}": the forms are NAME=VALUE, NAME and PREFIX*`)
  if (input.includes('\0')) throw new UsageError('a variable cannot hold a NUL byte')
  if (equals > 0) return { kind: 'set', name: input.slice(0, equals), value: input.slice(equals + 1) }
  return input.endsWith('*') ? { kind: 'host-prefix', prefix: input.slice(0, -1) } : { kind: 'host', name: input }
}

/** A label without `=` has the empty value. */
export function parseLabel(input: string): readonly [name: string, value: string] {
  const equals = input.indexOf('=')
  const name = equals < 0 ? input : input.slice(0, equals)
  if (name === '') throw new UsageError(`invalid label format: "${input}": the form is NAME=VALUE`)
  return [name, equals < 0 ? '' : input.slice(equals + 1)]
}
