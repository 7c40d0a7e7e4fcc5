// Status is derived, never stored (DESIGN, invariant 1): from the newest run's files and from who is alive.

import type { ContainerStatus, ExitReport, MonitorReport } from './container.js'

export interface RunFacts {
  readonly monitor?: MonitorReport
  readonly exit?: ExitReport
  readonly monitorAlive: boolean
  readonly containerAlive: boolean
}

/**
 * `initialized`: a monitor holds a container that was not started yet. A monitor that died before it started anything
 * leaves `created`; a container whose monitor was killed runs on (`running`), and when it ends too its exit code is lost (`exited`, no exit report).
 */
export function deriveStatus(run: RunFacts | undefined): ContainerStatus {
  if (run === undefined) return 'created'
  if (run.exit !== undefined) return 'exited'
  if (run.monitor === undefined) return 'created'
  if (run.monitor.startedAt === undefined) return run.monitorAlive ? 'initialized' : 'created'
  return run.monitorAlive || run.containerAlive ? 'running' : 'exited'
}

/** Whether a status means that processes of the container may live. */
export function isLive(status: ContainerStatus): boolean {
  return status === 'running' || status === 'initialized'
}
