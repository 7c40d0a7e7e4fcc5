// `--filter KEY=VALUE`, checked against the keys a command knows. Several of one key: any may match; several keys: all must.

import { UsageError } from '../../model/errors.js'

export interface Filter {
  readonly key: string
  readonly value: string
  /** `key!=value`. */
  readonly negated: boolean
}

/** `canNegate`: `KEY!=VALUE` is understood. */
export function filterParser(
  keys: readonly string[],
  { canNegate }: { readonly canNegate: boolean },
): (input: string) => Filter {
  return (input) => {
    const equals = input.indexOf('=')
    if (equals < 1) throw new UsageError(`the form is KEY=VALUE, with KEY one of ${keys.join(', ')}`)
    const negated = canNegate && input[equals - 1] === '!'
    const key = input.slice(0, negated ? equals - 1 : equals)
    if (!keys.includes(key)) throw new UsageError(`unknown filter "${key}": known are ${keys.join(', ')}`)
    return { key, value: input.slice(equals + 1), negated }
  }
}

/** Whether an object passes: `match` says whether it has one key's value. */
export function passes(filters: readonly Filter[], match: (key: string, value: string) => boolean): boolean {
  const groups = new Map<string, Filter[]>()
  for (const filter of filters) {
    const group = `${filter.key}${filter.negated ? '!' : ''}`
    groups.set(group, [...(groups.get(group) ?? []), filter])
  }
  return [...groups.values()].every((group) =>
    group[0]?.negated === true
      ? group.every(({ key, value }) => !match(key, value))
      : group.some(({ key, value }) => match(key, value)),
  )
}
