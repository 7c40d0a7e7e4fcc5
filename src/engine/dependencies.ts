// Containers that others cannot be without: those named by --requires, those whose namespaces are joined. They are started first and
// removed last.

import type { ContainerRecord } from '../model/container.js'
import { ConflictError, NotFoundError } from '../model/errors.js'
import type { StorePaths } from '../platform/paths.js'
import type { Store } from '../platform/store.js'
import { findRecord, listRecords, readRecord } from '../state/records.js'
import type { Engine } from './engine.js'

/** The id of a container that one is about to depend on. Throws NotFoundError with podman's words. */
export function findDependency(paths: StorePaths, name: string): string {
  try {
    return findRecord(paths, name).id
  } catch (cause) {
    if (!(cause instanceof NotFoundError)) throw cause
    throw new NotFoundError(
      `create container: "${name}" is not a valid container, cannot be used as a dependency: ${cause.message}`,
      { cause, hint: '`lichen ps -a` lists all containers' },
    )
  }
}

/** Those that depend on it themselves; unordered. Damaged records tell nothing. */
export function findDependents(paths: StorePaths, id: string): ContainerRecord[] {
  return listRecords(paths, () => undefined).filter(({ plan }) => plan.dependencies.includes(id))
}

/** Starts what the container needs, each after what that needs itself. Nothing is done for a container that needs nothing. */
export async function startDependencies(store: Engine, { name, plan }: ContainerRecord): Promise<void> {
  for (const id of plan.dependencies) {
    if (readRecord(store.paths, id) === undefined)
      throw new ConflictError(
        `start container: ${name}: container ${id.slice(0, 12)}, which it depends on, does not exist any more`,
        { hint: 'make it anew without that dependency' },
      )
    await (await import('./start.js')).startContainer(store, id)
  }
}

/** The container's id after those of all that depend on it: the order in which they can be removed. */
export function withDependents(paths: StorePaths, id: string): string[] {
  return [...new Set([...findDependents(paths, id).flatMap((dependent) => withDependents(paths, dependent.id)), id])]
}

/** Throws ConflictError, in podman's words, while others depend on the container. */
export function refuseDependents(store: Store, { id, name }: ContainerRecord): void {
  const dependents = findDependents(store.paths, id)
  if (dependents.length === 0) return
  const ids = dependents.map((dependent) => dependent.id).join(', ')
  throw new ConflictError(
    `remove container: ${name}: container ${id} has dependent containers which must be removed before it: ${ids}`,
    { hint: `lichen rm --depend ${name} removes them, too` },
  )
}
