// `--filter` of the commands about images: podman's keys, with times made plain.

import type { Filter } from '../../model/filter.js'
import { filterParser } from './filter.js'
import { parseTime } from './time.js'

/** As filterParser; the value of `until` becomes Unix seconds. */
export function imageFilterParser(keys: readonly string[]): (input: string) => Filter {
  const parse = filterParser(keys, { canNegate: true })
  return (input) => {
    const filter = parse(input)
    return filter.key === 'until' ? { ...filter, value: String(parseTime(filter.value) / 1000) } : filter
  }
}
