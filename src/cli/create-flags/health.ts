// How it is found out whether a container works, and what then.

import type { InferredFlags } from '@oclif/core/interfaces'
import type { HealthRequest } from '../../model/health.js'

export const healthFlags = {}

export function toHealthRequest(_flags: InferredFlags<typeof healthFlags>): HealthRequest {
  return {}
}
