// A list by what the user typed, and `manifest exists`.

import { findDescriptor } from '../images/image-store.js'
import { type FoundList, findList } from '../images/manifest-lists.js'
import { ConflictError, NotFoundError } from '../model/errors.js'
import { parseImageRef } from '../model/image-ref.js'
import type { Store } from '../platform/store.js'

/** podman's exit code of `manifest rm`, as of `rmi`. */
export const EXIT_NOT_FOUND = 1

/** Throws NotFoundError, ConflictError when it is an image's name, UsageError for what can be no name. */
export function requireList({ paths }: Store, text: string): FoundList {
  const found = findList(paths, text)
  if (found !== undefined) return found
  if (findDescriptor(paths, text) !== undefined) {
    throw new ConflictError(`find list: ${text}: it is an image, not a list`)
  }
  if (!/^(sha256:)?[0-9a-f]{1,64}$/.test(text)) parseImageRef(text)
  throw new NotFoundError(`find list: ${text}: not in the local store`, {
    hint: 'lists are made with `lichen manifest create`',
  })
}

/** Throws ConflictError when it is an image's name. */
export function manifestListExists(store: Store, text: string): boolean {
  try {
    requireList(store, text)
    return true
  } catch (error) {
    if (error instanceof NotFoundError) return false
    throw error
  }
}
