// Images as `docker save` and `podman save` write them: manifest.json names each image's config, its layers and its tags
// (moby image/spec/v1.2.md, "Combined Image JSON + Filesystem Changeset Format"). The config is kept byte for byte: its digest is the ID.
// It has no manifest: the one made here is OCI's, because tools that read an OCI layout look for no other.

import path from 'node:path'
import { BadInputError, UsageError } from '../model/errors.js'
import type { Descriptor } from '../model/image.js'
import { formatImageRef, parseImageRef } from '../model/image-ref.js'
import { detectCompression } from '../platform/byte-streams.js'
import { readHead, type StagedBlob, stageBytes } from './blobs.js'
import { OCI_CONFIG, OCI_LAYER, OCI_MANIFEST } from './media-types.js'
import { findText, type StagedFiles } from './staged-files.js'
import { assembleImage, type StagedImage } from './staged-image.js'

interface ArchivedImage {
  readonly Config: string
  readonly RepoTags?: readonly string[] | null
  readonly Layers: readonly string[]
}

/** undefined: these files are no docker-archive. `dir` takes the manifests made here. */
export async function readDockerArchive(files: StagedFiles, dir: string): Promise<StagedImage[] | undefined> {
  const text = await findText(files, 'manifest.json')
  const archive = text === undefined ? undefined : parseManifestJson(text)
  if (archive === undefined) return undefined
  const images: StagedImage[] = []
  for (const [index, archived] of archive.entries()) {
    images.push(await readImage(files, archived, path.join(dir, `manifest-${index}`)))
  }
  return images
}

async function readImage(files: StagedFiles, archived: ArchivedImage, manifestFile: string): Promise<StagedImage> {
  const config = await requireFile(files, archived.Config)
  const layers: StagedBlob[] = []
  for (const name of archived.Layers) layers.push(await requireFile(files, name))
  const manifest = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: toDescriptor(config, OCI_CONFIG),
    layers: layers.map((layer) => toDescriptor(layer, layerType(layer))),
  }
  const blobs = new Map([config, ...layers].map((blob) => [blob.digest, blob]))
  return await assembleImage({
    manifestBlob: stageBytes(manifestFile, JSON.stringify(manifest)),
    mediaType: OCI_MANIFEST,
    names: (archived.RepoTags ?? []).map(toName),
    find: ({ digest }) => blobs.get(digest),
  })
}

async function requireFile(files: StagedFiles, name: string): Promise<StagedBlob> {
  const blob = await files.find(name)
  if (blob === undefined) throw new BadInputError(`read: manifest.json: ${name} is missing from the archive`)
  return blob
}

function toDescriptor({ digest, sizeBytes }: StagedBlob, mediaType: string): Descriptor {
  return { mediaType, size: sizeBytes, digest }
}

/** Layers are plain tars as a rule, but some tools put compressed ones in. */
function layerType({ file }: StagedBlob): string {
  const compression = detectCompression(readHead(file))
  return compression === 'none' ? OCI_LAYER : `${OCI_LAYER}+${compression}`
}

function toName(tag: string): string {
  try {
    return formatImageRef(parseImageRef(tag))
  } catch (error) {
    if (error instanceof UsageError) throw new BadInputError(`read: manifest.json: ${error.message}`, { cause: error })
    throw error
  }
}

/** undefined: an object, as a plain directory's manifest is one. */
function parseManifestJson(text: string): readonly ArchivedImage[] | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new BadInputError('read: manifest.json: not JSON', { cause })
  }
  if (Array.isArray(value) && value.length > 0 && value.every(isArchivedImage)) return value
  if (typeof value === 'object' && value !== null && 'schemaVersion' in value) return undefined
  throw new BadInputError('read: manifest.json: not a list of images with Config, RepoTags and Layers')
}

function isArchivedImage(value: unknown): value is ArchivedImage {
  if (typeof value !== 'object' || value === null) return false
  const { Config, RepoTags, Layers } = value as Record<string, unknown>
  const isStrings = (list: unknown) => Array.isArray(list) && list.every((item) => typeof item === 'string')
  return (
    typeof Config === 'string' &&
    isStrings(Layers) &&
    (RepoTags === undefined || RepoTags === null || isStrings(RepoTags))
  )
}
