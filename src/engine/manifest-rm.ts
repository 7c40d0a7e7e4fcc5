// `manifest rm`, and `rmi` of a list: takes a name from a list; with its last name, or by its ID, the list goes, and with it what only it
// kept of images that were removed. The images themselves stay.

import { unlessDamaged } from '../images/blobs.js'
import { findDescriptor, listNames } from '../images/image-store.js'
import { type FoundList, readList } from '../images/manifest-lists.js'
import { isIndexType } from '../images/media-types.js'
import { deleteManifest, untagImage } from '../images/remove-images.js'
import { NotFoundError } from '../model/errors.js'
import type { Descriptor } from '../model/image.js'
import type { Store } from '../platform/store.js'
import { EXIT_NOT_FOUND, requireList } from './manifest-find.js'
import { sweepStore } from './sweep.js'

export interface RemovedList {
  readonly untagged: readonly string[]
  /** The list's ID, unless only a name was taken away. */
  readonly deleted: readonly string[]
}

/** Throws NotFoundError, ConflictError when it is an image's name. */
export async function removeManifestList(store: Store, text: string): Promise<RemovedList> {
  const damaged = findDamaged(store, text)
  if (damaged !== undefined) return await removeDamaged(store, damaged)
  try {
    return await removeFoundList(store, requireList(store, text))
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error
    const message = `remove list: ${text}: not in the local store`
    throw new NotFoundError(message, { cause: error, exitCode: EXIT_NOT_FOUND })
  }
}

/** Nobody can use it any more; that it can be removed is the way out. */
function findDamaged({ paths }: Store, text: string): Descriptor | undefined {
  const descriptor = findDescriptor(paths, text)
  if (descriptor === undefined || !isIndexType(descriptor.mediaType)) return undefined
  return unlessDamaged(() => readList(paths, descriptor.digest)) === undefined ? descriptor : undefined
}

async function removeDamaged(store: Store, { digest }: Descriptor): Promise<RemovedList> {
  const names = listNames(store.paths, digest)
  await deleteManifest(store.paths, digest)
  await sweepStore(store)
  return { untagged: names, deleted: [] }
}

export async function removeFoundList(store: Store, { list, byName }: FoundList): Promise<RemovedList> {
  if (byName !== undefined && list.names.length > 1) {
    await untagImage(store.paths, byName)
    return { untagged: [byName], deleted: [] }
  }
  await deleteManifest(store.paths, list.digest)
  await sweepStore(store)
  return { untagged: list.names, deleted: [list.id] }
}
