// Lists of images for several platforms in the local store: entries of the index that lead to an OCI index instead of a manifest. A list
// names images by digest; they need not be here. Every change is a new document, made visible by one change of the index.

import { BadInputError, ConflictError, NotFoundError, UsageError } from '../model/errors.js'
import type { Descriptor, Digest } from '../model/image.js'
import { sha256 } from '../platform/digest.js'
import { writeFileAtomic } from '../platform/files.js'
import { blobPath, hasBlob, readDocument, unlessDamaged } from './blobs.js'
import { type ImageIndex, MAX_NESTED_INDEXES, parseIndex } from './documents.js'
import { choosePlatform, formatPlatform, hostPlatform } from './host-platform.js'
import { changeIndex, type LayoutPaths, nameOf, readIndex, withNames } from './image-index.js'
import { listIdOf } from './list-document.js'
import { matchReference, namesOf } from './local-names.js'
import { isIndexType, OCI_INDEX } from './media-types.js'

export interface StoredList {
  /** 64 hex digits. */
  readonly id: string
  /** Of its document as it is now. */
  readonly digest: Digest
  /** Full references; sorted. */
  readonly names: readonly string[]
  readonly index: ImageIndex
  /** Of its document. */
  readonly sizeBytes: number
}

/** A list and how it was named: undefined by ID. */
export interface FoundList {
  readonly list: StoredList
  readonly byName?: string
}

/** Throws BadInputError when its document is damaged, HostError when it is missing. */
export function readList(paths: LayoutPaths, digest: Digest): ImageIndex {
  const subject = `list ${digest}`
  return parseIndex(readDocument(blobPath(paths, digest), digest, subject), subject)
}

/** All of them; damaged ones are left out. */
export function listStoredLists(paths: LayoutPaths): StoredList[] {
  return readLists(paths, readIndex(paths))
}

/** By reference, ID or a unique prefix of one. Undefined: no list is named so. Throws UsageError for a prefix of several IDs. */
export function findList(paths: LayoutPaths, text: string): FoundList | undefined {
  const manifests = readIndex(paths)
  const entry = matchReference(manifests, text)
  if (entry !== undefined) {
    if (!isIndexType(entry.mediaType)) return undefined
    const list = toStoredList(paths, manifests, entry)
    const name = nameOf(entry)
    return name === undefined ? { list } : { list, byName: name }
  }
  const prefix = text.replace(/^sha256:/, '')
  if (!/^[0-9a-f]{1,64}$/.test(prefix)) return undefined
  const hits = readLists(paths, manifests).filter(({ id, digest }) => id.startsWith(prefix) || digest === text)
  if (hits.length > 1) throw new UsageError(`find list: "${text}" is the beginning of ${hits.length} IDs`)
  return hits[0] === undefined ? undefined : { list: hits[0] }
}

/** Throws ConflictError when an image or a list has that name. Atomic. */
export async function createList(paths: LayoutPaths, name: string, index: ImageIndex): Promise<void> {
  await changeIndex(paths, (before) => {
    if (before.some((entry) => nameOf(entry) === name)) {
      throw new ConflictError(`create list: ${name}: that name is already in use`, {
        hint: 'add to a list there is with --amend, or choose another name',
      })
    }
    return { manifests: withNames(before, storeDocument(paths, index), [name]), result: undefined }
  })
}

/** `change` is given the newest document. What the old one alone led to is the caller's to sweep. Throws NotFoundError when the list is gone. */
export async function changeList(
  paths: LayoutPaths,
  id: string,
  change: (index: ImageIndex) => ImageIndex,
): Promise<void> {
  await changeIndex(paths, (before) => {
    const old = readLists(paths, before).find((list) => list.id === id)
    if (old === undefined) throw new NotFoundError(`change list: ${id.slice(0, 12)}: it was removed meanwhile`)
    const fresh = storeDocument(paths, change(old.index))
    const manifests = before.map((entry) => (entry.digest === old.digest ? { ...entry, ...fresh } : entry))
    return { manifests, result: undefined }
  })
}

/** The manifest of a list for this host, through lists in it. Throws NotFoundError when there is none for it, or not here. */
export function chooseLocalInstance(paths: LayoutPaths, root: Digest, text: string): Digest {
  let digest = root
  for (let depth = 0; depth <= MAX_NESTED_INDEXES; depth++) {
    const { manifests } = readList(paths, digest)
    const fitting = choosePlatform(manifests, hostPlatform()) ?? manifests.find((entry) => isNestedHere(paths, entry))
    if (fitting === undefined) {
      throw new NotFoundError(`find image: ${text}: the list has no image for ${formatPlatform(hostPlatform())}`)
    }
    if (!hasBlob(paths, fitting)) throw notHere(text, fitting.digest)
    if (!isIndexType(fitting.mediaType)) return fitting.digest
    digest = fitting.digest
  }
  throw new BadInputError(`find image: ${text}: lists nested more than ${MAX_NESTED_INDEXES} deep`)
}

function isNestedHere(paths: LayoutPaths, entry: Descriptor): boolean {
  return isIndexType(entry.mediaType) && hasBlob(paths, entry)
}

function notHere(text: string, digest: Digest): NotFoundError {
  return new NotFoundError(
    `find image: ${text}: the list's image for this host, ${digest}, is not in the local store`,
    {
      hint: 'push the list and pull it, or pull that image by the name it was added under',
    },
  )
}

function readLists(paths: LayoutPaths, manifests: readonly Descriptor[]): StoredList[] {
  const entries = new Map(manifests.flatMap((it) => (isIndexType(it.mediaType) ? [[it.digest, it] as const] : [])))
  return [...entries.values()].flatMap((entry) => unlessDamaged(() => toStoredList(paths, manifests, entry)) ?? [])
}

function toStoredList(paths: LayoutPaths, manifests: readonly Descriptor[], { digest, size }: Descriptor): StoredList {
  const index = readList(paths, digest)
  return { id: listIdOf(index, digest), digest, names: namesOf(manifests, digest), index, sizeBytes: size }
}

/** Under the index's lock: nobody sweeps it before it is named. */
function storeDocument(paths: LayoutPaths, index: ImageIndex): Descriptor {
  const bytes = Buffer.from(JSON.stringify(index))
  const descriptor = { mediaType: OCI_INDEX, digest: sha256(bytes), size: bytes.length }
  if (!hasBlob(paths, descriptor)) writeFileAtomic(blobPath(paths, descriptor.digest), bytes, { durable: true })
  return descriptor
}
