// `manifest annotate` and `manifest remove`: one image of a list, by its digest or by the name it was added under.

import { isDigest } from '../images/documents.js'
import { findImage } from '../images/image-store.js'
import { annotateList, changeEntry, sourceOf, withoutEntry } from '../images/list-document.js'
import { changeList, type StoredList } from '../images/manifest-lists.js'
import { sweepBlobs } from '../images/remove-images.js'
import { LichenError, NotFoundError } from '../model/errors.js'
import type { Digest } from '../model/image.js'
import { formatImageRef, parseImageRef } from '../model/image-ref.js'
import type { EntryChange } from '../model/manifest-list.js'
import type { Store } from '../platform/store.js'
import { requireList } from './manifest-find.js'

/** `image` undefined: the list itself gets the annotations. Returns the list's ID. Throws NotFoundError. */
export async function annotateManifest(
  store: Store,
  name: string,
  { image, change }: { readonly image?: string; readonly change: EntryChange },
): Promise<string> {
  const { list } = requireList(store, name)
  const digest = image === undefined ? undefined : findEntry(store, list, image)
  await changeList(store.paths, list.id, (index) =>
    digest === undefined ? annotateList(index, change.annotations ?? {}) : changeEntry(index, digest, change),
  )
  await sweepBlobs(store.paths)
  return list.id
}

/** Returns the list's ID. Throws NotFoundError. */
export async function removeFromList(store: Store, name: string, image: string): Promise<string> {
  const { list } = requireList(store, name)
  const digest = findEntry(store, list, image)
  await changeList(store.paths, list.id, (index) => withoutEntry(index, digest))
  await sweepBlobs(store.paths)
  return list.id
}

function findEntry({ paths }: Store, list: StoredList, image: string): Digest {
  if (isDigest(image)) return image
  const entries = list.index.manifests
  const sources = namesToTry(image)
  const known = entries.find((entry) => sources.includes(sourceOf(entry) ?? ''))
  if (known !== undefined) return known.digest
  try {
    return findImage(paths, image).manifestDigest
  } catch (error) {
    if (!(error instanceof LichenError)) throw error
    throw new NotFoundError(`find image in list: ${image}: neither a digest nor an image of the list`, {
      cause: error,
      hint: '`lichen manifest inspect` shows the digests it has',
    })
  }
}

function namesToTry(image: string): string[] {
  try {
    return [formatImageRef(parseImageRef(image.replace(/^docker:\/\//, '')))]
  } catch (error) {
    if (error instanceof LichenError) return []
    throw error
  }
}
