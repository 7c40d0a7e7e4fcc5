// How an image is to leave the store, where that is not as it is. Its config, its ID and its layers' contents never change.

export type ManifestFormat = 'oci' | 'docker'

export interface Recompression {
  readonly format: 'gzip' | 'zstd'
  /** gzip 1 to 9, zstd 1 to 22; undefined: a quick one. */
  readonly level?: number
  /** `plain`: only layers that have no compression; `other`: those that have not this one; `all`: whatever they have. */
  readonly layers: 'plain' | 'other' | 'all'
}

/** What is not said stays as it is. */
export interface Conversion {
  /** Of the manifest's media types. */
  readonly format?: ManifestFormat
  readonly recompression?: Recompression
}

/** podman's names of what `save` writes. */
export type SaveFormat = 'docker-archive' | 'oci-archive' | 'oci-dir' | 'docker-dir'
