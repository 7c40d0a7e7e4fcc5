// Images as the OCI image-spec names them. digest: sha256 of the bytes stored (maybe compressed); diffID: of the uncompressed tar;
// image ID: digest of the config; chainID: names a stack of layers (image-spec config.md, "Layer ChainID").

export type Digest = `sha256:${string}`

export interface Descriptor {
  readonly mediaType: string
  readonly digest: Digest
  readonly size: number
  readonly annotations?: Readonly<Record<string, string>>
  readonly platform?: Readonly<Record<string, unknown>>
}

export interface Manifest {
  readonly schemaVersion: 2
  readonly mediaType?: string
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
  readonly annotations?: Readonly<Record<string, string>>
}

export interface ImageProcessConfig {
  readonly User?: string
  readonly Env?: readonly string[]
  readonly Entrypoint?: readonly string[] | null
  readonly Cmd?: readonly string[] | null
  readonly WorkingDir?: string
  readonly Labels?: Readonly<Record<string, string>> | null
  readonly StopSignal?: string
  readonly Volumes?: Readonly<Record<string, object>> | null
  readonly ExposedPorts?: Readonly<Record<string, object>> | null
  readonly Shell?: readonly string[]
  readonly Healthcheck?: ImageHealthcheck
  readonly OnBuild?: readonly string[] | null
}

/** Times in nanoseconds; 0: the default. */
export interface ImageHealthcheck {
  readonly Test?: readonly string[]
  readonly Interval?: number
  readonly Timeout?: number
  readonly StartPeriod?: number
  readonly StartInterval?: number
  readonly Retries?: number
}

export interface HistoryEntry {
  readonly created?: string
  readonly created_by?: string
  readonly author?: string
  readonly comment?: string
  readonly empty_layer?: boolean
}

export interface ImageConfig {
  readonly created?: string
  readonly author?: string
  readonly architecture: string
  readonly os: string
  readonly variant?: string
  readonly config?: ImageProcessConfig
  readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly Digest[] }
  readonly history?: readonly HistoryEntry[]
}

/** An image in the local store. One manifest may have several names, or none (dangling). */
export interface LocalImage {
  /** 64 hex digits: the config's digest without `sha256:`. */
  readonly id: string
  readonly manifestDigest: Digest
  /** Of the indexes it was chosen from when it was pulled; sorted. */
  readonly indexDigests: readonly Digest[]
  /** Full references, `docker.io/library/alpine:latest`; sorted. */
  readonly names: readonly string[]
  readonly manifest: Manifest
  readonly config: ImageConfig
}

/** What the planners need of it; a container on a directory of the user's own has none of it. */
export type PlannedImage = Pick<LocalImage, 'id' | 'names'> & {
  readonly config: { readonly config?: ImageProcessConfig }
}

/** One layer to unpack: its bytes, and what they must hash to. */
export interface LayerSource {
  /** The stored bytes from the first one on; may wait until they are there. Throws Node's ENOENT when they are gone. */
  readonly open: () => AsyncIterable<Buffer> | Promise<AsyncIterable<Buffer>>
  /** Of the stored bytes. */
  readonly sizeBytes: number
  readonly digest: Digest
  readonly diffId: Digest
}
