// What a container uses of the machine, at one moment.

export interface ResourceUsage {
  /** Of all its processes, those that have ended too. */
  readonly cpuNs: number
  readonly cpuSystemNs: number
  readonly memoryBytes: number
  /** The container's limit, or what the machine has. */
  readonly memoryLimitBytes: number
  readonly netInputBytes: number
  readonly netOutputBytes: number
  readonly blockInputBytes: number
  readonly blockOutputBytes: number
  /** Threads, as the pids controller counts. */
  readonly pids: number
  /** False: memory, block devices or threads are added up from the processes that live now, since no control group counts them. */
  readonly isCounted: boolean
}

export interface ContainerStats extends ResourceUsage {
  readonly id: string
  readonly name: string
  readonly takenAtMs: number
  /** Since the sample before; of the first one, since the container's start. 100 is one processor. */
  readonly cpuPercent: number
  /** The mean of that over all samples so far. */
  readonly averageCpuPercent: number
}

export const NO_USAGE: ResourceUsage = {
  cpuNs: 0,
  cpuSystemNs: 0,
  memoryBytes: 0,
  memoryLimitBytes: 0,
  netInputBytes: 0,
  netOutputBytes: 0,
  blockInputBytes: 0,
  blockOutputBytes: 0,
  pids: 0,
  isCounted: true,
}
