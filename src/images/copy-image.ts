// An image from one registry to another, through us but not through the store: its blobs stream, those that are there not at all; the
// manifest comes last, byte for byte (or in the other format, with the same blobs).

import type { Descriptor } from '../model/image.js'
import type { ManifestFormat } from '../model/image-conversion.js'
import type { Compression } from '../platform/byte-streams.js'
import { sha256 } from '../platform/digest.js'
import { mapParallel } from '../platform/parallel.js'
import type { Document } from './choose-manifest.js'
import { type ConvertedLayer, convertManifest, formatOf } from './convert-manifest.js'
import { parseIndex, parseManifest } from './documents.js'
import { isIndexType } from './media-types.js'
import type { Repository } from './registry/repository.js'
import { PARALLEL_BLOBS, type Sending, sendBytes } from './send-image.js'

export interface Copying {
  readonly source: Repository
  readonly sending: Sending
  /** Undefined: as it is. */
  readonly format?: ManifestFormat
}

/** The manifest (or an index with all of its images) with that digest. Returns it as the destination has it. Idempotent. */
export async function copyImage(copying: Copying, descriptor: Descriptor): Promise<Document> {
  const { source, sending, format } = copying
  const document = await source.getManifest(descriptor.digest)
  const subject = `manifest ${descriptor.digest}`
  if (isIndexType(document.mediaType)) {
    const { manifests } = parseIndex(document.bytes.toString('utf8'), subject)
    for (const entry of manifests) await copyImage({ source, sending }, entry)
    return await putDocument(sending, document)
  }
  const manifest = parseManifest(document.bytes.toString('utf8'), subject)
  const blobs = new Map([manifest.config, ...manifest.layers].map((blob) => [blob.digest, blob]))
  const wanted = [...blobs.values()].filter((blob) => !isForeign(blob))
  await mapParallel(wanted, PARALLEL_BLOBS, (blob) => copyBlob(copying, blob))
  if (format === undefined || format === formatOf(document.mediaType)) return await putDocument(sending, document)
  const converted = convertManifest(manifest, manifest.layers.map(toConverted), format)
  const bytes = Buffer.from(JSON.stringify(converted))
  return await putDocument(sending, { bytes, digest: sha256(bytes), mediaType: converted.mediaType })
}

async function putDocument({ repository }: Sending, document: Document): Promise<Document> {
  await repository.putManifest(document.digest, document)
  return document
}

async function copyBlob({ source, sending }: Copying, { digest, size }: Descriptor): Promise<void> {
  await sendBytes(sending, { digest, size, open: (fromByte) => source.readBlob({ digest, size }, fromByte) })
}

/** Bytes that are fetched from elsewhere, if at all (image-spec layer.md, "Non-Distributable Layers"): registries have them rarely. */
function isForeign({ mediaType }: Descriptor): boolean {
  return /\.(foreign|nondistributable)\./.test(mediaType)
}

/** What it says of itself: its bytes are not looked at. */
function toConverted({ mediaType, digest, size }: Descriptor): ConvertedLayer {
  const [, compression = 'none'] = /[.+](gzip|zstd)$/.exec(mediaType) ?? []
  return { digest, size, compression: compression as Compression }
}
