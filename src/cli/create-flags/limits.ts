// How much of the machine a container may use.

import type { InferredFlags } from '@oclif/core/interfaces'
import type { LimitsRequest } from '../../model/limits.js'
import { list } from '../flags.js'
import { parseUlimit } from '../values/ulimit.js'

export const limitFlags = {
  ulimit: list('Resource limit: NAME=SOFT[:HARD], -1 for none', parseUlimit, { commas: true, type: 'ulimits' }),
}

export function toLimitsRequest(flags: InferredFlags<typeof limitFlags>): LimitsRequest {
  return { ulimits: flags.ulimit.filter((limit) => limit !== undefined) }
}
