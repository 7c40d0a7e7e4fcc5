// A named volume that is still empty when it is first mounted gets what the image has at that place, with its owners (docker, podman).

import { existsSync, readdirSync, renameSync } from 'node:fs'
import path from 'node:path'
import type { ContainerRecord } from '../model/container.js'
import { errorCode } from '../model/errors.js'
import type { PlannedMount } from '../model/mounts.js'
import type { VolumeOwner } from '../model/volume.js'
import { copyOut } from '../platform/monitor-tools.js'
import { stagingName } from '../platform/staging.js'
import type { Store } from '../platform/store.js'
import { containerDir } from '../state/records.js'
import { removeTree } from '../storage/trash.js'
import { volumeMount } from '../storage/volume-mount.js'
import { giveVolume } from '../storage/volume-owner.js'
import { readVolume } from '../storage/volumes.js'

/** To be called with the rootfs mounted by that monitor and nothing of the container running. */
export async function fillVolumes(store: Store, record: ContainerRecord, monitorPid: number): Promise<void> {
  const merged = path.join(containerDir(store.paths, record.id), 'merged')
  for (const mount of record.plan.mounts) {
    const { source, destination } = mount
    if (mount.kind !== 'volume' || mount.copyUp !== true || !takesCopy(store, mount) || !isEmpty(source)) continue
    // beside its place, then renamed over the empty directory: a kill in the middle leaves the volume empty, not half full
    const fresh = path.join(path.dirname(source), stagingName())
    try {
      await copyOut(store, { monitorPid, root: merged, from: destination, to: fresh })
      if (existsSync(fresh)) {
        await giveVolume(store, fresh, ownerOf(store, mount))
        renameSync(fresh, source)
      }
    } catch (error) {
      await removeTree(store, fresh)
      if (!isFilled(error)) throw error // another container was faster
    }
  }
}

/** One with options may lie elsewhere, or want to stay empty; one in the container's own directory has no record. */
function takesCopy({ paths }: Store, { volumeName = '' }: PlannedMount): boolean {
  const volume = readVolume(paths, volumeName)
  if (volume === undefined) return true
  const { isOwn, copyUp } = volumeMount(paths, volume)
  return isOwn && copyUp
}

/** One whose owner was said keeps it. */
function ownerOf({ paths }: Store, { volumeName = '' }: PlannedMount): VolumeOwner {
  const volume = readVolume(paths, volumeName)
  return volume === undefined ? {} : volumeMount(paths, volume).owner
}

const isFilled = (error: unknown) => errorCode(error) === 'ENOTEMPTY' || errorCode(error) === 'EEXIST'

/** A volume we may not even list belongs to a container's user already: it is not new. */
function isEmpty(dir: string): boolean {
  try {
    return readdirSync(dir).length === 0
  } catch (error) {
    if (errorCode(error) === 'EACCES') return false
    throw error
  }
}
