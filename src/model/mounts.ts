// What a container sees of files beside its image: as said, and as decided. Options are podman's words, checked by the grammars.

import type { DeviceRequest, DeviceRulePlan, PlannedDevice } from './devices.js'

export interface BindRequest {
  readonly kind: 'bind'
  /** Absolute or relative to the caller's directory; `~` is the shell's business. */
  readonly hostPath: string
  readonly containerPath: string
  readonly options: readonly string[]
}

export interface NamedVolumeRequest {
  readonly kind: 'volume'
  /** Undefined: an anonymous volume. */
  readonly name?: string
  readonly containerPath: string
  readonly options: readonly string[]
  /** A directory or file in the volume instead of the whole of it. */
  readonly subpath?: string
  /** volume-opt: for the driver, where the volume does not exist yet. */
  readonly driverOptions?: Readonly<Record<string, string>>
}

/** `:O`: the source as it is, with the container's changes beside it, thrown away at the container's next start. */
export interface OverlayRequest {
  readonly kind: 'overlay'
  readonly of: { readonly kind: 'bind'; readonly hostPath: string } | { readonly kind: 'volume'; readonly name: string }
  readonly containerPath: string
  /** Directories of the user's own for the changes: these are kept. */
  readonly upper?: string
  readonly work?: string
}

export interface TmpfsRequest {
  readonly kind: 'tmpfs'
  readonly containerPath: string
  /** Mount options as given, e.g. `size=64m`, `mode=1777`, `ro`, `notmpcopyup`. */
  readonly options: readonly string[]
}

/** File systems of the kernel's own. */
export interface KernelMountRequest {
  readonly kind: 'ramfs' | 'devpts'
  readonly containerPath: string
  readonly options: readonly string[]
}

export interface ImageMountRequest {
  readonly kind: 'image'
  readonly image: string
  readonly containerPath: string
  /** With changes that are thrown away at the container's next start. */
  readonly isWritable: boolean
  readonly subpath?: string
}

/** Each path of the host that the pattern fits, below `containerPath` under its own name, or where it is on the host. */
export interface GlobRequest {
  readonly kind: 'glob'
  readonly pattern: string
  readonly containerPath?: string
  readonly options: readonly string[]
}

/** Files of an artifact, read-only: all, or the one of that title or digest. */
export interface ArtifactMountRequest {
  readonly kind: 'artifact'
  readonly artifact: string
  readonly containerPath: string
  readonly title?: string
  readonly digest?: string
  /** What a file is called in the container in place of its title. */
  readonly fileName?: string
}

export type MountRequest =
  | BindRequest
  | NamedVolumeRequest
  | OverlayRequest
  | TmpfsRequest
  | KernelMountRequest
  | ImageMountRequest
  | GlobRequest
  | ArtifactMountRequest

export interface VolumesFromRequest {
  readonly container: string
  /** Undefined: as that container has it. */
  readonly access?: 'ro' | 'rw'
}

export interface SecretRequest {
  /** Name or ID. */
  readonly secret: string
  readonly type: 'mount' | 'env'
  /** Path (relative: below /run/secrets) or variable; undefined: the secret's name. */
  readonly target?: string
  readonly uid: number
  readonly gid: number
  readonly mode: number
}

export const IMAGE_VOLUME_MODES = ['anonymous', 'bind', 'tmpfs', 'ignore'] as const
export type ImageVolumeMode = (typeof IMAGE_VOLUME_MODES)[number]

export interface FilesRequest {
  /** -v and --mount, in no order: two for one destination are refused. */
  readonly mounts: readonly MountRequest[]
  /** --tmpfs: two for one destination must be the same. */
  readonly tmpfs: readonly TmpfsRequest[]
  readonly volumesFrom: readonly VolumesFromRequest[]
  readonly imageVolumes: ImageVolumeMode
  readonly readOnly: boolean
  readonly readOnlyTmpfs: boolean
  readonly shmSizeBytes?: number
  /** Of each file system of memory that systemd in a container is given. */
  readonly shmSizeSystemdBytes?: number
  readonly devices: readonly DeviceRequest[]
  readonly deviceRules: readonly DeviceRulePlan[]
  readonly secrets: readonly SecretRequest[]
  /** The image's place on the command line is a directory with a root file system. */
  readonly rootfs: boolean
}

export interface PlannedMount {
  readonly kind: 'bind' | 'volume' | 'overlay' | 'tmpfs' | 'ramfs' | 'devpts' | 'image'
  /** bind, volume, overlay: absolute host path; image: its name; else the file system's name. */
  readonly source: string
  readonly destination: string
  /** In podman's order; `U`, `copy`, `nocopy`, `z` and `Z` are ours to do, the others the runtime's. */
  readonly options: readonly string[]
  readonly volumeName?: string
  /** Made for this container alone: removed with it. */
  readonly anonymous?: boolean
  /** An empty volume is filled from the image's directory at the first start. */
  readonly copyUp?: boolean
  /** volume, image: below its root; nothing in it leads out. */
  readonly subpath?: string
  /** image: directories below layers/, topmost first. */
  readonly layers?: readonly string[]
  /** overlay: the user's own directories for the changes. */
  readonly upper?: string
  readonly work?: string
  /** volume: for its driver, when it is made. */
  readonly driverOptions?: Readonly<Record<string, string>>
  /** artifact: on an existing file of the image its one file takes that place; else it lies in the directory under this name. */
  readonly fileName?: string
}

export interface PlannedSecret {
  readonly id: string
  readonly name: string
  readonly type: 'mount' | 'env'
  /** Absolute path in the container, or a variable's name. */
  readonly target: string
  readonly uid: number
  readonly gid: number
  readonly mode: number
}

/** A directory of the user's own in place of an image. */
export interface RootfsPlan {
  readonly hostPath: string
  /** The directory stays as it is, changes lie in the container's own. */
  readonly isOverlay: boolean
}

export interface FilesPlan {
  readonly readOnly: boolean
  /** With a read-only root: /dev and /dev/shm may be written to, and /run, /tmp and /var/tmp are of memory. */
  readonly readOnlyTmpfs: boolean
  /** Parents before children. */
  readonly mounts: readonly PlannedMount[]
  readonly shmSizeBytes: number
  /** Undefined: half of the memory, as the kernel has it. */
  readonly shmSizeSystemdBytes?: number
  readonly devices: readonly PlannedDevice[]
  readonly deviceRules: readonly DeviceRulePlan[]
  readonly secrets: readonly PlannedSecret[]
  /** As said: `NAME[:OPTIONS]`. */
  readonly volumesFrom: readonly string[]
  readonly rootfs?: RootfsPlan
}
