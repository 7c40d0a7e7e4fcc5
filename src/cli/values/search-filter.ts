// `search --filter`: `stars=N`, `is-official[=BOOL]`, `is-automated[=BOOL]`.

import { UsageError } from '../../model/errors.js'
import type { Filter } from '../../model/filter.js'
import { parseBool } from '../flag-values.js'
import { filterParser } from './filter.js'

const KEYS = ['is-automated', 'is-official', 'stars'] as const
const parseFilter = filterParser(KEYS, { canNegate: false })

export function parseSearchFilter(input: string): Filter {
  const filter = parseFilter(/^is-[a-z]+$/.test(input) ? `${input}=true` : input)
  if (filter.key !== 'stars') return { ...filter, value: String(parseBool(filter.value)) }
  if (/^\d+$/.test(filter.value)) return filter
  throw new UsageError('stars is a whole number')
}
