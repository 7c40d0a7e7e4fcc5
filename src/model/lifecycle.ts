// What a container is called, how it is stopped and started again, what becomes of it at its end: as said, and as decided.

export const RESTART_POLICIES = ['no', 'on-failure', 'always', 'unless-stopped'] as const

export interface RestartPolicy {
  /** `always` and `unless-stopped` differ at the next boot only. */
  readonly name: (typeof RESTART_POLICIES)[number]
  /** Of `on-failure`: at most so often; 0: as often as it fails. */
  readonly maxRetries: number
}

export const SDNOTIFY_MODES = ['container', 'conmon', 'healthy', 'ignore'] as const
/** Who tells systemd ($NOTIFY_SOCKET) that the service is ready: the container itself, its start, its first passed health check, nobody. */
export type SdnotifyMode = (typeof SDNOTIFY_MODES)[number]

export interface LifecycleRequest {
  readonly name?: string
  readonly replace: boolean
  readonly remove: boolean // --rm
  /** Of the files of --label-file; what `labels` says wins. */
  readonly labelFiles: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly stopSignal?: string
  readonly stopTimeoutS?: number
  readonly cidfile?: string
  readonly restart?: RestartPolicy
  /** 0: no limit. */
  readonly timeoutS: number
  readonly pidfile?: string
  readonly monitorPidfile?: string
  /** Names or ids of containers that are started before this one. */
  readonly requires: readonly string[]
  readonly sdnotify: SdnotifyMode
}

export interface LifecyclePlan {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly stopSignal: string
  readonly stopTimeoutS: number
  readonly restart: RestartPolicy
  readonly timeoutS: number
  /** Absolute. */
  readonly pidfile?: string
  readonly monitorPidfile?: string
  /** Ids of containers that this one cannot be without: those it requires, those whose namespaces it joins. */
  readonly dependencies: readonly string[]
  readonly sdnotify: SdnotifyMode
}
