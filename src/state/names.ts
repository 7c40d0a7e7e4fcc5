// names/<name>: which container a name belongs to. Reserved by an atomic link, without a lock; a killed reserver's name is free again.
// Content: `<id> <pid> <start ticks>` of the container and of the process that reserved it.

import { linkSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { ConflictError, errorCode, UsageError } from '../model/errors.js'
import { readFileIfExists } from '../platform/files.js'
import { withLock } from '../platform/lock.js'
import type { StorePaths } from '../platform/paths.js'
import { isSameProcess, readProcessStat } from '../platform/process-table.js'

export const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/

/** Throws UsageError for a name that podman would refuse too. */
export function checkName(name: string): void {
  if (NAME.test(name)) return
  throw new UsageError(`name container: "${name}": not a valid name`, {
    hint: 'letters, digits, and _ . - after the first one',
  })
}

export interface Reservation {
  readonly name: string
  readonly id: string
  /** A directory of the caller's own below staging/: what a kill leaves there is swept. */
  readonly staged: string
}

/** Makes the (checked) name belong to the container. Throws ConflictError when a container, or a living process that is making one, has it. */
export async function reserveName(paths: StorePaths, { name, id, staged }: Reservation): Promise<void> {
  const file = path.join(paths.names, name)
  const fresh = path.join(staged, 'name')
  writeFileSync(fresh, `${id} ${process.pid} ${readProcessStat(process.pid)?.startTicks ?? 0}\n`, { mode: 0o600 })
  try {
    if (linkNew(fresh, file)) return
    refuseOwned(paths, { name, id }, file)
    // Left behind by a killed process: taken over under a lock, since two may find it at once.
    await withLock(file, () => {
      refuseOwned(paths, { name, id }, file)
      renameSync(fresh, file)
    })
  } finally {
    rmSync(fresh, { force: true })
  }
}

/** Frees a name if it is still the container's. Idempotent. */
export function releaseName(paths: StorePaths, name: string, id: string): void {
  const file = path.join(paths.names, name)
  if (readOwner(file)?.id === id) rmSync(file, { force: true })
}

/** Of what this process reserved, if it did not become the container's name. */
export function releaseReservation(paths: StorePaths, name: string, id: string): void {
  if (readOwner(path.join(paths.names, name))?.pid === process.pid && !isNameOf(paths, name, id))
    releaseName(paths, name, id)
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

function linkNew(fresh: string, file: string): boolean {
  try {
    linkSync(fresh, file)
    return true
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    throw error
  }
}

/** One's own is taken over, too: a rename may have been killed half-way. */
function refuseOwned(paths: StorePaths, { name, id }: Omit<Reservation, 'staged'>, file: string): void {
  const owner = readOwner(file)
  if (owner === undefined || owner.id === id) return
  if (!isNameOf(paths, name, owner.id) && !isSameProcess(owner.pid, owner.startTicks)) return
  throw new ConflictError(
    `create container: the name "${name}" is already in use by container ${owner.id.slice(0, 12)}`,
    {
      hint: `remove it with \`lichen rm ${name}\`, take another name, or add --replace`,
    },
  )
}

/**
 * Whether the container calls itself so, in its record or in the file that its monitor reads: a rename that was killed between the two keeps
 * both names for it. A record that cannot be read may say anything.
 */
export function isNameOf(paths: StorePaths, name: string, id: string): boolean {
  const dir = path.join(paths.containers, id)
  const recorded = readFileIfExists(path.join(dir, 'record.json'))
  if (recorded === undefined) return false
  const current = readName(recorded)
  return current === name || current === undefined || readNameFile(paths, id) === name
}

function readName(recorded: string): string | undefined {
  try {
    return (JSON.parse(recorded) as { name?: string }).name
  } catch {
    return undefined
  }
}

/** What the container's monitor frees at the end of a container that is removed then. */
export function readNameFile(paths: StorePaths, id: string): string | undefined {
  return readFileIfExists(path.join(paths.containers, id, 'name'))?.trim()
}

/** Of the file of a name; undefined: it says nothing we understand. */
export function readOwner(file: string): { id: string; pid: number; startTicks: number } | undefined {
  const match = /^([0-9a-f]{64}) (\d+) (\d+)$/m.exec(readFileIfExists(file) ?? '')
  if (match === null) return undefined
  return { id: match[1] ?? '', pid: Number(match[2]), startTicks: Number(match[3]) }
}
