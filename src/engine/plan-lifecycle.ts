// How a container is stopped and started again, and its labels. Pure. podman-run(1).

import path from 'node:path'
import { UsageError } from '../model/errors.js'
import type { ImageProcessConfig } from '../model/image.js'
import type { LifecyclePlan } from '../model/lifecycle.js'
import type { CreateRequest } from '../model/run-request.js'
import { formatSignal, parseSignal } from '../model/signal.js'

const DEFAULT_STOP_TIMEOUT_S = 10

/** Found out before, like everything a planner must know of the machine. */
export interface LifecycleHost {
  readonly cwd: string
  /** Ids of the containers that `requires` names. */
  readonly requiredIds: readonly string[]
  /** What it runs is one, and has a signal of its own for being stopped. */
  readonly systemd: boolean
}

/** Throws UsageError for a container that is to be removed at its end and never ends. */
export function planLifecycle(
  request: CreateRequest,
  config: ImageProcessConfig,
  { cwd, requiredIds, systemd }: LifecycleHost,
): LifecyclePlan {
  const { restart = { name: 'no', maxRetries: 0 }, pidfile, monitorPidfile } = request
  if (request.remove && (restart.name === 'always' || restart.name === 'unless-stopped'))
    throw new UsageError(
      `plan container: --rm and --restart ${restart.name}: a container that never ends cannot be removed at its end`,
    )
  return {
    labels: { ...(config.Labels ?? {}), ...request.labels },
    annotations: request.annotations,
    stopSignal: planStopSignal(request.stopSignal ?? config.StopSignal ?? (systemd ? 'SIGRTMIN+3' : 'SIGTERM')),
    stopTimeoutS: request.stopTimeoutS ?? DEFAULT_STOP_TIMEOUT_S,
    restart,
    timeoutS: request.timeoutS,
    ...(pidfile === undefined ? {} : { pidfile: path.resolve(cwd, pidfile) }),
    ...(monitorPidfile === undefined ? {} : { monitorPidfile: path.resolve(cwd, monitorPidfile) }),
    dependencies: requiredIds,
    sdnotify: request.sdnotify,
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
