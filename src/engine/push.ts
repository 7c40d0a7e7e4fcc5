// `push`: an image to a registry, exactly as it is stored unless a conversion is asked for, or to a place of this machine.

import { rmSync } from 'node:fs'
import { type Destination, parseDestination } from '../images/destination.js'
import { type FoundImage, listStoredImages, lookUpImage } from '../images/image-store.js'
import { takeImage } from '../images/outgoing-image.js'
import { openRepository } from '../images/registry/repository.js'
import { sendImage } from '../images/send-image.js'
import { NotFoundError, UsageError } from '../model/errors.js'
import type { Digest, LocalImage } from '../model/image.js'
import type { Conversion } from '../model/image-conversion.js'
import { type ImageRef, parseImageRef } from '../model/image-ref.js'
import type { RegistryOptions } from '../model/registry.js'
import { writeFileAtomic } from '../platform/files.js'
import { makeStagingDir } from '../platform/staging.js'
import { appendImageEvent } from '../state/events.js'
import { sweepTrash } from '../storage/trash.js'
import type { Engine } from './engine.js'
import { pushManifestList } from './manifest-push.js'
import { writeImages } from './save.js'

export interface PushRequest {
  readonly image: string
  /** As podman writes them, `docker://HOST/PATH:TAG` or `oci:DIRECTORY:NAME`; undefined: the image's own name. */
  readonly destination?: string
  readonly conversion: Conversion
  readonly registry: RegistryOptions
  /** Gets the digest of the manifest at the destination. */
  readonly digestFile?: string
}

/** Throws NotFoundError (no such image), UsageError, HostError (registry, network). What the destination has stays usable then. */
export async function pushImage(engine: Engine, request: PushRequest): Promise<Digest | undefined> {
  const found = lookUpImage(engine.paths, request.image)
  const destination = parseDestination(request.destination ?? ownName(request.image, found))
  await sweepTrash(engine)
  const digest = await sendTo(engine, destination, { ...request, found })
  if (request.digestFile !== undefined && digest !== undefined)
    writeFileAtomic(request.digestFile, digest, { durable: false })
  appendImageEvent(engine.paths, 'push', { id: found.image.id, name: request.image })
  return digest
}

/** `--all`: a list with every image it names. */
export async function pushWholeList(engine: Engine, { image, ...request }: PushRequest): Promise<Digest | undefined> {
  return await pushManifestList(engine, { ...request, list: image, all: true, removeAfter: false })
}

/** Docker's `push --all-tags`: every local name of that repository, to itself. */
export async function pushAllTags(engine: Engine, request: PushRequest): Promise<void> {
  const ref = parseImageRef(request.image)
  if (ref.tag !== undefined || ref.digest !== undefined)
    throw new UsageError(`push: ${request.image}: with --all-tags a repository is named, without a tag`)
  if (request.destination !== undefined || request.digestFile !== undefined)
    throw new UsageError('push: --all-tags goes with neither a destination nor --digestfile')
  for (const name of listNamesOf(engine, ref)) await pushImage(engine, { ...request, image: name })
}

function ownName(text: string, { byName }: FoundImage): string {
  if (byName !== undefined) return byName
  throw new UsageError(`push: ${text}: an ID does not say where to`, {
    hint: 'name the destination: lichen push IMAGE REGISTRY/REPOSITORY:TAG',
  })
}

interface Chosen extends PushRequest {
  readonly found: FoundImage
}

async function sendTo(engine: Engine, destination: Destination, chosen: Chosen): Promise<Digest | undefined> {
  const { found, conversion } = chosen
  if (destination.kind === 'registry') return await sendToRegistry(engine, destination.ref, chosen)
  const { format, path: output, name } = destination
  // an archive of docker's tells what it holds: there the image keeps its name when no other is said
  const names = name === undefined ? (format === 'docker-archive' ? [found.byName ?? []].flat() : []) : [name]
  return await writeImages(engine, { selected: [{ found, names }], format, output, conversion })
}

async function sendToRegistry(
  engine: Engine,
  ref: ImageRef,
  { found, conversion, registry: options }: Chosen,
): Promise<Digest> {
  const { facts, paths, report } = engine
  const repository = openRepository({ facts, ref, purpose: 'push', options, report })
  const dir = makeStagingDir(paths)
  try {
    const outgoing = takeImage(paths, found.image, { dir, conversion })
    const mountFrom = mountCandidates(found.image, ref)
    return (await sendImage({ repository, mountFrom, report }, outgoing, ref.tag)).digest
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** Paths of repositories of the same registry that the image has a name in: its blobs may be there. */
export function mountCandidates({ names }: Pick<LocalImage, 'names'>, { domain, path }: ImageRef): string[] {
  const refs = names.map((name) => parseImageRef(name))
  return [...new Set(refs.flatMap((ref) => (ref.domain === domain && ref.path !== path ? [ref.path] : [])))]
}

function listNamesOf(engine: Engine, { domain, path }: ImageRef): string[] {
  const names = listStoredImages(engine.paths).flatMap((image) => image.names)
  const found = names.filter((name) => name.startsWith(`${domain}/${path}:`)).sort()
  if (found.length > 0) return found
  throw new NotFoundError(`push: ${domain}/${path}: no image has a name in that repository`)
}
