// `restart`: stop, if it runs, and start again. A new run, with a new monitor; files and log stay. One that would be removed at
// its end is started again by the monitor that it has.

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

/** Throws ConflictError for a container that is paused (podman's rule). Returns the id. */
export async function restartContainer(store: Engine, name: string, options: RestartOptions = {}): Promise<string> {
  const view = await findContainer(store, name)
  const { record, status } = view
  if (options.onlyRunning === true && !isLive(status)) return record.id
  if (status === 'paused')
    throw new ConflictError(`restart container: ${record.name}: it is paused`, {
      hint: `lichen unpause ${record.name}, or lichen kill ${record.name}`,
    })
  if (record.removeOnExit && (status === 'running' || status === 'restarting')) {
    await (await import('./restart-in-place.js')).restartInPlace(store, view, options)
    return record.id
  }
  appendContainerEvent(store.paths, record, 'restart')
  await stopView(store, view, options)
  return await startContainer(store, record.id)
}
