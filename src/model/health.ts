// How it is found out whether a container works, and what then: as said, as decided, as reported.

export type HealthAction = 'none' | 'kill' | 'restart' | 'stop'

/** The first word is `NONE`, `CMD` (a program and its arguments) or `CMD-SHELL` (a line for /bin/sh), as in an image's config. */
export type HealthTest = readonly [kind: 'NONE' | 'CMD' | 'CMD-SHELL', ...words: string[]]

export interface StartupSaid {
  readonly test?: HealthTest
  readonly intervalMs?: number
  readonly timeoutMs?: number
  readonly retries?: number
  readonly successes?: number
}

/** Whatever was not said is the image's, or the default. */
export interface HealthSaid {
  readonly test?: HealthTest
  /** 0: only when asked. */
  readonly intervalMs?: number
  readonly timeoutMs?: number
  readonly startPeriodMs?: number
  readonly startIntervalMs?: number
  readonly retries?: number
  readonly onFailure?: HealthAction
  readonly startup?: StartupSaid
  readonly logCount?: number
  readonly logSizeBytes?: number
}

export interface HealthRequest {
  readonly health?: HealthSaid
}

export interface StartupCheck {
  readonly test: HealthTest
  readonly intervalMs: number
  readonly timeoutMs: number
  /** Failures until the container is restarted; 0: never. */
  readonly retries: number
  /** How often it must pass before the other check begins. */
  readonly successes: number
}

export interface HealthCheck {
  readonly test: HealthTest
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly startPeriodMs: number
  /** From check to check in the start period, until one has passed; undefined: as `intervalMs` says. */
  readonly startIntervalMs?: number
  readonly retries: number
  readonly onFailure: HealthAction
  readonly startup?: StartupCheck
  readonly logCount: number
  readonly logSizeBytes: number
}

export interface HealthPlan {
  /** Undefined: none was asked for, or it was switched off. */
  readonly health?: HealthCheck
}

/** health.json: written by the monitor, see PROTOCOL.md. */
export interface HealthReport {
  readonly schema: 1
  readonly status: 'starting' | 'healthy' | 'unhealthy'
  readonly failingStreak: number
  readonly log: readonly HealthLogEntry[]
}

export interface HealthLogEntry {
  /** RFC 3339, UTC. */
  readonly start: string
  readonly end: string
  readonly exitCode: number
  readonly output: string
}
