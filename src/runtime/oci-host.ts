// What config.json needs to know of the host and of the mounted rootfs, beside the plan.

import type { CgroupPlace } from '../model/limits.js'
import type { ContainerUser } from './passwd.js'
import type { OciSeccomp } from './seccomp.js'

/** As the runtime-spec calls those that can be joined. */
export type NamespaceKind = 'pid' | 'ipc' | 'uts' | 'cgroup' | 'network' | 'user'

export interface OciHost {
  readonly rootfs: string
  readonly user: ContainerUser
  /** `none`: no user namespace (root); `single`: only id 0 exists inside. */
  readonly usernsKind: 'none' | 'mapped' | 'single' | 'nested'
  /** Where namespaces that the plan joins are now. One that is missing here turned out to be the host's own. */
  readonly joined: Readonly<Partial<Record<NamespaceKind, string>>>
  /** The host's queues are mounted where programs look for them. */
  readonly hasHostQueues: boolean
  /** The container's id: systemd wants one. */
  readonly id: string
  /** How many ids the engine's user namespace has. */
  readonly idCount: number
  readonly seccomp: OciSeccomp | undefined
  /** The same, compiled, in base64. */
  readonly seccompBpf: string | undefined
  /** hosts, hostname, resolv.conf … by container path, already written on the host. */
  readonly files: readonly { readonly hostPath: string; readonly containerPath: string }[]
  /** Whether the runtime may load the filter that forbids other devices than the usual; only root needs one, and needs CAP_SYS_RESOURCE for it. */
  readonly filterDevices: boolean
  /** Device nodes for --privileged. */
  readonly hostDevices: readonly string[]
  /** Where its groups are at this start, and what the runtime is to tell them. */
  readonly cgroup: CgroupPlace
  readonly devices: readonly HostDevice[]
  /** Mounts that were made or found before, by the plan's destination. */
  readonly readyMounts: ReadonlyMap<string, ReadyMount>
  /** Secrets as files, with their owners and modes. */
  readonly secretFiles: readonly { readonly hostPath: string; readonly containerPath: string }[]
  /** `NAME=value` of secrets: never in the plan. */
  readonly secretEnv: readonly string[]
  /** Where the /dev/shm of a joined container is mounted for this one. */
  readonly sharedMemory?: string
  /** Whether it can tell systemd, by way of its monitor, that it is ready. */
  readonly notifies?: boolean
  /** What is mounted as PID 1 for --init: the C program, or the user's own. */
  readonly initProgram: string
}

/** A device the plan names, as its node is now. */
export interface HostDevice {
  readonly hostPath: string
  readonly containerPath: string
  readonly type: 'b' | 'c'
  readonly major: number
  readonly minor: number
  readonly fileMode: number
  readonly uid: number
  readonly gid: number
  readonly access: string
}

/** What the plan wants mounted, as it is now: a host path, or a file system for the runtime to mount. */
export interface ReadyMount {
  /** `bind` or a file system's. */
  readonly type: string
  /** Host path for bind. */
  readonly source: string
  readonly containerPath: string
  /** Beside the plan's. */
  readonly options: readonly string[]
}

/** Where the C program is mounted for --init. */
export const INIT_PATH = '/run/.lichen-init'

/** Where the monitor's notify socket is mounted, as podman has it. */
export const NOTIFY_DIR = '/run/notify'
