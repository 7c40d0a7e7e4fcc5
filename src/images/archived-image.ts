// One image of an archive that keeps manifests: from what its name leads to, maybe an index, to the image for this host. Shared by the
// OCI layout and the plain directory, which differ in what they call their files.

import { BadInputError } from '../model/errors.js'
import type { Descriptor, Digest } from '../model/image.js'
import { readBounded, type StagedBlob } from './blobs.js'
import { chooseManifest, type Document } from './choose-manifest.js'
import { hostPlatform } from './host-platform.js'
import { assembleImage, type StagedImage } from './staged-image.js'

export interface ArchivedFiles {
  /** The document that names the images, for messages. */
  readonly subject: string
  readonly findBlob: (descriptor: Descriptor) => Promise<StagedBlob | undefined>
  /** A manifest or an index. */
  readonly findDocument: (descriptor: Descriptor) => Promise<StagedBlob | undefined>
}

export interface ArchivedRoot {
  readonly blob: StagedBlob
  readonly mediaType: string
  readonly names: readonly string[]
}

/** Throws BadInputError when something is missing or not what it claims to be, NotFoundError when there is none for this host. */
export async function readArchivedImage(files: ArchivedFiles, root: ArchivedRoot): Promise<StagedImage> {
  const { subject } = files
  const documents = new Map<Digest, StagedBlob>([[root.blob.digest, root.blob]])
  const get = async (descriptor: Descriptor): Promise<Document> => {
    const blob = await findManifest(files, descriptor)
    documents.set(blob.digest, blob)
    return toDocument(blob, descriptor.mediaType)
  }
  const platform = hostPlatform()
  const manifest = await chooseManifest(toDocument(root.blob, root.mediaType), { platform, subject, get })
  const isFromIndex = manifest.digest !== root.blob.digest
  return await assembleImage({
    manifestBlob: documents.get(manifest.digest) ?? root.blob,
    mediaType: manifest.mediaType,
    names: root.names,
    find: files.findBlob,
    ...(isFromIndex ? { fromIndex: { digest: root.blob.digest, blob: root.blob } } : {}),
  })
}

/** What a descriptor of the archive leads to, its digest found true. */
export async function findManifest(files: ArchivedFiles, descriptor: Descriptor): Promise<StagedBlob> {
  const { digest } = descriptor
  const blob = await files.findDocument(descriptor)
  if (blob === undefined)
    throw new BadInputError(`read: ${files.subject}: manifest ${digest} is missing from the archive`)
  if (blob.digest === digest) return blob
  throw new BadInputError(`read: ${files.subject}: manifest ${digest} has in truth the digest ${blob.digest}`, {
    hint: 'the archive is damaged or was tampered with; get it again',
  })
}

function toDocument({ file, digest }: StagedBlob, mediaType: string): Document {
  return { bytes: readBounded(file, `manifest ${digest}`), digest, mediaType }
}
