// `--filter` of the commands about volumes: podman's keys, with times and truths made plain.

import { UsageError } from '../../model/errors.js'
import type { Filter } from '../../model/filter.js'
import { filterParser } from './filter.js'
import { parseTime } from './time.js'

export const VOLUME_FILTERS: readonly string[] = [
  ...['after', 'anonymous', 'dangling', 'driver', 'label', 'name', 'opt', 'scope', 'since', 'until'],
]

const TRUTHS: Readonly<Record<string, string>> = { true: 'true', '1': 'true', false: 'false', '0': 'false' }

/** As filterParser; the value of `until` becomes Unix seconds, those of yes-or-no keys `true` or `false`. Only labels can be negated. */
export function parseVolumeFilter(input: string): Filter {
  const filter = filterParser(VOLUME_FILTERS, { canNegate: true })(input)
  const { key, value, negated } = filter
  if (negated && key !== 'label') throw new UsageError(`"${key}!" is an invalid volume filter`)
  if (key === 'until') return { ...filter, value: String(parseTime(value) / 1000) }
  if (key !== 'dangling' && key !== 'anonymous') return filter
  const truth = TRUTHS[value]
  if (truth !== undefined) return { ...filter, value: truth }
  throw new UsageError(`"${value}" is not a valid value for the "${key}" filter - must be true or false`)
}
