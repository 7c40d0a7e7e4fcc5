// What a container shares with the host or with other containers and what it may do: as said, and as decided.

/** Another's namespace: of a container, by name or id, or by the path of one that is open to the caller. */
export type JoinRequest =
  | { readonly mode: 'container'; readonly container: string }
  | { readonly mode: 'path'; readonly path: string }
export type NamespaceRequest = { readonly mode: 'private' | 'host' } | JoinRequest
export type IpcRequest = NamespaceRequest | { readonly mode: 'shareable' | 'none' }
export type NetworkRequest = { readonly mode: 'none' | 'host' } | JoinRequest

/** One part of --uidmap or --gidmap: `[+ug]CONTAINER:[@]PARENT[:COUNT]`. */
export interface IdMapRequest {
  readonly containerId: number
  /** With `isHostId` (`@`) as the host counts; else as the engine's namespace does, where the caller is 0 and its subordinate ids follow. */
  readonly parentId: number
  readonly isHostId: boolean
  readonly count: number
  /** `+`: every other id of ours is mapped around this one. */
  readonly isFilled: boolean
  /** For which ids it was said to be, by `u` and `g`; neither: those of its flag. */
  readonly only?: 'uid' | 'gid'
}

export type UsernsRequest =
  | { readonly mode: 'host' | 'private' | 'nomap' }
  | { readonly mode: 'keep-id'; readonly uid?: number; readonly gid?: number; readonly size?: number }
  | {
      readonly mode: 'auto'
      readonly size?: number
      readonly uidMap: readonly IdMapRequest[]
      readonly gidMap: readonly IdMapRequest[]
    }
  | JoinRequest

export interface SecurityRequest {
  /** `unconfined`, or the path of a profile in the OCI/Docker JSON form. */
  readonly seccomp?: string
  readonly noNewPrivileges?: boolean
  /** Paths to mask, to unmask (patterns; `ALL` unmasks everything). */
  readonly mask?: readonly string[]
  readonly unmask?: readonly string[]
  /** Options for the mount of /proc. */
  readonly procOptions?: readonly string[]
  readonly apparmor?: string
  /** SELinux labels, as said; without SELinux there is nothing to label. */
  readonly label?: readonly string[]
}

export interface IsolationRequest {
  readonly hostname?: string
  readonly domainname?: string
  readonly noHostname: boolean
  readonly privileged: boolean
  readonly capAdd: readonly string[]
  readonly capDrop: readonly string[]
  readonly security: SecurityRequest
  readonly seccompPolicy: 'default' | 'image'
  readonly network?: NetworkRequest
  readonly pid?: NamespaceRequest
  readonly ipc?: IpcRequest
  readonly uts?: NamespaceRequest
  readonly cgroupns?: NamespaceRequest
  readonly userns?: UsernsRequest
  readonly uidMap: readonly IdMapRequest[]
  readonly gidMap: readonly IdMapRequest[]
  /** Whose ranges of /etc/subuid and /etc/subgid are the container's ids. */
  readonly subuidName?: string
  readonly subgidName?: string
  readonly sysctls: Readonly<Record<string, string>>
  /** Directories of the container that get the files made for it, too. */
  readonly chrootDirs: readonly string[]
}

/** `container:ID`: of a container whose id this is; `ns:PATH`. */
export type JoinedMode = `container:${string}` | `ns:${string}`
export type NamespaceMode = 'private' | 'host' | JoinedMode
/** `none`: private, and without a /dev/shm; `shareable`: private, and others may join it. */
export type IpcMode = NamespaceMode | 'shareable' | 'none'
export type NetworkMode = 'none' | 'host' | JoinedMode

export interface NamespacesPlan {
  readonly pid: NamespaceMode
  readonly ipc: IpcMode
  readonly uts: NamespaceMode
  readonly cgroup: NamespaceMode
}

/** Container ids in terms of the engine's namespace (root: of the host). */
export interface IdMapping {
  readonly containerId: number
  readonly parentId: number
  readonly count: number
}

/**
 * How container ids map onto the engine's user namespace: none of its own; `keep-id`: the caller is uid:gid inside, and of what is around it there
 * are `size` ids at most; `mapped`: as said.
 */
export type UsernsPlan =
  | { readonly mode: 'shared' }
  | { readonly mode: 'keep-id'; readonly uid: number; readonly gid: number; readonly size?: number }
  | {
      readonly mode: 'mapped'
      /** Which flag asked for it, for `inspect`. */
      readonly by: 'auto' | 'nomap' | 'private'
      readonly uidMap: readonly IdMapping[]
      readonly gidMap: readonly IdMapping[]
    }

export interface IsolationPlan {
  readonly hostname: string
  /** Of NIS; undefined: none is set. */
  readonly domainname?: string
  /** Without an /etc/hostname of ours. */
  readonly noHostname: boolean
  readonly privileged: boolean
  readonly capabilities: readonly string[]
  /** Those of them that were asked for by name: another user than root holds them, too. */
  readonly addedCapabilities: readonly string[]
  readonly noNewPrivileges: boolean
  /** `default`, `unconfined`, `image` (the label of the image is the profile), or the absolute path of a profile. */
  readonly seccomp: string
  readonly apparmor?: string
  readonly maskedPaths: readonly string[]
  readonly readonlyPaths: readonly string[]
  readonly procOptions: readonly string[]
  readonly namespaces: NamespacesPlan
  readonly network: NetworkMode
  readonly userns: UsernsPlan
  /** Whose user namespace that is, where it is not made for this container. */
  readonly usernsOf?: JoinedMode
  readonly sysctls: Readonly<Record<string, string>>
  readonly chrootDirs: readonly string[]
}
