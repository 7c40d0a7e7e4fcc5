// How much of the machine a container may use. Pure. podman-run(1).

import type { LimitsPlan } from '../model/limits.js'
import type { CreateRequest } from '../model/run-request.js'

export function planLimits(request: CreateRequest): LimitsPlan {
  return { ulimits: request.ulimits }
}
