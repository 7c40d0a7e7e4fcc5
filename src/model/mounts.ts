// What a container sees of files beside its image: as said, and as decided.

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

export interface FilesRequest {
  readonly volumes: readonly VolumeRequest[]
  readonly tmpfs: readonly TmpfsRequest[]
  readonly readOnly: boolean
}

export interface PlannedMount {
  readonly kind: 'bind' | 'tmpfs' | 'volume'
  /** Host path for bind and volume; `tmpfs` for tmpfs. */
  readonly source: string
  readonly destination: string
  readonly options: readonly string[]
  readonly volumeName?: string
  /** Made for this container alone: removed with it. */
  readonly anonymous?: boolean
  /** An empty volume is filled from the image's directory at the first start. */
  readonly copyUp?: boolean
}

export interface FilesPlan {
  readonly readOnly: boolean
  readonly mounts: readonly PlannedMount[]
}
