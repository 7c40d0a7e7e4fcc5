// names/<name>: which container a name belongs to. Reserved by an atomic link, without a lock; a killed reserver's name is free again.
// Content: `<id> <pid> <start ticks>` of the container and of the process that reserved it.

import { linkSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { ConflictError, errorCode, UsageError } from '../model/errors.js'
import { readFileIfExists, temporaryName, writeFileAtomic } from '../platform/files.js'
import { withLock } from '../platform/lock.js'
import type { StorePaths } from '../platform/paths.js'
import { isSameProcess, readProcessStat } from '../platform/process-table.js'

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/

/** Throws UsageError for a name that podman would refuse too. */
export function checkName(name: string): void {
  if (NAME.test(name)) return
  throw new UsageError(`name container: "${name}": not a valid name`, {
    hint: 'letters, digits, and _ . - after the first one',
  })
}

/** Makes `name` belong to container `id`. Throws ConflictError when a container, or a living process that is making one, has it. */
export async function reserveName(paths: StorePaths, name: string, id: string): Promise<void> {
  checkName(name)
  const file = path.join(paths.names, name)
  const content = `${id} ${process.pid} ${readProcessStat(process.pid)?.startTicks ?? 0}\n`
  if (linkNew(file, content)) return
  refuseOwned(paths, name, file)
  // Left behind by a killed process: taken over under a lock, since two may find it at once.
  await withLock(file, () => {
    refuseOwned(paths, name, file)
    writeFileAtomic(file, content, { durable: false })
  })
}

/** Frees a name if it is still the container's. Idempotent. */
export function releaseName(paths: StorePaths, name: string, id: string): void {
  const file = path.join(paths.names, name)
  if (readOwner(file)?.id === id) rmSync(file, { force: true })
}

/** The same for a container whose record no longer tells its name. */
export function releaseNamesOf(paths: StorePaths, id: string): void {
  for (const name of readdirSync(paths.names)) releaseName(paths, name, id)
}

/** The id of the container with exactly this name, or undefined. */
export function findByName(paths: StorePaths, name: string): string | undefined {
  return NAME.test(name) ? readOwner(path.join(paths.names, name))?.id : undefined
}

/** All ids, of containers that have their record; unordered. */
export function listIds(paths: StorePaths): string[] {
  try {
    return readdirSync(paths.containers).filter((entry) => /^[0-9a-f]{64}$/.test(entry))
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw error
  }
}

function linkNew(file: string, content: string): boolean {
  const temporary = temporaryName(file)
  writeFileSync(temporary, content, { mode: 0o600, flag: 'wx' })
  try {
    linkSync(temporary, file)
    return true
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    throw error
  } finally {
    rmSync(temporary, { force: true })
  }
}

function refuseOwned(paths: StorePaths, name: string, file: string): void {
  const owner = readOwner(file)
  if (owner === undefined) return
  const recorded = readFileIfExists(path.join(paths.containers, owner.id, 'record.json'))
  if (recorded === undefined && !isSameProcess(owner.pid, owner.startTicks)) return
  throw new ConflictError(
    `create container: the name "${name}" is already in use by container ${owner.id.slice(0, 12)}`,
    {
      hint: `remove it with \`lichen rm ${name}\`, take another name, or add --replace`,
    },
  )
}

function readOwner(file: string): { id: string; pid: number; startTicks: number } | undefined {
  const match = /^([0-9a-f]{64}) (\d+) (\d+)$/m.exec(readFileIfExists(file) ?? '')
  if (match === null) return undefined
  return { id: match[1] ?? '', pid: Number(match[2]), startTicks: Number(match[3]) }
}
