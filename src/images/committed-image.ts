// `commit`'s second half: the config and manifest of an image that is another one with a layer on top, or all of it in a single layer. What
// podman's commit writes, field by field. OCI image-spec config.md; Docker's image-spec v1.2 for the other format.

import path from 'node:path'
import { BadInputError, HostError } from '../model/errors.js'
import type { Descriptor, Digest, HistoryEntry, ImageProcessConfig, LocalImage } from '../model/image.js'
import type { ManifestFormat } from '../model/image-conversion.js'
import type { StorePaths } from '../platform/paths.js'
import { type StagedBlob, stageBytes } from './blobs.js'
import { convertManifest } from './convert-manifest.js'
import { MAX_LAYERS } from './documents.js'
import { downloadedFile, linkStored } from './downloads.js'
import { OCI_CONFIG, OCI_LAYER_GZIP, OCI_MANIFEST } from './media-types.js'
import { assembleImage, type StagedImage } from './staged-image.js'

export interface CommittedLayer {
  /** gzip'ed. */
  readonly blob: StagedBlob
  readonly diffId: Digest
}

export interface CommitDescription {
  readonly base: LocalImage
  readonly layer: CommittedLayer
  /** The layer is everything, the base's layers are in it. */
  readonly isWhole: boolean
  readonly config: ImageProcessConfig
  readonly format: ManifestFormat
  readonly created: Date
  readonly author?: string
  readonly message?: string
  readonly names: readonly string[]
}

/** Throws UsageError for more layers than an image may have. Found out before anything is packed. */
export function checkLayerCount({ manifest, names, id }: LocalImage): void {
  if (manifest.layers.length < MAX_LAYERS) return
  throw new BadInputError(
    `commit: image ${names[0] ?? id.slice(0, 12)} has ${MAX_LAYERS} layers, the most there may be`,
    {
      hint: 'make one layer of them with --squash',
    },
  )
}

/** Stages config and manifest beside the layer, in `dir`, and links of the base's blobs: nobody can take those away any more. */
export async function describeCommit(
  paths: StorePaths,
  description: CommitDescription,
  dir: string,
): Promise<StagedImage> {
  const { base, layer, isWhole, names, format } = description
  const below = isWhole ? [] : base.manifest.layers
  for (const descriptor of below) holdBlob(paths, descriptor, dir)
  const configBlob = stageBytes(path.join(dir, 'config'), JSON.stringify(toConfig(description)))
  const { digest, sizeBytes } = layer.blob
  const plain = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: { mediaType: OCI_CONFIG, digest: configBlob.digest, size: configBlob.sizeBytes },
    layers: [...below, { mediaType: OCI_LAYER_GZIP, digest, size: sizeBytes }],
  } as const
  const layers = plain.layers.map((each) => ({ ...each, compression: compressionOf(each) }))
  const manifest = convertManifest(plain, layers, format)
  const manifestBlob = stageBytes(path.join(dir, 'manifest'), JSON.stringify(manifest))
  const find = (wanted: Descriptor): StagedBlob => {
    const own = [configBlob, layer.blob].find((blob) => blob.digest === wanted.digest)
    return own ?? { file: downloadedFile(dir, wanted.digest), digest: wanted.digest, sizeBytes: wanted.size }
  }
  return await assembleImage({ manifestBlob, mediaType: manifest.mediaType, names, find })
}

function holdBlob(paths: StorePaths, descriptor: Descriptor, dir: string): void {
  if (linkStored(paths, descriptor, dir)) return
  throw new HostError(`commit: layer ${descriptor.digest}: its blob is missing from the store`, {
    hint: '`lichen system check --repair` fetches it again',
  })
}

/** As its type says. */
function compressionOf({ mediaType }: Descriptor): 'none' | 'gzip' | 'zstd' {
  const [, word] = /[.+](gzip|zstd)$/.exec(mediaType) ?? []
  return word === 'gzip' || word === 'zstd' ? word : 'none'
}

function toConfig(description: CommitDescription): object {
  const { base, layer, isWhole, config, format, created, author, message } = description
  const { architecture, os, variant } = base.config
  return {
    created: created.toISOString(),
    ...(author === undefined ? {} : { author }),
    architecture,
    os,
    ...(variant === undefined ? {} : { variant }),
    ...(format === 'docker' && message !== undefined ? { comment: message } : {}),
    config,
    rootfs: { type: 'layers', diff_ids: [...(isWhole ? [] : base.config.rootfs.diff_ids), layer.diffId] },
    history: [...(isWhole ? [] : (base.config.history ?? [])), toHistory(description)],
  }
}

function toHistory({ base, created, author, message }: CommitDescription): HistoryEntry {
  return {
    created: created.toISOString(),
    created_by: '/bin/sh',
    ...(author === undefined ? {} : { author }),
    comment: message ?? `FROM ${base.names[0] ?? base.id}`,
  }
}
