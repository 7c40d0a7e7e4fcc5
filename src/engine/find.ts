// A container by what the user typed, settled: what a killed monitor left behind is dealt with before any verb looks at it.

import type { ContainerView } from '../model/container.js'
import { ConflictError, type NotFoundError } from '../model/errors.js'
import { isUp } from '../model/status.js'
import type { Store } from '../platform/store.js'
import { findRecord, noSuchContainer } from '../state/records.js'
import { settleContainer } from './cleanup.js'

/** `name` is a name, an id or the unique beginning of one. Throws NotFoundError. */
export async function findContainer(store: Store, name: string): Promise<ContainerView> {
  const view = await settleContainer(store, findRecord(store.paths, name))
  if (view === undefined) throw goneAtItsEnd(name)
  return view
}

export function goneAtItsEnd(name: string): NotFoundError {
  return noSuchContainer(name, 'it was to be removed at its end (--rm), and has ended')
}

export type RunningView = ContainerView & { readonly monitor: NonNullable<ContainerView['monitor']> }

/** The same, for verbs that need it to run. Throws ConflictError when it does not. */
export async function findRunning(store: Store, name: string): Promise<RunningView> {
  const view = await findUp(store, name)
  if (view.status === 'running') return view
  throw new ConflictError(`find running container: ${view.record.name}: it is paused`, {
    hint: `lichen unpause ${view.record.name}`,
  })
}

/** The same, for verbs that do not need its processes to go on: it may be paused. */
export async function findUp(store: Store, name: string): Promise<RunningView> {
  const view = await findContainer(store, name)
  const { monitor, status, record } = view
  if (isUp(status) && monitor !== undefined) return { ...view, monitor }
  throw new ConflictError(`find running container: ${record.name}: it is ${status}`, {
    hint: `lichen start ${record.name}`,
  })
}
