// What was *decided* about a container (ContainerPlan), what is kept of it (ContainerRecord), what the monitor reports.
// `inspect` prints the plan. These shapes are on disk: `schema` rises with every incompatible change.

import type { HealthPlan, HealthReport } from './health.js'
import type { IsolationPlan } from './isolation.js'
import type { LifecyclePlan } from './lifecycle.js'
import type { LimitsPlan } from './limits.js'
import type { LogPlan } from './log.js'
import type { FilesPlan } from './mounts.js'
import type { ProcessPlan } from './process.js'

export type StorageDriver = 'overlay' | 'fuse-overlayfs' | 'copy'
export interface ContainerPlan
  extends ProcessPlan,
    IsolationPlan,
    FilesPlan,
    LimitsPlan,
    LifecyclePlan,
    HealthPlan,
    LogPlan {
  readonly image: { readonly id: string; readonly name: string }
  readonly storageDriver: StorageDriver
  /** Directory names below layers/, topmost first. */
  readonly layers: readonly string[]
  readonly runtime: string
  /** The command line it was made with; not there: a program made it, or a version that did not note it. */
  readonly createCommand?: readonly string[]
}

/** Every layer that must stay for the container to start: its image's, and those of images mounted into it. */
export function usedLayers({ layers, mounts }: Pick<ContainerPlan, 'layers' | 'mounts'>): readonly string[] {
  return [...layers, ...mounts.flatMap((mount) => mount.layers ?? [])]
}

export interface ContainerRecord {
  readonly schema: 1
  readonly id: string
  readonly name: string
  /** RFC 3339, UTC. */
  readonly createdAt: string
  readonly removeOnExit: boolean
  readonly plan: ContainerPlan
}

/** monitor.json: written by the monitor, see PROTOCOL.md. */
export interface MonitorReport {
  readonly schema: 1
  readonly bootId: string
  readonly monitorPid: number
  readonly monitorStart: number
  readonly containerPid: number
  readonly containerStart: number
  readonly startedAt?: string
  /** How often it has been started again. */
  readonly restarts?: number
  /** The container's version 2 group as /proc/PID/cgroup has it, where it has one of its own. */
  readonly cgroup?: string
}

/** exit.json: written by the monitor, see PROTOCOL.md. */
export interface ExitReport {
  readonly schema: 1
  readonly exitCode: number
  readonly signal: number
  /** null: no memory controller could tell. */
  readonly oomKilled: boolean | null
  readonly finishedAt: string
}

/** Everything a reader needs to know of one container; the status is derived from the other fields. */
export interface ContainerView {
  readonly record: ContainerRecord
  readonly status: ContainerStatus
  /** The newest run's directory; undefined: never started. */
  readonly runDir?: string
  readonly monitor?: MonitorReport
  readonly monitorAlive: boolean
  readonly exit?: ExitReport
  /** Of lists only, where there is a check. */
  readonly health?: HealthReport
}

export type ContainerStatus = 'created' | 'initialized' | 'running' | 'paused' | 'restarting' | 'exited'
