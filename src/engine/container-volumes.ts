// Where a container's named and anonymous volumes lie, and when they are made.

import path from 'node:path'
import type { ContainerRecord } from '../model/container.js'
import type { PlannedMount } from '../model/mounts.js'
import { ensureDirectory } from '../platform/files.js'
import type { StorePaths } from '../platform/paths.js'
import { appendVolumeEvent } from '../state/events.js'
import { ensureVolume, volumeDataPath } from '../storage/volumes.js'
import type { Engine } from './engine.js'

export interface VolumePlaces {
  readonly paths: StorePaths
  readonly ownVolumes: string
  readonly isRemoved: boolean
}

/** Anonymous volumes of a container that is removed at its end lie in its own directory, and go with it whoever removes it. */
export function placeVolume(mount: PlannedMount, { paths, ownVolumes, isRemoved }: VolumePlaces): PlannedMount {
  const { volumeName, anonymous } = mount
  if (volumeName === undefined) return mount
  const isOwn = anonymous === true && isRemoved && mount.driverOptions === undefined
  return { ...mount, source: isOwn ? path.join(ownVolumes, volumeName) : volumeDataPath(paths, volumeName) }
}

/** Volumes are made when they are first named, and after the record: an anonymous one is then never without its container. */
export async function makeVolumes(store: Engine, { plan, removeOnExit }: ContainerRecord): Promise<void> {
  for (const { volumeName: name, anonymous = false, source, driverOptions: options } of plan.mounts) {
    if (name === undefined) continue
    if (options !== undefined) {
      const { createVolume } = await import('./volume-create.js')
      await createVolume(store, { name, driver: 'local', options, labels: {}, anonymous, ignore: true })
    } else if (anonymous && removeOnExit) {
      for (const dir of [path.dirname(source), source]) ensureDirectory(dir, 0o755)
    } else {
      ensureVolume(store, name, { anonymous, onMade: () => appendVolumeEvent(store.paths, 'create', name) })
    }
  }
}
