// How a container is stopped and started again, and its labels. Pure. podman-run(1).

import { UsageError } from '../model/errors.js'
import type { ImageProcessConfig } from '../model/image.js'
import type { LifecyclePlan } from '../model/lifecycle.js'
import type { CreateRequest } from '../model/run-request.js'
import { formatSignal, parseSignal } from '../model/signal.js'

const DEFAULT_STOP_TIMEOUT_S = 10

export function planLifecycle(request: CreateRequest, config: ImageProcessConfig): LifecyclePlan {
  return {
    labels: { ...(config.Labels ?? {}), ...request.labels },
    stopSignal: planStopSignal(request.stopSignal ?? config.StopSignal ?? 'SIGTERM'),
    stopTimeoutS: request.stopTimeoutS ?? DEFAULT_STOP_TIMEOUT_S,
  }
}

function planStopSignal(text: string): string {
  const signal = parseSignal(text)
  if (signal === undefined)
    throw new UsageError(`plan container: stop signal "${text}": unknown signal`, {
      hint: 'names are listed in signal(7)',
    })
  return formatSignal(signal)
}
