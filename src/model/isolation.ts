// What a container shares with the host and what it may do: as said, and as decided.

export type NetworkRequest = { readonly mode: 'none' } | { readonly mode: 'host' }
export type UsernsRequest = { readonly mode: 'host' } | { readonly mode: 'keep-id' }

export interface SecurityRequest {
  /** `unconfined`, or the path of a profile in the OCI/Docker JSON form. */
  readonly seccomp?: string
  readonly noNewPrivileges?: boolean
  /** Paths to mask, to unmask (`ALL` unmasks everything). */
  readonly mask?: readonly string[]
  readonly unmask?: readonly string[]
}

export interface IsolationRequest {
  readonly hostname?: string
  readonly privileged: boolean
  readonly capAdd: readonly string[]
  readonly capDrop: readonly string[]
  readonly security: SecurityRequest
  readonly network?: NetworkRequest
  readonly userns?: UsernsRequest
}

export type NetworkMode = 'none' | 'host'

/** How container ids map onto the engine's user namespace: none of its own, or `keep-id`: the caller is uid/gid inside. */
export type UsernsPlan =
  | { readonly mode: 'shared' }
  | { readonly mode: 'keep-id'; readonly uid: number; readonly gid: number }

export interface IsolationPlan {
  readonly hostname: string
  readonly privileged: boolean
  readonly capabilities: readonly string[]
  readonly noNewPrivileges: boolean
  /** `default`, `unconfined`, or the absolute path of a profile. */
  readonly seccomp: string
  readonly maskedPaths: readonly string[]
  readonly readonlyPaths: readonly string[]
  readonly network: NetworkMode
  readonly userns: UsernsPlan
}
