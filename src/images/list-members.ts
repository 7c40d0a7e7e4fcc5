// From a word of the command line to the entries of a list: a local image or list, or what a registry has under that name. Indexes are
// flattened: Docker's lists know no nesting. A registry's images stay there until the list is pushed; the entry tells where they are.

import { statSync } from 'node:fs'
import { BadInputError, NotFoundError } from '../model/errors.js'
import type { Descriptor, LocalImage } from '../model/image.js'
import { formatImageRef, type ImageRef } from '../model/image-ref.js'
import { sha256 } from '../platform/digest.js'
import type { StorePaths } from '../platform/paths.js'
import { blobPath, hasBlob } from './blobs.js'
import type { Document } from './choose-manifest.js'
import { MAX_DOCUMENT_BYTES, MAX_NESTED_INDEXES, parseConfig, parseIndex, parseManifest } from './documents.js'
import { choosePlatform, formatPlatform, type Platform } from './host-platform.js'
import { findImage } from './image-store.js'
import { sourceOf, withSource } from './list-document.js'
import { findList } from './manifest-lists.js'
import { isIndexType, OCI_MANIFEST } from './media-types.js'
import type { Repository } from './registry/repository.js'

export interface MemberChoice {
  /** Of an index every image, else the one for `platform`. */
  readonly all: boolean
  readonly platform: Platform
}

const MAX_INDEXES = 100

/** Undefined: not here, or with `all` only one image of an index that has more. */
export function findLocalMembers(paths: StorePaths, text: string, choice: MemberChoice): Descriptor[] | undefined {
  const found = findList(paths, text)
  if (found !== undefined) return choose(found.list.index.manifests, text, choice)
  const image = findLocalImage(paths, text)
  if (image === undefined || (choice.all && image.indexDigests.length > 0)) return undefined
  return [describeImage(paths, image)]
}

/** Asks the registry. Errors: Repository.getManifest; BadInputError for what is neither an image nor an index. */
export async function findRemoteMembers(
  repository: Repository,
  ref: ImageRef,
  choice: MemberChoice,
): Promise<Descriptor[]> {
  const name = formatImageRef(ref)
  const root = await repository.getManifest(ref.digest ?? ref.tag ?? 'latest')
  const entries = isIndexType(root.mediaType)
    ? choose(await flatten(repository, root, name), name, choice)
    : [await describeRemote(repository, root)]
  return entries.map((entry) => withSource(entry, name))
}

/** Throws NotFoundError when an image of the local store was removed meanwhile: under the index's lock nobody takes it any more. */
export function checkMember(paths: StorePaths, entry: Descriptor): void {
  if (sourceOf(entry) !== undefined || hasBlob(paths, entry)) return
  throw new NotFoundError(`add to list: ${entry.digest}: it was removed meanwhile`)
}

function choose(entries: readonly Descriptor[], name: string, { all, platform }: MemberChoice): Descriptor[] {
  if (all) return [...entries]
  const fitting = choosePlatform(entries, platform)
  if (fitting !== undefined) return [fitting]
  throw new NotFoundError(`add to list: ${name}: it has no image for ${formatPlatform(platform)}`, {
    hint: 'add every image it has with --all',
  })
}

function findLocalImage(paths: StorePaths, text: string): LocalImage | undefined {
  try {
    return findImage(paths, text)
  } catch (error) {
    if (error instanceof NotFoundError) return undefined
    throw error
  }
}

function describeImage(paths: StorePaths, { manifest, manifestDigest, config }: LocalImage): Descriptor {
  const mediaType = manifest.mediaType ?? OCI_MANIFEST
  const { size } = statSync(blobPath(paths, manifestDigest))
  return { mediaType, size, digest: manifestDigest, platform: platformOf(config) }
}

async function describeRemote(repository: Repository, { mediaType, digest, bytes }: Document): Promise<Descriptor> {
  const { config } = parseManifest(bytes.toString('utf8'), `manifest ${digest}`)
  const text = await fetchDocument(repository, config)
  return { mediaType, size: bytes.length, digest, platform: platformOf(parseConfig(text, `config ${config.digest}`)) }
}

/** In the order podman shows them. */
function platformOf(config: LocalImage['config']): Readonly<Record<string, unknown>> {
  const { architecture, os, variant } = config
  const more = config as unknown as Readonly<Record<string, unknown>>
  const said = { architecture, os, 'os.version': more['os.version'], 'os.features': more['os.features'], variant }
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined && value !== ''))
}

async function fetchDocument(repository: Repository, { digest, size }: Descriptor): Promise<string> {
  const subject = `config ${digest}`
  if (size > MAX_DOCUMENT_BYTES) throw new BadInputError(`read: ${subject}: longer than ${MAX_DOCUMENT_BYTES} bytes`)
  const chunks: Buffer[] = []
  for await (const chunk of repository.readBlob({ digest, size }, 0)) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  if (sha256(bytes) === digest) return bytes.toString('utf8')
  throw new BadInputError(`read: ${subject}: its digest is ${sha256(bytes)}`)
}

async function flatten(repository: Repository, root: Document, name: string): Promise<Descriptor[]> {
  let indexes = 0
  const visit = async ({ bytes }: Document, depth: number): Promise<Descriptor[]> => {
    if (depth > MAX_NESTED_INDEXES || ++indexes > MAX_INDEXES) {
      throw new BadInputError(
        `read: ${name}: more than ${MAX_INDEXES} indexes, or nested more than ${MAX_NESTED_INDEXES} deep`,
      )
    }
    const entries: Descriptor[] = []
    for (const entry of parseIndex(bytes.toString('utf8'), `index ${name}`).manifests) {
      if (!isIndexType(entry.mediaType)) entries.push(entry)
      else entries.push(...(await visit(await repository.getManifest(entry.digest), depth + 1)))
    }
    return entries
  }
  return await visit(root, 0)
}
