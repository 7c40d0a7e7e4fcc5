// An image as an OCI layout (image-spec image-layout.md), in a directory or an archive, and as the plain directory that podman and skopeo
// call `dir:`. The document that makes an image of the files comes last.

import path from 'node:path'
import type { Descriptor } from '../model/image.js'
import type { ProgressReport } from '../model/progress.js'
import { readFileIfExists } from '../platform/files.js'
import { withLock } from '../platform/lock.js'
import { mapParallel } from '../platform/parallel.js'
import type { Document } from './choose-manifest.js'
import { parseIndex } from './documents.js'
import { nameOf, REF_NAME } from './image-index.js'
import type { OutgoingImage } from './outgoing-image.js'
import { openDirectorySink, type SaveSink, saveBlob } from './save-sink.js'

export interface SavedImage {
  readonly image: OutgoingImage
  /** `org.opencontainers.image.ref.name`; undefined: none. */
  readonly name: string | undefined
  readonly report: ProgressReport
}

const PARALLEL_RECOMPRESSIONS = 4
const LAYOUT = JSON.stringify({ imageLayoutVersion: '1.0.0' })
const DIR_VERSION = 'Directory Transport Version: 1.1\n'

export async function writeOciArchive(sink: SaveSink, saved: SavedImage): Promise<Document> {
  const manifest = await writeOciBlobs(sink, saved)
  sink.text('oci-layout', LAYOUT)
  sink.text('index.json', indexText([], manifest, saved.name))
  return manifest
}

/** Adds to a layout that is there already. The image that had the name in it is gone from its index; its blobs stay. */
export async function writeOciDirectory(root: string, saved: SavedImage): Promise<Document> {
  const sink = openDirectorySink(root)
  const manifest = await writeOciBlobs(sink, saved)
  sink.text('oci-layout', LAYOUT)
  const file = path.join(root, 'index.json')
  await withLock(file, () => {
    const text = readFileIfExists(file)
    const before = text === undefined ? [] : parseIndex(text, file).manifests
    sink.text('index.json', indexText(before, manifest, saved.name))
  })
  return manifest
}

export async function writePlainDirectory(root: string, { image, report }: SavedImage): Promise<Document> {
  const sink = openDirectorySink(root)
  sink.text('version', DIR_VERSION)
  const layers = await mapParallel(image.layers, PARALLEL_RECOMPRESSIONS, async ({ prepare }) => await prepare())
  for (const blob of [...layers, image.config]) await saveBlob(sink, hexOf(blob.digest), blob, report)
  const manifest = image.toManifest(layers)
  sink.text('manifest.json', manifest.bytes.toString('utf8'))
  return manifest
}

async function writeOciBlobs(sink: SaveSink, { image, report }: SavedImage): Promise<Document> {
  sink.directory('blobs')
  sink.directory('blobs/sha256')
  const layers = await mapParallel(image.layers, PARALLEL_RECOMPRESSIONS, async ({ prepare }) => await prepare())
  const manifest = image.toManifest(layers)
  for (const blob of [...layers, image.config]) await saveBlob(sink, blobName(blob), blob, report)
  sink.text(blobName(manifest), manifest.bytes.toString('utf8'))
  return manifest
}

/** Pure. */
export function indexText(before: readonly Descriptor[], manifest: Document, name: string | undefined): string {
  const { digest, mediaType, bytes } = manifest
  const annotations = name === undefined ? {} : { annotations: { [REF_NAME]: name } }
  const rest = before.filter((entry) => nameOf(entry) !== name || (name === undefined && entry.digest !== digest))
  const manifests = [...rest, { mediaType, digest, size: bytes.length, ...annotations }]
  return JSON.stringify({ schemaVersion: 2, manifests })
}

function blobName({ digest }: { readonly digest: string }): string {
  return `blobs/${digest.replace(':', '/')}`
}

function hexOf(digest: string): string {
  return digest.slice('sha256:'.length)
}
