// A named volume that is still empty when it is first mounted gets what the image has at that place, with its owners (docker, podman).

import { existsSync, readdirSync, renameSync } from 'node:fs'
import path from 'node:path'
import type { ContainerRecord } from '../model/container.js'
import { errorCode } from '../model/errors.js'
import { copyOut } from '../platform/monitor-tools.js'
import { randomHex } from '../platform/random.js'
import type { Store } from '../platform/store.js'
import { containerDir } from '../state/records.js'
import { removeTree } from '../storage/trash.js'

/** To be called with the rootfs mounted by that monitor and nothing of the container running. */
export async function fillVolumes(store: Store, record: ContainerRecord, monitorPid: number): Promise<void> {
  const merged = path.join(containerDir(store.paths, record.id), 'merged')
  for (const { kind, copyUp, source, destination } of record.plan.mounts) {
    if (kind !== 'volume' || copyUp !== true || !isEmpty(source)) continue
    // beside its place, then renamed over the empty directory: a kill in the middle leaves the volume empty, not half full
    const fresh = `${source}.${randomHex(6)}`
    try {
      await copyOut(store, { monitorPid, root: merged, from: destination, to: fresh })
      if (existsSync(fresh)) renameSync(fresh, source)
    } catch (error) {
      await removeTree(store, fresh)
      if (!isFilled(error)) throw error // another container was faster
    }
  }
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
