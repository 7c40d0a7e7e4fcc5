// `container exists` and `image exists`: a question with a yes or no.

import { findImage } from '../images/image-store.js'
import { NotFoundError } from '../model/errors.js'
import type { Store } from '../platform/store.js'
import { findContainer } from './find.js'

export async function containerExists(store: Store, name: string): Promise<boolean> {
  return await isFound(() => findContainer(store, name))
}

export async function imageExists(store: Store, name: string): Promise<boolean> {
  return await isFound(() => findImage(store.paths, name))
}

async function isFound(find: () => unknown): Promise<boolean> {
  try {
    await find()
    return true
  } catch (error) {
    if (error instanceof NotFoundError) return false
    throw error
  }
}
