// Where a container's named and anonymous volumes lie, and when they are made.

import path from 'node:path'
import type { ContainerRecord } from '../model/container.js'
import type { PlannedMount } from '../model/mounts.js'
import { ensureDirectory } from '../platform/files.js'
import type { StorePaths } from '../platform/paths.js'
import type { Store } from '../platform/store.js'
import { ensureVolume, volumeDataPath } from '../storage/volumes.js'

export interface VolumePlaces {
  readonly paths: StorePaths
  readonly ownVolumes: string
  readonly isRemoved: boolean
}

/** Anonymous volumes of a container that is removed at its end lie in its own directory, and go with it whoever removes it. */
export function placeVolume(mount: PlannedMount, { paths, ownVolumes, isRemoved }: VolumePlaces): PlannedMount {
  const { volumeName, anonymous } = mount
  if (volumeName === undefined) return mount
  const isOwn = anonymous === true && isRemoved
  return { ...mount, source: isOwn ? path.join(ownVolumes, volumeName) : volumeDataPath(paths, volumeName) }
}

/** Volumes are made when they are first named, and after the record: an anonymous one is then never without its container. */
export function makeVolumes(store: Store, { plan, removeOnExit }: ContainerRecord): void {
  for (const { volumeName, anonymous, source } of plan.mounts) {
    if (volumeName === undefined) continue
    if (anonymous === true && removeOnExit)
      for (const dir of [path.dirname(source), source]) ensureDirectory(dir, 0o755)
    else ensureVolume(store, volumeName, { anonymous: anonymous === true })
  }
}
