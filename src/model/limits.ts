// How much of the machine a container may use: as said, and as decided.

export interface UlimitRequest {
  /** Lower case, without RLIMIT_: `nofile`, `core` … */
  readonly name: string
  /** -1: unlimited. */
  readonly soft: number
  readonly hard: number
}

export interface LimitsRequest {
  readonly ulimits: readonly UlimitRequest[]
}

export interface LimitsPlan {
  readonly ulimits: readonly UlimitRequest[]
}
