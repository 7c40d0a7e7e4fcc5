// `--filter KEY=VALUE`, checked against the keys a command knows. What it then means is model/filter.ts.

import { UsageError } from '../../model/errors.js'
import type { Filter } from '../../model/filter.js'

/** `canNegate`: `KEY!=VALUE` is understood. */
export function filterParser(
  keys: readonly string[],
  { canNegate }: { readonly canNegate: boolean },
): (input: string) => Filter {
  return (input) => {
    const equals = input.indexOf('=')
    if (equals < 1)
      throw new UsageError(`invalid filter "${input}": the form is KEY=VALUE, with KEY one of ${keys.join(', ')}`)
    const negated = canNegate && input[equals - 1] === '!'
    const key = input.slice(0, negated ? equals - 1 : equals)
    if (!keys.includes(key)) throw new UsageError(`${key} is an invalid filter: known are ${keys.join(', ')}`)
    return { key, value: input.slice(equals + 1), negated }
  }
}
