// Where a container's files can be read and written: in its own view while it lives, in its monitor's, or, when it does not run, mounted for
// the one command that needs them. Nothing here is ever resolved by string on the host.

import path from 'node:path'
import type { ContainerRecord, ContainerView } from '../model/container.js'
import { BadInputError, BusyError } from '../model/errors.js'
import { isLive } from '../model/status.js'
import type { Store } from '../platform/store.js'
import { enterMounted, readFilesIn, type TreePlace } from '../platform/tree-tools.js'
import { enterNamespaces } from '../runtime/enter.js'
import { decodeFiles } from '../runtime/frames.js'
import { type ContainerUser, resolveUser } from '../runtime/passwd.js'
import { containerDir } from '../state/records.js'
import { ownerOptions } from '../storage/layer-names.js'
import { layerMapping } from '../storage/layers.js'
import { prepareRootfs } from '../storage/rootfs.js'

/** `full`: as the container sees it, with all that is mounted into it. `own`: what it was made from and has changed. */
export type TreeView = 'full' | 'own'

/** One that does not run cannot be started while a command runs that entered here. */
export async function openContainerTree(store: Store, view: ContainerView, show: TreeView): Promise<TreePlace> {
  const { record, monitor, status, monitorAlive } = view
  if (!isLive(status) || monitor === undefined) return await mountTree(store, record, show)
  const merged = path.join(containerDir(store.paths, record.id), 'merged')
  // between two runs there is no process whose view it could be; one that outlived its monitor has the only mounts there are
  const isSeenByMonitor = monitor.containerPid === 0 || (show === 'own' && monitorAlive)
  const root = isSeenByMonitor ? merged : `/proc/${monitor.containerPid}/root`
  return { enter: enterNamespaces(store, view), root }
}

/** The C program's word for a container that another command is starting, or looking into like this. */
export function explainBusy(error: unknown, { name }: Pick<ContainerRecord, 'name'>): unknown {
  if (!(error instanceof BadInputError) || !/: busy$/.test(error.message)) return error
  return new BusyError(`open files of container: ${name}: another command is starting it, or looking into it`, {
    cause: error,
    hint: 'try again',
  })
}

async function mountTree(store: Store, record: ContainerRecord, show: TreeView): Promise<TreePlace> {
  const { rootfs, mounts } = record.plan
  // its changes are thrown away at the next start, so there is nothing of its own to see
  const { words, merged } =
    rootfs?.isOverlay === true
      ? { words: ['storage=dir', `merged=${rootfs.hostPath}`], merged: rootfs.hostPath }
      : await prepareRootfs(store, record)
  const binds = mounts
    .filter(({ kind, subpath }) => (kind === 'bind' || kind === 'volume') && subpath === undefined)
    .flatMap(({ source, destination, options }) => [
      `${options.includes('ro') ? 'bind_ro' : 'bind'}=${source}`,
      `at=${destination}`,
    ])
  const bundle = `bundle=${containerDir(store.paths, record.id)}`
  const enter = enterMounted(store, [bundle, ...words, ...(show === 'full' ? binds : [])])
  return { enter, root: merged }
}

/** Whether everything is the caller's, whatever an archive says. */
export const hasSingleId = (store: Store): boolean => layerMapping(store).kind === 'single'

/** What the container's own ids are on disk, as `tar` and `untar` are told. */
export function ownerWords(store: Store, { plan }: ContainerRecord): string[] {
  return hasSingleId(store) ? [] : ownerOptions(layerMapping(store, plan.userns), store.userns)
}

/** Who it runs as, by the passwd it has. Throws UsageError when that knows no such user. */
export async function findTreeUser(store: Store, { record }: ContainerView, tree: TreePlace): Promise<ContainerUser> {
  const { user } = record.plan.process
  if (user === '') return resolveUser(user, { passwd: undefined, group: undefined })
  const [passwd, group] = decodeFiles(await readFilesIn(store, tree, ['/etc/passwd', '/etc/group']))
  return resolveUser(user, { passwd, group })
}
