// An image that leaves the store: its blobs as they go out, under links of our own, so that a removal meanwhile takes nothing away from
// under us. Without a conversion every byte is what was stored, and the digest stays what it was.

import { linkSync } from 'node:fs'
import path from 'node:path'
import { BadInputError, errorCode, HostError } from '../model/errors.js'
import type { Descriptor, Digest, LocalImage, Manifest } from '../model/image.js'
import type { Conversion, ManifestFormat, Recompression } from '../model/image-conversion.js'
import { type Chunks, type Compression, createMeter, detectCompression } from '../platform/byte-streams.js'
import { compress } from '../platform/compress.js'
import { decompress } from '../platform/decompress.js'
import { sha256 } from '../platform/digest.js'
import type { StorePaths } from '../platform/paths.js'
import { randomHex } from '../platform/random.js'
import { blobPath, createBlobWriter, readBlob, readBounded, readHead, type StagedBlob } from './blobs.js'
import type { Document } from './choose-manifest.js'
import {
  type ConvertedLayer,
  checkConversion,
  convertManifest,
  formatOf,
  mustRecompress,
  targetFormat,
} from './convert-manifest.js'
import { OCI_MANIFEST } from './media-types.js'

export interface OutgoingLayer extends StagedBlob {
  readonly compression: Compression
}

export interface OutgoingImage {
  /** Each blob once, bottom first. */
  readonly layers: readonly LayerToSend[]
  readonly config: StagedBlob
  /** From the layers as they went out, in the order of `layers`. Throws UsageError when the format wanted cannot hold them. */
  readonly toManifest: (layers: readonly OutgoingLayer[]) => Document
}

export interface LayerToSend {
  /** Of the stored bytes. */
  readonly digest: Digest
  /** Compresses it again where that is wanted; may take long. */
  readonly prepare: () => Promise<OutgoingLayer>
}

/** `dir` is a directory of the caller's below staging/. Throws HostError when a blob is missing. */
export function takeImage(
  paths: StorePaths,
  image: LocalImage,
  options: { readonly dir: string; readonly conversion: Conversion },
): OutgoingImage {
  const { dir, conversion } = options
  const { manifest } = image
  const stored = readManifestDocument(paths, image)
  const unique = [...new Map(manifest.layers.map((layer) => [layer.digest, layer])).values()]
  const layers = unique.map((layer): OutgoingLayer => {
    const blob = takeBlob(paths, layer, dir)
    return { ...blob, compression: detectCompression(readHead(blob.file)) }
  })
  const compressions = layers.map(({ compression }) => compression)
  const format = targetFormat(formatOf(stored.mediaType), conversion)
  const isConverted = format !== formatOf(stored.mediaType)
  if (isConverted || compressions.some((it) => mustRecompress(it, conversion.recompression)))
    checkConversion(compressions, conversion.recompression, format)
  return {
    layers: layers.map((layer) => ({
      digest: layer.digest,
      prepare: async () => await prepareLayer(layer, { dir, recompression: conversion.recompression }),
    })),
    config: takeBlob(paths, manifest.config, dir),
    toManifest: (sent) => {
      const pairs = layers.map((layer, index) => [layer.digest, sent[index] ?? layer] as const)
      return toManifest(stored, manifest, { sent: new Map(pairs), format })
    },
  }
}

/** The bytes of a blob, found true while they pass: the last of them comes only when all are. Throws BadInputError when they are not. */
export async function* readVerified({ file, digest }: Pick<StagedBlob, 'file' | 'digest'>): AsyncGenerator<Buffer> {
  const meter = createMeter()
  let held: Buffer | undefined
  for await (const chunk of meter.pass(readBlob(file))) {
    if (held !== undefined) yield held
    held = chunk
  }
  checkDigest(`blob ${digest}`, meter.digest(), digest)
  if (held !== undefined) yield held
}

export function checkDigest(subject: string, found: Digest, wanted: Digest): void {
  if (found === wanted) return
  throw new BadInputError(`read: ${subject}: its digest is ${found}`, {
    hint: 'the store is damaged: remove the image and get it again',
  })
}

/** A link to a stored blob, in `dir`. Throws HostError when it is missing. */
export function takeBlob(paths: StorePaths, { digest, size }: Descriptor, dir: string): StagedBlob {
  const file = path.join(dir, digest.slice('sha256:'.length))
  try {
    linkSync(blobPath(paths, digest), file)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') throw missingBlob(digest, error)
    if (errorCode(error) !== 'EEXIST') throw error // another image, or name, of the same command has it
  }
  return { file, digest, sizeBytes: size }
}

function missingBlob(digest: Digest, cause: unknown): HostError {
  return new HostError(`read: blob ${digest}: missing from the store`, {
    cause,
    hint: 'remove the image and get it again',
  })
}

interface Preparation {
  readonly dir: string
  readonly recompression: Recompression | undefined
}

async function prepareLayer(layer: OutgoingLayer, { dir, recompression }: Preparation): Promise<OutgoingLayer> {
  if (recompression === undefined || !mustRecompress(layer.compression, recompression)) return layer
  const subject = `blob ${layer.digest}`
  const plain = await decompress(readVerified(layer), subject)
  const file = path.join(dir, `${recompression.format}-${randomHex(8)}`) // images of the same command may share the layer
  const blob = await writeBlob(compress(plain, recompression), file)
  return { ...blob, compression: recompression.format }
}

async function writeBlob(chunks: Chunks, file: string): Promise<StagedBlob> {
  const writer = createBlobWriter(file)
  try {
    for await (const chunk of chunks) writer.write(chunk)
    return writer.finish()
  } finally {
    writer.close()
  }
}

interface Sending {
  /** What each stored layer has become. */
  readonly sent: ReadonlyMap<Digest, OutgoingLayer>
  readonly format: ManifestFormat
}

function toManifest(stored: Document, manifest: Manifest, { sent, format }: Sending): Document {
  const isSame = format === formatOf(stored.mediaType)
  if (isSame && [...sent].every(([digest, layer]) => layer.digest === digest)) return stored
  const layers = manifest.layers.flatMap(({ digest }): ConvertedLayer[] => {
    const layer = sent.get(digest)
    return layer === undefined ? [] : [{ ...layer, size: layer.sizeBytes }]
  })
  const converted = convertManifest(manifest, layers, format)
  const bytes = Buffer.from(JSON.stringify(converted))
  return { bytes, digest: sha256(bytes), mediaType: converted.mediaType }
}

function readManifestDocument(paths: StorePaths, { manifestDigest: digest, manifest }: LocalImage): Document {
  const subject = `manifest ${digest}`
  const bytes = readBounded(blobPath(paths, digest), subject)
  checkDigest(subject, sha256(bytes), digest)
  return { bytes, digest, mediaType: manifest.mediaType ?? OCI_MANIFEST }
}
