// `manifest push`: the images a list names, from the store or from their own registry, then the list. Nobody sees a list before all of it
// is there.

import { rmSync } from 'node:fs'
import { hasBlob } from '../images/blobs.js'
import type { Document } from '../images/choose-manifest.js'
import { copyImage } from '../images/copy-image.js'
import { parseDestination } from '../images/destination.js'
import type { ImageIndex } from '../images/documents.js'
import { readIndex } from '../images/image-index.js'
import { readImage } from '../images/image-store.js'
import { publishList, sourceOf } from '../images/list-document.js'
import { isIndexType } from '../images/media-types.js'
import { takeImage } from '../images/outgoing-image.js'
import { openRepository } from '../images/registry/repository.js'
import { type Sending, sendImage } from '../images/send-image.js'
import { NotFoundError, UsageError } from '../model/errors.js'
import type { Descriptor, Digest } from '../model/image.js'
import type { Conversion } from '../model/image-conversion.js'
import { type ImageRef, parseImageRef } from '../model/image-ref.js'
import type { RegistryOptions } from '../model/registry.js'
import { sha256 } from '../platform/digest.js'
import { writeFileAtomic } from '../platform/files.js'
import { makeStagingDir } from '../platform/staging.js'
import type { Engine } from './engine.js'
import { requireList } from './manifest-find.js'
import { removeFoundList } from './manifest-rm.js'

export interface PushListRequest {
  readonly list: string
  /** A registry's reference; undefined: the list's own name. */
  readonly destination?: string
  /** Also the images; else only the list, and the registry has to have them. */
  readonly all: boolean
  readonly conversion: Conversion
  readonly registry: RegistryOptions
  /** Gets the list's digest. */
  readonly digestFile?: string
  /** The list is removed from the store once it is there. */
  readonly removeAfter: boolean
}

interface Pushing {
  readonly engine: Engine
  readonly request: PushListRequest
  readonly destination: ImageRef
  readonly sending: Sending
  /** Below staging/. */
  readonly dir: string
}

/** Throws NotFoundError, UsageError, HostError (registry, network). Idempotent. */
export async function pushManifestList(engine: Engine, request: PushListRequest): Promise<Digest> {
  const found = requireList(engine, request.list)
  const destination = parseTarget(request.destination ?? found.byName ?? found.list.names[0])
  const { facts, report } = engine
  const repository = openRepository({ facts, ref: destination, purpose: 'push', options: request.registry, report })
  const dir = makeStagingDir(engine.paths)
  try {
    const pushing = { engine, request, destination, sending: { repository, mountFrom: [], report }, dir }
    const document = await sendAll(pushing, found.list.index)
    await repository.putManifest(destination.tag ?? document.digest, document)
    if (request.digestFile !== undefined) writeFileAtomic(request.digestFile, document.digest, { durable: false })
    if (request.removeAfter) await removeFoundList(engine, { list: found.list })
    return document.digest
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

function parseTarget(text: string | undefined): ImageRef {
  if (text === undefined)
    throw new UsageError('push list: it has no name', { hint: 'name the destination: REGISTRY/REPOSITORY:TAG' })
  const destination = parseDestination(text)
  if (destination.kind === 'registry') return destination.ref
  throw new UsageError(`push list: ${text}: lists are pushed to registries only`)
}

async function sendAll(pushing: Pushing, index: ImageIndex): Promise<Document> {
  const { all, conversion } = pushing.request
  if (all) checkConversion(pushing, index)
  const manifests: Descriptor[] = []
  for (const entry of index.manifests) {
    if (!all) manifests.push(entry)
    else manifests.push(toEntry(entry, await sendMember(pushing, entry)))
  }
  const published = publishList({ ...index, manifests }, conversion.format)
  const bytes = Buffer.from(JSON.stringify(published))
  return { bytes, digest: sha256(bytes), mediaType: published.mediaType ?? '' }
}

/** The same entry, for what its manifest has become. */
function toEntry(entry: Descriptor, { mediaType, digest, bytes }: Document): Descriptor {
  return { ...entry, mediaType, digest, size: bytes.length }
}

async function sendMember(pushing: Pushing, entry: Descriptor): Promise<Document> {
  const { engine, request, sending, dir } = pushing
  const { paths } = engine
  if (isLocalImage(engine, entry)) {
    const image = readImage(paths, readIndex(paths), entry.digest)
    return await sendImage(sending, takeImage(paths, image, { dir, conversion: request.conversion }))
  }
  return await copyMember(pushing, entry)
}

/** Before anything is sent. */
function checkConversion({ engine, request }: Pushing, { manifests }: ImageIndex): void {
  const remote = manifests.find((entry) => !isLocalImage(engine, entry))
  if (request.conversion.recompression === undefined || remote === undefined) return
  throw new UsageError(`push list: ${remote.digest}: only images of the local store can be compressed again`, {
    hint: 'pull the image and add it to the list again, or push without --compression-format',
  })
}

function isLocalImage({ paths }: Engine, entry: Descriptor): boolean {
  return !isIndexType(entry.mediaType) && hasBlob(paths, entry)
}

async function copyMember(pushing: Pushing, entry: Descriptor): Promise<Document> {
  const { engine, request, destination, sending } = pushing
  const { facts, report } = engine
  const { format } = request.conversion
  const name = sourceOf(entry)
  if (name === undefined) {
    throw new NotFoundError(`push list: ${entry.digest}: the image is not in the local store any more`, {
      hint: `lichen manifest remove ${request.list} ${entry.digest}`,
    })
  }
  const ref = parseImageRef(name)
  // a registry's own images are linked there, not sent
  const mountFrom = ref.domain === destination.domain && ref.path !== destination.path ? [ref.path] : []
  const source = openRepository({
    facts,
    ref,
    purpose: 'pull',
    options: toSourceOptions(request.registry, ref, destination),
    report,
  })
  return await copyImage(
    { source, sending: { ...sending, mountFrom }, ...(format === undefined ? {} : { format }) },
    entry,
  )
}

/** What was said about the destination is no other registry's to know: credentials and certificates stay with it. */
function toSourceOptions(options: RegistryOptions, source: ImageRef, destination: ImageRef): RegistryOptions {
  if (source.domain === destination.domain) return options
  const { credentials: _, certDir: __, ...others } = options
  return others
}
