// How it is found out whether a container works: what was said over what the image says. Pure. podman-run(1), --health-*.

import type { HealthPlan } from '../model/health.js'
import type { ImageProcessConfig } from '../model/image.js'
import type { CreateRequest } from '../model/run-request.js'

export function planHealth(_request: CreateRequest, _config: ImageProcessConfig): HealthPlan {
  return {}
}
