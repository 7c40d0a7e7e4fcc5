// `mount` and `unmount`: a container's files at a path, for people and programs to look into. Of one that lives it is its own mount, shown once
// more: what is written there it sees. One that does not run is shown read-only, so that it can be started meanwhile.

import { writeFileSync } from 'node:fs'
import type { ContainerRecord, ContainerView } from '../model/container.js'
import { ConflictError, HostError } from '../model/errors.js'
import { isLive } from '../model/status.js'
import type { Store } from '../platform/store.js'
import { appendContainerEvent } from '../state/events.js'
import { listRecords } from '../state/records.js'
import { findHolder, hideTree, listShownTrees, showMonitored, shownMark, showStack } from '../storage/shown-trees.js'
import { locateTree } from '../storage/tree-stack.js'
import { findContainer } from './find.js'

export interface MountedContainer {
  readonly record: ContainerRecord
  readonly path: string
}

/** Resolves to the path; what is mounted already stays. Throws NotFoundError; HostError where one may not mount. */
export async function mountContainer(store: Store, name: string): Promise<string> {
  requireMountRights(store, 'mount')
  const view = await findContainer(store, name)
  const path = await show(store, view)
  appendContainerEvent(store.paths, view.record, 'mount')
  return path
}

async function show(store: Store, { record, monitor, monitorAlive, status }: ContainerView): Promise<string> {
  const tree = await locateTree(store, record)
  if (tree.kind === 'directory') return tree.root
  if (listShownTrees(store.paths).includes(record.id)) return tree.target
  writeFileSync(shownMark(store.paths, record.id), '')
  if (isLive(status) && monitorAlive && monitor !== undefined) await showMonitored(store, monitor.monitorPid, tree)
  else await showStack(store, tree)
  return tree.target
}

/** As this process sees them, oldest first. */
export async function listMountedContainers(store: Store): Promise<MountedContainer[]> {
  requireMountRights(store, 'mount')
  const shown = new Set(listShownTrees(store.paths))
  const records = listRecords(store.paths, () => undefined).filter(({ id }) => shown.has(id))
  return await Promise.all(records.map(async (record) => ({ record, path: await pathOf(store, record) })))
}

async function pathOf(store: Store, record: ContainerRecord): Promise<string> {
  const tree = await locateTree(store, record)
  return tree.kind === 'directory' ? tree.root : tree.target
}

/** Idempotent: one that is not mounted is no error. Throws NotFoundError, and HostError when somebody works in it and it is not `force`d. */
export async function unmountContainer(
  store: Store,
  name: string,
  options: { readonly force: boolean },
): Promise<void> {
  requireMountRights(store, 'unmount')
  const { record } = await findContainer(store, name)
  const wasShown = listShownTrees(store.paths).includes(record.id)
  await hideTree(store, record.id, options)
  if (wasShown) appendContainerEvent(store.paths, record, 'unmount')
}

/**
 * Before a start: what of the last run is still mounted here goes, so that two never write to the same directory. Throws ConflictError when it
 * cannot, or is mounted by somebody else.
 */
export async function releaseMount(store: Store, record: ContainerRecord): Promise<void> {
  if (findHolder(store.paths, record.id) !== undefined && store.userns.kind === 'none')
    await hideTree(store, record.id, { force: false })
  const holder = findHolder(store.paths, record.id)
  if (holder === undefined) return
  throw new ConflictError(`start container: ${record.name}: its files are still mounted by process ${holder}`, {
    hint: `there: lichen unmount ${record.name}`,
  })
}

/** A mount of ours would be seen by nobody: it must be made where the caller is. */
function requireMountRights({ userns }: Store, verb: string): void {
  if (userns.kind === 'none') return
  throw new HostError(`${verb} container: only root may mount, or whoever is inside \`lichen unshare\``, {
    hint: `lichen unshare, then there: lichen ${verb} …`,
  })
}
