// `rename`: another name for a container, whether it runs or not. Killed at any point it leaves the container under one of the two names,
// and the other one free.

import { rmSync } from 'node:fs'
import path from 'node:path'
import type { ContainerRecord } from '../model/container.js'
import { ConflictError } from '../model/errors.js'
import { writeFileAtomic } from '../platform/files.js'
import { makeStagingDir } from '../platform/staging.js'
import type { Store } from '../platform/store.js'
import { changeRecord } from '../state/change-record.js'
import { writeEventText } from '../state/event-text.js'
import { appendContainerEvent } from '../state/events.js'
import { checkName, findByName, releaseName, releaseReservation, reserveName } from '../state/names.js'
import { containerDir } from '../state/records.js'
import { findContainer } from './find.js'

/**
 * Throws UsageError for what is no name, ConflictError when another container has it. The new name is reserved before the record changes
 * and the old one given back after it; the file `name`, which the monitor reads to free a name, changes in between.
 */
export async function renameContainer(store: Store, container: string, name: string): Promise<void> {
  checkName(name)
  const { paths } = store
  const { record } = await findContainer(store, container)
  if (record.name === name) return
  const staged = makeStagingDir(paths)
  let oldName: string | undefined
  try {
    await reserve(store, record, { name, staged })
    await changeRecord(paths, record.id, (current) => {
      oldName = current.name
      writeFileAtomic(path.join(containerDir(paths, record.id), 'name'), `${name}\n`, {
        durable: !current.removeOnExit,
      })
      const changed = { ...current, name }
      writeEventText(containerDir(paths, record.id), changed)
      return changed
    })
  } catch (error) {
    releaseReservation(paths, name, record.id)
    throw error
  } finally {
    rmSync(staged, { recursive: true, force: true })
  }
  if (oldName !== undefined && oldName !== name) releaseName(paths, oldName, record.id)
  appendContainerEvent(paths, { ...record, name }, 'rename')
}

async function reserve(
  { paths }: Store,
  { id, name: from }: ContainerRecord,
  { name, staged }: { readonly name: string; readonly staged: string },
): Promise<void> {
  try {
    await reserveName(paths, { name, id, staged })
  } catch (cause) {
    throw cause instanceof ConflictError && findByName(paths, name) !== undefined ? nameTaken(from, name, cause) : cause
  }
}

const nameTaken = (from: string, to: string, cause: ConflictError): ConflictError =>
  new ConflictError(`rename container: ${from}: the name "${to}" is already in use`, {
    cause,
    hint: `\`lichen ps -a --filter name=${to}\` shows by whom`,
  })
