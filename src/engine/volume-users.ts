// Which containers use a volume: looked up in their records whenever it matters.

import type { ContainerRecord } from '../model/container.js'
import type { Store } from '../platform/store.js'
import { listRecords } from '../state/records.js'

export interface VolumeUsers {
  /** Oldest first. */
  readonly users: readonly ContainerRecord[]
  /** IDs of containers whose record cannot be read: they may use any volume. */
  readonly unknown: readonly string[]
}

export function findVolumeUsers({ paths }: Store, name: string): VolumeUsers {
  const unknown: string[] = []
  const records = listRecords(paths, (id) => void unknown.push(id))
  return { users: records.filter((record) => usesVolume(record, name)), unknown }
}

export function usesVolume({ plan }: ContainerRecord, name: string): boolean {
  return plan.mounts.some(({ volumeName }) => volumeName === name)
}
