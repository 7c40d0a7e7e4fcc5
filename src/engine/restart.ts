// `restart`: stop, if it runs, and start again. A new run, with a new monitor; files and log stay.

import { ConflictError } from '../model/errors.js'
import { isLive } from '../model/status.js'
import { appendContainerEvent } from '../state/events.js'
import type { Engine } from './engine.js'
import { findContainer } from './find.js'
import { startContainer } from './start.js'
import { type StopOptions, stopView } from './stop.js'

export interface RestartOptions extends StopOptions {
  /** One that does not run stays as it is. */
  readonly onlyRunning?: boolean
}

/** Throws ConflictError, and stops nothing, for a container that its own end would remove. Returns the id. */
export async function restartContainer(store: Engine, name: string, options: RestartOptions = {}): Promise<string> {
  const view = await findContainer(store, name)
  const { record, status } = view
  if (options.onlyRunning === true && !isLive(status)) return record.id
  if (isLive(status) && record.removeOnExit)
    throw new ConflictError(`restart container: ${record.name}: it is removed when it stops (--rm)`, {
      hint: `without --rm it could be restarted: lichen container clone ${record.name} NAME`,
    })
  appendContainerEvent(store.paths, record, 'restart')
  await stopView(store, view, options)
  return await startContainer(store, record.id)
}
