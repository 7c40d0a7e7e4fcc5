// Status is derived, never stored (DESIGN, invariant 1): from the newest run's files and from who is alive.

import type { ContainerStatus, ExitReport, MonitorReport } from './container.js'

export interface RunFacts {
  readonly monitor?: MonitorReport
  readonly exit?: ExitReport
  readonly monitorAlive: boolean
  readonly containerAlive: boolean
  /** The kernel keeps its processes from running. */
  readonly isFrozen?: boolean
}

/**
 * `initialized`: a monitor holds a container that was not started yet. A monitor that died before it started anything
 * leaves `created`; a container whose monitor was killed runs on (`running`), and when it ends too its exit code is lost (`exited`, no exit report).
 * `restarting`: its monitor waits to start it again, and there is no process. `paused`: there are, and they are frozen.
 */
export function deriveStatus(run: RunFacts | undefined): ContainerStatus {
  if (run === undefined) return 'created'
  if (run.exit !== undefined) return 'exited'
  if (run.monitor === undefined) return 'created'
  if (run.monitor.startedAt === undefined) return run.monitorAlive ? 'initialized' : 'created'
  if (!run.monitorAlive && !run.containerAlive) return 'exited'
  if (run.monitor.containerPid === 0) return 'restarting'
  return run.isFrozen === true ? 'paused' : 'running'
}

/** Whether a status means that processes of the container live, or may at any moment. */
export function isLive(status: ContainerStatus): boolean {
  return isUp(status) || status === 'initialized' || status === 'restarting'
}

/** Whether it was started and its first process is there, frozen or not. */
export function isUp(status: ContainerStatus): boolean {
  return status === 'running' || status === 'paused'
}

/** What `wait` can wait for beside an end: `removing` is met when the container is gone. */
export type WaitCondition = ContainerStatus | 'healthy' | 'unhealthy' | 'removing'
