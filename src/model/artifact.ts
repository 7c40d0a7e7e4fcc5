// Files kept in registries as OCI artifacts: a manifest whose layers are the files themselves (image-spec manifest.md, "Guidelines for
// Artifact Usage").

import type { Descriptor, Digest } from './image.js'

export interface ArtifactManifest {
  readonly schemaVersion: 2
  readonly mediaType?: string
  readonly artifactType?: string
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
  readonly annotations?: Readonly<Record<string, string>>
}

export interface LocalArtifact {
  /** Of its manifest: what identifies it. */
  readonly digest: Digest
  /** Full reference. */
  readonly name: string
  readonly manifest: ArtifactManifest
  /** Of all its files. */
  readonly sizeBytes: number
}
