// A container by what the user typed, settled: what a killed monitor left behind is dealt with before any verb looks at it.

import type { ContainerView } from '../model/container.js'
import { ConflictError, NotFoundError } from '../model/errors.js'
import type { Store } from '../platform/store.js'
import { findRecord } from '../state/records.js'
import { settleContainer } from './cleanup.js'

/** `name` is a name, an id or the unique beginning of one. Throws NotFoundError. */
export async function findContainer(store: Store, name: string): Promise<ContainerView> {
  const view = await settleContainer(store, findRecord(store.paths, name))
  if (view === undefined)
    throw new NotFoundError(`find container: no container with name or ID "${name}"`, {
      hint: 'it was to be removed at its end (--rm), and has ended',
    })
  return view
}

/** The same, for verbs that need it to run. Throws ConflictError when it does not. */
export async function findRunning(
  store: Store,
  name: string,
): Promise<ContainerView & { readonly monitor: NonNullable<ContainerView['monitor']> }> {
  const view = await findContainer(store, name)
  const { monitor, status, record } = view
  if (status === 'running' && monitor !== undefined) return { ...view, monitor }
  throw new ConflictError(`find running container: ${record.name}: it is ${status}`, {
    hint: `lichen start ${record.name}`,
  })
}
