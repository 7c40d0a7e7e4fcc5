// `container cleanup`: what a monitor does at its container's end, done again by hand. A container that has ended is clean already, or is
// made so by whichever verb looks at it; this one says so, and can remove it with its image.

import { ConflictError } from '../model/errors.js'
import { isLive } from '../model/status.js'
import { appendContainerEvent } from '../state/events.js'
import type { Engine } from './engine.js'
import { findContainer } from './find.js'
import { removeRecord } from './rm.js'

export interface CleanupOptions {
  readonly remove: boolean
  readonly removeImage: boolean
}

/** Throws ConflictError, in podman's words, for a container that runs. */
export async function cleanupContainer(
  store: Engine,
  name: string,
  { remove, removeImage }: CleanupOptions,
): Promise<void> {
  const { record, status } = await findContainer(store, name) // settles it
  if (isLive(status))
    throw new ConflictError(`clean up container: ${record.name}: it is running or paused, refusing to clean up`, {
      hint: `lichen stop ${record.name}`,
    })
  appendContainerEvent(store.paths, record, 'cleanup')
  if (remove) await removeRecord(store, record, { force: false, volumes: false })
  if (!removeImage) return
  const { removeImageOf } = await import('./rmi.js')
  await removeImageOf(store, record)
}
