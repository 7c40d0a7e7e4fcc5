// `--filter` of the commands about containers: podman's keys, with times made plain.

import { CONTAINER_FILTERS } from '../../model/container-filter.js'
import type { Filter } from '../../model/filter.js'
import { filterParser } from './filter.js'
import { parseTime } from './time.js'

const parse = filterParser(CONTAINER_FILTERS, { canNegate: true })

/** The value of `until` becomes Unix seconds. */
export function parseContainerFilter(input: string): Filter {
  const filter = parse(input)
  return filter.key === 'until' ? { ...filter, value: String(parseTime(filter.value) / 1000) } : filter
}
