// One mount of the plan that the runtime cannot make from the plan's words alone: an overlay, an image, a volume, a file of an artifact.

import { realpathSync } from 'node:fs'
import path from 'node:path'
import type { ContainerRecord } from '../model/container.js'
import { BadInputError, NotFoundError, UsageError } from '../model/errors.js'
import type { PlannedMount } from '../model/mounts.js'
import type { Store } from '../platform/store.js'
import type { ReadyMount } from '../runtime/oci-host.js'
import { mountOverlay, mountWithin } from '../storage/container-mounts.js'
import { volumeMount } from '../storage/volume-mount.js'
import { readVolume } from '../storage/volumes.js'
import { isRegularFile } from './rootfs-file.js'

export interface Preparing {
  readonly store: Store
  readonly record: ContainerRecord
  readonly monitorPid: number
}

/** Undefined: the plan's words are enough. */
export async function prepareMount(
  preparing: Preparing,
  mount: PlannedMount,
  dir: string,
): Promise<ReadyMount | undefined> {
  switch (mount.kind) {
    case 'overlay':
      return bindOf(mount, await prepareOverlay(preparing, mount, dir))
    case 'image':
      return bindOf(mount, await prepareImage(preparing, mount, dir))
    case 'volume':
      return await prepareVolume(preparing, mount, dir)
    case 'bind':
      return mount.fileName === undefined ? undefined : await placeFile(preparing, mount, mount.fileName)
    case 'tmpfs':
    case 'ramfs':
    case 'devpts':
      return undefined
  }
}

const bindOf = ({ destination }: PlannedMount, source: string): ReadyMount => ({
  type: 'bind',
  source,
  containerPath: destination,
  options: [],
})

async function prepareOverlay(
  { store, record, monitorPid }: Preparing,
  mount: PlannedMount,
  dir: string,
): Promise<string> {
  const { upper, work, source } = mount
  return await mountOverlay(
    store,
    { monitorPid, dir, driver: record.plan.storageDriver },
    {
      lower: { hostPath: realpathSync(source) },
      isWritable: true,
      ...(upper === undefined || work === undefined ? {} : { changes: { upper, work } }),
    },
  )
}

async function prepareImage(preparing: Preparing, mount: PlannedMount, dir: string): Promise<string> {
  const { store, record, monitorPid } = preparing
  const lower = { layers: mount.layers ?? [] }
  const place = { monitorPid, dir, driver: record.plan.storageDriver }
  const root = await mountOverlay(store, place, { lower, isWritable: mount.options.includes('rw') })
  if (mount.subpath === undefined) return root
  return await showSubpath(preparing, mount, { root, dir: path.join(dir, 'within') })
}

/** A volume of one container alone has no record: it lies in the container's directory. */
async function prepareVolume(preparing: Preparing, mount: PlannedMount, dir: string): Promise<ReadyMount | undefined> {
  const { store } = preparing
  const record = mount.volumeName === undefined ? undefined : readVolume(store.paths, mount.volumeName)
  const { type, source, options } =
    record === undefined ? { type: 'bind', source: mount.source, options: [] } : volumeMount(store.paths, record)
  if (mount.subpath === undefined) return { type, source, options, containerPath: mount.destination }
  if (type !== 'bind')
    throw new UsageError(`mount volume: ${mount.volumeName}: subpath: it is a file system of its own (${type})`)
  return bindOf(mount, await showSubpath(preparing, mount, { root: source, dir }))
}

async function showSubpath(
  { store, monitorPid }: Preparing,
  { kind, source, volumeName, subpath = '.' }: PlannedMount,
  { root, dir }: { readonly root: string; readonly dir: string },
): Promise<string> {
  try {
    return await mountWithin(store, { monitorPid, dir }, { root, inside: subpath })
  } catch (cause) {
    if (!(cause instanceof BadInputError)) throw cause
    throw new NotFoundError(`mount ${kind}: ${volumeName ?? source}: subpath ${cause.message}`, { cause })
  }
}

/** podman's rule: on a file of the image the one file takes its place, else it is put into the directory. */
async function placeFile(preparing: Preparing, mount: PlannedMount, name: string): Promise<ReadyMount | undefined> {
  const isFile = await isRegularFile(preparing, mount.destination)
  const containerPath = isFile ? mount.destination : path.posix.join(mount.destination, name)
  return { type: 'bind', source: mount.source, containerPath, options: [] }
}
