// A process of a container as `top` shows it: ids both as the container and as the host know them.

export interface ProcessInfo {
  readonly pid: number
  /** 0: its parent is none of the container's. */
  readonly ppid: number
  readonly pgid: number
  readonly hostPid: number
  /** Effective, real and supplementary; names where the container's passwd and group have them. */
  readonly user: string
  readonly uid: number
  readonly realUser: string
  readonly group: string
  readonly realGroup: string
  readonly groups: readonly string[]
  readonly hostUser: string
  readonly hostUid: number
  readonly hostGroup: string
  readonly hostGroups: readonly string[]
  readonly comm: string
  /** Empty: it has none, as a kernel thread or a zombie. */
  readonly args: readonly string[]
  /** One letter of proc(5). */
  readonly state: string
  readonly nice: number
  /** `pts/0`; undefined: none. */
  readonly tty?: string
  readonly cpuNs: number
  readonly elapsedNs: number
  readonly startedAtMs: number
  readonly virtualKiB: number
  readonly residentKiB: number
  /** By the letters of /proc/PID/status: Inh, Prm, Eff, Bnd, Amb. */
  readonly capabilities: Readonly<Record<CapabilitySet, bigint>>
  /** 0 disabled, 1 strict, 2 filter. */
  readonly seccomp: number
  /** Of a security module. */
  readonly label?: string
}

export type CapabilitySet = 'Inh' | 'Prm' | 'Eff' | 'Bnd' | 'Amb'
