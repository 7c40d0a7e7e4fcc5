// The one way to change a record that is there: read, change, write, under the container's own lock. Durable like the record was made.

import path from 'node:path'
import type { ContainerRecord } from '../model/container.js'
import { ConflictError, errorCode } from '../model/errors.js'
import { writeFileAtomic } from '../platform/files.js'
import { withLock } from '../platform/lock.js'
import type { StorePaths } from '../platform/paths.js'
import { writeEventText } from './event-text.js'
import { containerDir, readRecord } from './records.js'

/**
 * Gives `change` the record as it is now, which may have been changed since the caller read it, and writes what it returns; the id stays.
 * Whatever `change` throws leaves the record alone. Throws ConflictError when the container was removed meanwhile.
 * The lock lies beside the container's directory: that may be renamed away at any moment.
 */
export async function changeRecord(
  paths: StorePaths,
  id: string,
  change: (record: ContainerRecord) => Promise<ContainerRecord> | ContainerRecord,
): Promise<ContainerRecord> {
  const dir = containerDir(paths, id)
  return await withLock(dir, async () => {
    const record = readRecord(paths, id)
    if (record === undefined) throw wasRemoved(id)
    const changed = { ...(await change(record)), id }
    try {
      writeRecord(dir, changed)
      writeEventText(dir, changed)
    } catch (cause) {
      throw errorCode(cause) === 'ENOENT' ? wasRemoved(id, cause) : cause
    }
    return changed
  })
}

/** One that is removed at its end does not outlive this boot, nor do its changes. */
function writeRecord(dir: string, record: ContainerRecord): void {
  const text = `${JSON.stringify(record, undefined, 1)}\n`
  writeFileAtomic(path.join(dir, 'record.json'), text, { durable: !record.removeOnExit })
}

const wasRemoved = (id: string, cause?: unknown): ConflictError =>
  new ConflictError(`change container: ${id.slice(0, 12)}: it was removed by another process`, { cause })
