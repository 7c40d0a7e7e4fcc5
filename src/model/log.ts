// Where a container's output goes: as said, as decided; and a line of its log, as readers get it.

/** Where a line lies among the bytes of its log: of a log of millions of lines nothing is copied that nobody looks at. */
export interface LogLine {
  readonly bytes: Buffer
  readonly timeStart: number
  readonly timeEnd: number
  readonly textStart: number
  readonly textEnd: number
  readonly stream: 'stdout' | 'stderr'
  /** False: the text did not end with a newline. */
  readonly isComplete: boolean
}

/** RFC 3339 with nanoseconds, in UTC, as written: times are in the order of their texts. */
export const timeOf = ({ bytes, timeStart, timeEnd }: LogLine): string => bytes.toString('latin1', timeStart, timeEnd)

/** Without its newline; a view of `bytes`. */
export const textOf = ({ bytes, textStart, textEnd }: LogLine): Buffer => bytes.subarray(textStart, textEnd)

/** Lines of one container that follow each other. */
export interface LogBatch {
  readonly containerName: string
  readonly containerId: string
  readonly lines: readonly LogLine[]
}

export const LOG_DRIVERS = ['k8s-file', 'json-file', 'journald', 'none', 'passthrough', 'passthrough-tty'] as const
/** `json-file` is podman's other name for k8s-file. */
export type LogDriver = (typeof LOG_DRIVERS)[number]

export interface LogSaid {
  readonly path?: string
  /** 0: no limit. */
  readonly maxSizeBytes?: number
  readonly maxFiles?: number
  readonly tag?: string
}

export interface LogRequest {
  readonly logDriver?: LogDriver
  readonly logOptions?: LogSaid
}

export interface LogPlan {
  readonly log: {
    readonly driver: LogDriver
    /** Absolute; undefined: in the container's own directory. */
    readonly path?: string
    /** Size at which the file is put aside; 0: never. */
    readonly maxSizeBytes: number
    /** How many files there are at most, with the one being written. */
    readonly maxFiles: number
    /** Empty: none. */
    readonly tag: string
  }
}
