// Images in an OCI image layout (image-spec image-layout.md): `index.json`, manifests, blobs. As podman, skopeo, buildah write it, and as
// `docker save` does since version 25.

import { BadInputError, UsageError } from '../model/errors.js'
import type { Descriptor } from '../model/image.js'
import { formatImageRef, parseImageRef } from '../model/image-ref.js'
import { readBounded, type StagedBlob } from './blobs.js'
import { parseIndex } from './documents.js'
import { choosePlatform, formatPlatform, hostPlatform } from './host-platform.js'
import { REF_NAME } from './image-index.js'
import { isIndexType, isManifestType } from './media-types.js'
import { findText, type StagedFiles } from './staged-files.js'
import { assembleImage, type StagedImage } from './staged-image.js'

/** containerd's and docker's full name; their ref.name is the bare tag. */
const CONTAINERD_NAME = 'io.containerd.image.name'
const MAX_NESTED_INDEXES = 4

/** undefined: these files are no OCI layout. */
export async function readOciLayout(files: StagedFiles): Promise<StagedImage[] | undefined> {
  const text = await findText(files, 'index.json')
  if (text === undefined || (await files.find('oci-layout')) === undefined) return undefined
  const { manifests } = parseIndex(text, 'index.json')
  const named = groupNames(manifests)
  const images: StagedImage[] = []
  for (const { descriptor, names } of named.values()) images.push(await readImage(files, descriptor, names))
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

async function readImage(files: StagedFiles, descriptor: Descriptor, names: readonly string[]): Promise<StagedImage> {
  const { chosen, blob } = await resolvePlatform(files, descriptor)
  const find = (wanted: Descriptor): Promise<StagedBlob | undefined> => files.find(blobName(wanted))
  return await assembleImage({ manifestBlob: blob, mediaType: chosen.mediaType, names, find })
}

/** Follows an index to the manifest for this host. */
async function resolvePlatform(
  files: StagedFiles,
  root: Descriptor,
): Promise<{ chosen: Descriptor; blob: StagedBlob }> {
  let chosen = root
  for (let depth = 0; depth <= MAX_NESTED_INDEXES; depth++) {
    const blob = await files.find(blobName(chosen))
    if (blob === undefined)
      throw new BadInputError(`read: index.json: manifest ${chosen.digest} is missing from the archive`)
    if (isManifestType(chosen.mediaType)) return { chosen, blob: checked(blob, chosen) }
    if (!isIndexType(chosen.mediaType)) throw new BadInputError(`read: index.json: ${chosen.mediaType} is no image`)
    const subject = `index ${chosen.digest}`
    const { manifests } = parseIndex(readBounded(checked(blob, chosen).file, subject).toString('utf8'), subject)
    const next = choosePlatform(manifests, hostPlatform())
    if (next === undefined) throw noPlatform(subject, manifests)
    chosen = next
  }
  throw new BadInputError(`read: index.json: indexes nested more than ${MAX_NESTED_INDEXES} deep`)
}

function checked(blob: StagedBlob, { digest }: Descriptor): StagedBlob {
  if (blob.digest === digest) return blob
  throw new BadInputError(`read: index.json: manifest ${digest} has in truth the digest ${blob.digest}`, {
    hint: 'the archive is damaged or was tampered with; get it again',
  })
}

function noPlatform(subject: string, manifests: readonly Descriptor[]): BadInputError {
  const there = manifests.flatMap(({ platform }) => {
    const { os, architecture } = platform ?? {}
    return typeof os === 'string' && typeof architecture === 'string' && os !== 'unknown'
      ? [`${os}/${architecture}`]
      : []
  })
  return new BadInputError(`read: ${subject}: it has no image for ${formatPlatform(hostPlatform())}`, {
    hint: there.length === 0 ? 'it names no platform at all' : `it has ${[...new Set(there)].join(', ')}`,
  })
}

function blobName({ digest }: Descriptor): string {
  return `blobs/${digest.replace(':', '/')}`
}
