// Comparison as Go's templates do it: only basic values of one kind are comparable (text/template funcs.go, eq and lt).

import { FunctionError } from './function-error.js'
import { plainOf } from './values.js'

/** Whether the first equals any of the others. */
export function equalsAny(one: unknown, candidates: readonly unknown[]): boolean {
  const [first, ...others] = [one, ...candidates].map(plainOf)
  if (others.length === 0) throw new FunctionError('missing argument for comparison')
  return others.some((other) => {
    if (isNil(first) || isNil(other)) return isNil(first) && isNil(other)
    requireSameKind(first, other)
    return first === other
  })
}

/** Negative, zero or positive, for strings and numbers. */
export function compareValues(left: unknown, right: unknown): number {
  const [a, b] = [plainOf(left), plainOf(right)]
  requireSameKind(a, b)
  if (typeof a === 'boolean') throw new FunctionError('invalid type for comparison')
  return (a as string | number) < (b as string | number) ? -1 : a === b ? 0 : 1
}

function requireSameKind(a: unknown, b: unknown): void {
  for (const value of [a, b])
    if (!['string', 'number', 'boolean'].includes(typeof value)) throw new FunctionError('invalid type for comparison')
  if (typeof a !== typeof b) throw new FunctionError('incompatible types for comparison')
}

const isNil = (value: unknown): boolean => value === undefined || value === null
