// Where a container's output goes. Pure. podman-run(1), --log-driver.

import type { LogPlan } from '../model/log.js'
import type { CreateRequest } from '../model/run-request.js'

export function planLog(_request: CreateRequest): LogPlan {
  return {}
}
