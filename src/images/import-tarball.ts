// `import`'s first half: the config and manifest of an image made from one root file system tar. What podman's import gives: the same
// config fields and history, and the file's own time, so that the same file always makes the same image.

import path from 'node:path'
import type { Digest, ImageProcessConfig } from '../model/image.js'
import { type StagedBlob, stageBytes } from './blobs.js'
import type { Platform } from './host-platform.js'
import { OCI_CONFIG, OCI_LAYER, OCI_LAYER_GZIP, OCI_MANIFEST } from './media-types.js'
import { assembleImage, type StagedImage } from './staged-image.js'

export interface ImportedLayer {
  readonly blob: StagedBlob
  readonly diffId: Digest
  readonly compressed: boolean
}

export interface ImportDescription {
  readonly config: ImageProcessConfig
  readonly platform: Platform
  readonly created: Date
  readonly message: string
  readonly names: readonly string[]
}

/** Stages config and manifest beside the layer, in `dir`. */
export async function describeImport(
  layer: ImportedLayer,
  description: ImportDescription,
  dir: string,
): Promise<StagedImage> {
  const configBlob = stageBytes(path.join(dir, 'config'), JSON.stringify(toConfig(layer.diffId, description)))
  const manifest = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: { mediaType: OCI_CONFIG, digest: configBlob.digest, size: configBlob.sizeBytes },
    layers: [
      {
        mediaType: layer.compressed ? OCI_LAYER_GZIP : OCI_LAYER,
        digest: layer.blob.digest,
        size: layer.blob.sizeBytes,
      },
    ],
  }
  const manifestBlob = stageBytes(path.join(dir, 'manifest'), JSON.stringify(manifest))
  const find = ({ digest }: { digest: Digest }) => (digest === configBlob.digest ? configBlob : layer.blob)
  return await assembleImage({ manifestBlob, mediaType: OCI_MANIFEST, names: description.names, find })
}

function toConfig(diffId: Digest, { config, platform, created, message }: ImportDescription): object {
  const time = created.toISOString()
  return {
    created: time,
    ...platform,
    config,
    rootfs: { type: 'layers', diff_ids: [diffId] },
    history: [
      {
        created: time,
        created_by: `/bin/sh -c #(nop) ADD file:${diffId.slice('sha256:'.length)} in /`,
        comment: message,
      },
    ],
  }
}
