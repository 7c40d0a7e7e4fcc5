// Names that lead to no container: a kill between a container's removal and its name's leaves one. Whoever wants such a name gets it anyway
// (names.ts), so they only take up space and the eye.

import { readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { BadInputError } from '../model/errors.js'
import { withLock } from '../platform/lock.js'
import type { StorePaths } from '../platform/paths.js'
import { isSameProcess } from '../platform/process-table.js'
import { isNameOf, NAME, readOwner } from './names.js'
import { readRecord } from './records.js'

export interface LostName {
  readonly name: string
  readonly because: string
}

export function findLostNames(paths: StorePaths): LostName[] {
  return readdirSync(paths.names)
    .filter((name) => NAME.test(name) && !name.endsWith('.lock'))
    .flatMap((name) => {
      const because = whyLost(paths, name)
      return because === undefined ? [] : [{ name, because }]
    })
}

/** Under the lock that a new owner takes it over with. Idempotent. */
export async function removeLostName(paths: StorePaths, name: string): Promise<void> {
  const file = path.join(paths.names, name)
  await withLock(file, () => {
    if (whyLost(paths, name) !== undefined) rmSync(file, { force: true })
  })
}

function whyLost(paths: StorePaths, name: string): string | undefined {
  const owner = readOwner(path.join(paths.names, name))
  if (owner === undefined) return 'does not say whose it is'
  try {
    const record = readRecord(paths, owner.id)
    if (record !== undefined)
      return isNameOf(paths, name, owner.id) || isSameProcess(owner.pid, owner.startTicks)
        ? undefined
        : `leads to container ${owner.id.slice(0, 12)}, which is called ${record.name}`
  } catch (error) {
    if (error instanceof BadInputError) return undefined // its container is there, and damaged
    throw error
  }
  return isSameProcess(owner.pid, owner.startTicks)
    ? undefined
    : `leads to container ${owner.id.slice(0, 12)}, which does not exist`
}
