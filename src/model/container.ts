// What was *decided* about a container (ContainerPlan), what is kept of it (ContainerRecord), what the monitor reports.
// `inspect` prints the plan. These shapes are on disk: `schema` rises with every incompatible change.

import type { UlimitRequest } from './run-request.js'

export interface PlannedMount {
  readonly kind: 'bind' | 'tmpfs' | 'volume'
  /** Host path for bind and volume; `tmpfs` for tmpfs. */
  readonly source: string
  readonly destination: string
  readonly options: readonly string[]
  readonly volumeName?: string
  /** Made for this container alone: removed with it. */
  readonly anonymous?: boolean
  /** An empty volume is filled from the image's directory at the first start. */
  readonly copyUp?: boolean
}

export type StorageDriver = 'overlay' | 'fuse-overlayfs' | 'copy'
export type NetworkMode = 'none' | 'host'

/** How container ids map onto the engine's user namespace: none of its own, or `keep-id`: the caller is uid/gid inside. */
export type UsernsPlan =
  | { readonly mode: 'shared' }
  | { readonly mode: 'keep-id'; readonly uid: number; readonly gid: number }

export interface PlannedProcess {
  readonly args: readonly string[]
  /** `NAME=value`, in order, without HOME when nobody set it (it comes from the rootfs' passwd). */
  readonly env: readonly string[]
  readonly cwd: string
  /** `user[:group]` names or numbers, as said or as the image says; empty: root. */
  readonly user: string
  readonly tty: boolean
  readonly openStdin: boolean
}

export interface ContainerPlan {
  readonly image: { readonly id: string; readonly name: string }
  readonly process: PlannedProcess
  readonly hostname: string
  readonly readOnly: boolean
  readonly init: boolean
  readonly privileged: boolean
  readonly capabilities: readonly string[]
  readonly noNewPrivileges: boolean
  /** `default`, `unconfined`, or the absolute path of a profile. */
  readonly seccomp: string
  readonly maskedPaths: readonly string[]
  readonly readonlyPaths: readonly string[]
  readonly network: NetworkMode
  readonly userns: UsernsPlan
  readonly mounts: readonly PlannedMount[]
  readonly ulimits: readonly UlimitRequest[]
  readonly labels: Readonly<Record<string, string>>
  readonly stopSignal: string
  readonly stopTimeoutS: number
  readonly storageDriver: StorageDriver
  /** Directory names below layers/, topmost first. */
  readonly layers: readonly string[]
  readonly runtime: string
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
}

export type ContainerStatus = 'created' | 'initialized' | 'running' | 'exited'
