// `inspect`: whatever has the name: a container, else an image, else a volume.

import { NotFoundError } from '../model/errors.js'
import type { Store } from '../platform/store.js'
import { findContainer } from './find.js'
import { inspectImage } from './image-inspect.js'
import { inspectContainer } from './inspect-container.js'

export type InspectKind = 'all' | 'container' | 'image' | 'volume'

export interface InspectOptions {
  /** Of a container, how much it has written; which costs a look at all its files. */
  readonly size: boolean
}

type Inspect = (store: Store, name: string, options: InspectOptions) => Promise<object>

/** In the order in which a name is looked up. */
const KINDS: readonly (readonly [InspectKind, Inspect])[] = [
  ['container', inspectFoundContainer],
  ['image', async (store, name) => inspectImage(store, name)],
  ['volume', async (store, name) => (await import('./volumes.js')).describeVolume(store, name)],
]

/** podman's JSON object for it. Throws NotFoundError. */
export async function inspectObject(
  store: Store,
  name: string,
  kind: InspectKind,
  options: InspectOptions = { size: false },
): Promise<object> {
  let missing: unknown
  for (const [each, inspect] of KINDS) {
    if (kind !== 'all' && kind !== each) continue
    try {
      return await inspect(store, name, options)
    } catch (error) {
      if (kind !== 'all' || !(error instanceof NotFoundError)) throw error
      missing = error
    }
  }
  throw new NotFoundError(`inspect: no such object: "${name}"`, {
    cause: missing,
    hint: '`lichen ps -a`, `lichen images` and `lichen volume ls` list what there is',
  })
}

async function inspectFoundContainer(store: Store, name: string, { size }: InspectOptions): Promise<object> {
  const view = await findContainer(store, name)
  if (!size) return inspectContainer(store, view)
  const { measureContainer } = await import('./ps-details.js')
  const { ownBytes, rootfsBytes } = await measureContainer(store, view)
  return inspectContainer(store, view, { SizeRw: ownBytes, SizeRootFs: rootfsBytes })
}
