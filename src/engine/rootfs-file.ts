// What is at a place of a mounted rootfs, with its links kept inside (lichen-monitor read, PROTOCOL.md).

import path from 'node:path'
import type { ContainerRecord } from '../model/container.js'
import { HostError } from '../model/errors.js'
import { runMonitorVerb } from '../platform/monitor-tools.js'
import type { Store } from '../platform/store.js'
import { containerDir } from '../state/records.js'

const NO_SUCH_FILE = 0xffffffff

export interface RootfsReader {
  readonly store: Store
  readonly record: ContainerRecord
  readonly monitorPid: number
}

/** False for a directory, and for what is not there. */
export async function isRegularFile({ store, record, monitorPid }: RootfsReader, file: string): Promise<boolean> {
  const root = path.join(containerDir(store.paths, record.id), 'merged')
  try {
    return (await runMonitorVerb(store, { monitorPid, argv: ['read', root, file] })).readUInt32LE(0) !== NO_SUCH_FILE
  } catch (error) {
    if (error instanceof HostError && error.message.includes('larger than')) return true // a file, whatever is in it
    throw error
  }
}
