// Where a container's output goes: as said, as decided; and a line of its log, as readers get it.

export interface LogLine {
  /** RFC 3339 with nanoseconds, as written. */
  readonly time: string
  readonly stream: 'stdout' | 'stderr'
  /** False: the text did not end with a newline. */
  readonly isComplete: boolean
  readonly text: Uint8Array
}

export interface ContainerLogLine extends LogLine {
  readonly containerName: string
}

// biome-ignore lint/complexity/noBannedTypes: filled in with the flags
export type LogRequest = {}

// biome-ignore lint/complexity/noBannedTypes: filled in with the flags
export type LogPlan = {}
