// The same image in another manifest: OCI's or Docker's media types, layers compressed in another way. Pure. The config, and with it the
// image's ID, and what is in the layers never change. OCI image-spec media-types.md; Docker's image manifest v2, schema 2.

import { UsageError } from '../model/errors.js'
import type { Descriptor, Digest, Manifest } from '../model/image.js'
import type { Conversion, ManifestFormat, Recompression } from '../model/image-conversion.js'
import type { Compression } from '../platform/byte-streams.js'
import { DOCKER_CONFIG, DOCKER_MANIFEST, OCI_CONFIG, OCI_LAYER, OCI_MANIFEST } from './media-types.js'

/** One layer as it leaves, and the compression its bytes have. */
export interface ConvertedLayer {
  readonly digest: Digest
  readonly size: number
  readonly compression: Compression
}

const DOCKER_LAYER = 'application/vnd.docker.image.rootfs.diff.tar'

export function formatOf(manifestType: string): ManifestFormat {
  return manifestType === DOCKER_MANIFEST ? 'docker' : 'oci'
}

/** Docker's format has no zstd: an image that is to get it, and is not told to stay Docker's, becomes OCI's, as podman has it. */
export function targetFormat(stored: ManifestFormat, { format, recompression }: Conversion): ManifestFormat {
  return format ?? (recompression?.format === 'zstd' ? 'oci' : stored)
}

export function mustRecompress(current: Compression, wanted: Recompression | undefined): boolean {
  switch (wanted?.layers) {
    case 'plain':
      return current === 'none'
    case 'other':
      return current !== wanted.format
    case 'all':
      return true
    case undefined:
      return false
  }
}

/** Throws UsageError when `format` cannot hold the layers as they will be: found before anything is sent. */
export function checkConversion(
  current: readonly Compression[],
  recompression: Recompression | undefined,
  format: ManifestFormat,
): void {
  for (const compression of current) {
    const isKept = recompression === undefined || !mustRecompress(compression, recompression)
    layerType(isKept ? compression : recompression.format, format)
  }
}

/** `layers` are those of `manifest`, in their order. Throws UsageError for what the format cannot hold. */
export function convertManifest(
  manifest: Manifest,
  layers: readonly ConvertedLayer[],
  format: ManifestFormat,
): Manifest & { readonly mediaType: string } {
  const converted = manifest.layers.map((before, index) =>
    convertLayer(before, layers[index] ?? { ...before, compression: 'none' }, format),
  )
  const { digest, size } = manifest.config
  if (format === 'docker')
    return {
      schemaVersion: 2,
      mediaType: DOCKER_MANIFEST,
      config: { mediaType: DOCKER_CONFIG, size, digest },
      layers: converted,
    }
  const config = { ...manifest.config, mediaType: OCI_CONFIG }
  return { ...manifest, schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers: converted }
}

/** Docker's descriptors have no annotations; those of a layer with other bytes may tell of its old ones (zstd:chunked's tables). */
function convertLayer(before: Descriptor, after: ConvertedLayer, format: ManifestFormat): Descriptor {
  const { digest, size, compression } = after
  const mediaType = layerType(compression, format)
  const isSame = before.digest === digest
  if (format === 'docker' || !isSame) return { mediaType, size, digest }
  return { ...before, mediaType }
}

function layerType(compression: Compression, format: ManifestFormat): string {
  if (format === 'oci' && compression !== 'bzip2' && compression !== 'xz')
    return compression === 'none' ? OCI_LAYER : `${OCI_LAYER}+${compression}`
  if (format === 'docker' && (compression === 'none' || compression === 'gzip'))
    return compression === 'none' ? DOCKER_LAYER : `${DOCKER_LAYER}.gzip`
  throw new UsageError(`convert image: ${format} format: it cannot hold layers with ${compression} compression`, {
    hint: 'say --compression-format gzip, too',
  })
}
