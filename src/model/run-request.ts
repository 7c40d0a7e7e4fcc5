// What was *said* on the command line (or by another front), value grammars already parsed, nothing decided yet.
// The engine's planner turns it, with the image's config and the host's facts, into a ContainerPlan.

import type { PlatformRequest, PullPolicy, RegistryOptions } from './registry.js'

export interface BindRequest {
  readonly kind: 'bind'
  /** Absolute or relative to the caller's directory; `~` is the shell's business. */
  readonly hostPath: string
  readonly containerPath: string
  readonly options: readonly VolumeOption[]
}

export interface NamedVolumeRequest {
  readonly kind: 'volume'
  /** Undefined: an anonymous volume. */
  readonly name?: string
  readonly containerPath: string
  readonly options: readonly VolumeOption[]
}

export type VolumeRequest = BindRequest | NamedVolumeRequest
/** The part of podman's volume options that is supported; `z` and `Z` are accepted where SELinux is off (they have no effect there). */
export type VolumeOption =
  | 'ro'
  | 'rw'
  | 'z'
  | 'Z'
  | 'exec'
  | 'noexec'
  | 'dev'
  | 'nodev'
  | 'suid'
  | 'nosuid'
  | 'bind'
  | 'rbind'
  | 'private'
  | 'rprivate'
  | 'shared'
  | 'rshared'
  | 'slave'
  | 'rslave'
  | 'nocopy'
  | 'copy'

export interface TmpfsRequest {
  readonly containerPath: string
  /** Mount options as given, e.g. `size=64m`, `mode=1777`, `ro`; checked by the grammar. */
  readonly options: readonly string[]
}

export interface UlimitRequest {
  /** Lower case, without RLIMIT_: `nofile`, `core` … */
  readonly name: string
  /** -1: unlimited. */
  readonly soft: number
  readonly hard: number
}

export type EnvRequest =
  | { readonly kind: 'set'; readonly name: string; readonly value: string }
  | { readonly kind: 'host'; readonly name: string } // -e NAME: taken from the caller's environment when it is there
  | { readonly kind: 'host-prefix'; readonly prefix: string } // -e PREFIX*

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

/** How the image is brought here when it must be. */
export interface ImagePullRequest {
  readonly policy: PullPolicy
  readonly registry: RegistryOptions
  readonly platform?: PlatformRequest
}

export interface CreateRequest {
  readonly image: string
  readonly pull: ImagePullRequest
  /** Arguments after the image; empty: the image's own command. */
  readonly command: readonly string[]
  readonly name?: string
  readonly replace: boolean
  readonly remove: boolean // --rm
  readonly interactive: boolean
  readonly tty: boolean
  readonly env: readonly EnvRequest[]
  readonly workdir?: string
  readonly user?: string
  readonly hostname?: string
  readonly volumes: readonly VolumeRequest[]
  readonly tmpfs: readonly TmpfsRequest[]
  /** `--entrypoint X` is [X]; `--entrypoint '["a","b"]'` both; `--entrypoint ''` is []. Undefined: the image's. */
  readonly entrypoint?: readonly string[]
  readonly readOnly: boolean
  readonly init: boolean
  readonly privileged: boolean
  readonly capAdd: readonly string[]
  readonly capDrop: readonly string[]
  readonly security: SecurityRequest
  readonly network?: NetworkRequest
  readonly userns?: UsernsRequest
  readonly stopSignal?: string
  readonly stopTimeoutS?: number
  readonly ulimits: readonly UlimitRequest[]
  readonly labels: Readonly<Record<string, string>>
  readonly cidfile?: string
}

export interface RunRequest extends CreateRequest {
  readonly detach: boolean
  /** The byte sequence that detaches (default ctrl-p, ctrl-q); empty: none. */
  readonly detachKeys: readonly number[]
  readonly sigProxy: boolean
}

export interface ExecRequest {
  readonly container: string
  readonly command: readonly string[]
  readonly interactive: boolean
  readonly tty: boolean
  readonly detach: boolean
  readonly env: readonly EnvRequest[]
  readonly workdir?: string
  readonly user?: string
  readonly privileged: boolean
}
