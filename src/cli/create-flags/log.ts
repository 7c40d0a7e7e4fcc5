// Where a container's output goes.

import type { InferredFlags } from '@oclif/core/interfaces'
import type { LogRequest } from '../../model/log.js'

export const logFlags = {}

export function toLogRequest(_flags: InferredFlags<typeof logFlags>): LogRequest {
  return {}
}
