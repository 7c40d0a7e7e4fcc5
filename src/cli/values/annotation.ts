// `--annotation KEY=VALUE`.

import { UsageError } from '../../model/errors.js'

export function parseAnnotation(input: string): readonly [key: string, value: string] {
  const equals = input.indexOf('=')
  if (equals > 0) return [input.slice(0, equals), input.slice(equals + 1)]
  throw new UsageError('annotations must be formatted KEY=VALUE')
}
