// Images in an OCI image layout (image-spec image-layout.md): `index.json`, manifests, blobs. As podman, skopeo, buildah write it, and as
// `docker save` does since version 25.

import { BadInputError, UsageError } from '../model/errors.js'
import type { Descriptor } from '../model/image.js'
import { formatImageRef, parseImageRef } from '../model/image-ref.js'
import { type ArchivedFiles, findManifest, readArchivedImage } from './archived-image.js'
import type { StagedBlob } from './blobs.js'
import { parseIndex } from './documents.js'
import { REF_NAME } from './image-index.js'
import { findText, type StagedFiles } from './staged-files.js'
import type { StagedImage } from './staged-image.js'

/** containerd's and docker's full name; their ref.name is the bare tag. */
const CONTAINERD_NAME = 'io.containerd.image.name'

/** undefined: these files are no OCI layout. */
export async function readOciLayout(files: StagedFiles): Promise<StagedImage[] | undefined> {
  const text = await findText(files, 'index.json')
  if (text === undefined || (await files.find('oci-layout')) === undefined) return undefined
  const { manifests } = parseIndex(text, 'index.json')
  const named = groupNames(manifests)
  const find = async (descriptor: Descriptor): Promise<StagedBlob | undefined> => await files.find(blobName(descriptor))
  const layout = { subject: 'index.json', findBlob: find, findDocument: find }
  const images: StagedImage[] = []
  for (const { descriptor, names } of named.values()) images.push(await readImage(layout, descriptor, names))
  if (images.length === 0) throw new BadInputError('read: index.json: it names no image')
  return images
}

interface Named {
  readonly descriptor: Descriptor
  readonly names: readonly string[]
}

/** One descriptor per tag becomes one image with its names. */
function groupNames(manifests: readonly Descriptor[]): ReadonlyMap<string, Named> {
  const groups = new Map<string, Named>()
  for (const descriptor of manifests) {
    const names = groups.get(descriptor.digest)?.names ?? []
    const name = nameFrom(descriptor)
    groups.set(descriptor.digest, {
      descriptor,
      names: name === undefined || names.includes(name) ? names : [...names, name],
    })
  }
  return groups
}

/** A bare word names an image of this host only, as podman has it: `v1` → `localhost/v1:latest`. */
function nameFrom({ annotations }: Descriptor): string | undefined {
  const text = annotations?.[CONTAINERD_NAME] ?? annotations?.[REF_NAME]
  if (text === undefined || text === '') return undefined
  try {
    return formatImageRef(parseImageRef(text, 'localhost'))
  } catch (error) {
    if (error instanceof UsageError) throw new BadInputError(`read: index.json: ${error.message}`, { cause: error })
    throw error
  }
}

async function readImage(files: ArchivedFiles, descriptor: Descriptor, names: readonly string[]): Promise<StagedImage> {
  const blob = await findManifest(files, descriptor)
  return await readArchivedImage(files, { blob, mediaType: descriptor.mediaType, names })
}

function blobName({ digest }: Descriptor): string {
  return `blobs/${digest.replace(':', '/')}`
}
