// What config.json needs to know of the host and of the mounted rootfs, beside the plan.

import type { ContainerUser } from './passwd.js'
import type { OciSeccomp } from './seccomp.js'

export interface OciHost {
  readonly rootfs: string
  readonly user: ContainerUser
  /** `none`: no user namespace (root); `single`: only id 0 exists inside. */
  readonly usernsKind: 'none' | 'mapped' | 'single' | 'nested'
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
  /** The C program, mounted as PID 1 for --init. */
  readonly initProgram: string
}

/** Where the C program is mounted for --init. */
export const INIT_PATH = '/run/.lichen-init'
