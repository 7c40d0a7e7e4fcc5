// `inspect`: whatever has the name: a container, else an image.

import { NotFoundError } from '../model/errors.js'
import type { Store } from '../platform/store.js'
import { findContainer } from './find.js'
import { inspectImage } from './image-inspect.js'
import { inspectContainer } from './inspect-container.js'

export type InspectKind = 'all' | 'container' | 'image'

/** podman's JSON object for it. Throws NotFoundError. */
export async function inspectObject(store: Store, name: string, kind: InspectKind): Promise<object> {
  if (kind === 'image') return inspectImage(store, name)
  try {
    return inspectContainer(store, await findContainer(store, name))
  } catch (error) {
    if (kind === 'container' || !(error instanceof NotFoundError)) throw error
  }
  try {
    return inspectImage(store, name)
  } catch (cause) {
    if (!(cause instanceof NotFoundError)) throw cause
    throw new NotFoundError(`inspect: no container or image "${name}"`, {
      cause,
      hint: '`lichen ps -a` and `lichen images` list what there is',
    })
  }
}
