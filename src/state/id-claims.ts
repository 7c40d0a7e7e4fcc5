// ROOT/auto-userns.json: which ids a container that is just being made has been given, so that no two are given the same. Afterwards its record
// says so, and is believed whatever became of this file. A claim whose process has ended without a container is void.

import { existsSync } from 'node:fs'
import path from 'node:path'
import type { ContainerPlan } from '../model/container.js'
import { BadInputError } from '../model/errors.js'
import type { IdMapping } from '../model/isolation.js'
import { readJson, writeFileAtomic } from '../platform/files.js'
import { withLock } from '../platform/lock.js'
import type { StorePaths } from '../platform/paths.js'
import { isSameProcess, readProcessStat } from '../platform/process-table.js'
import { containerDir, listRecords } from './records.js'

export interface IdRun {
  readonly start: number
  readonly count: number
}

export interface ClaimedIds {
  readonly uids: readonly IdRun[]
  readonly gids: readonly IdRun[]
}

interface Claim extends ClaimedIds {
  readonly id: string
  readonly pid: number
  readonly startTicks: number
}

interface ClaimFile {
  readonly schema: 1
  readonly claims: readonly Claim[]
}

/** `choose` is told what others have claimed and decides what this container takes; nobody else chooses meanwhile. */
export async function claimIds<T extends ClaimedIds>(
  paths: StorePaths,
  id: string,
  choose: (claimed: readonly ClaimedIds[]) => T,
): Promise<T> {
  const file = path.join(paths.root, 'auto-userns.json')
  return await withLock(file, () => {
    const claims = readClaims(file).filter((claim) => isValid(paths, claim))
    const chosen = choose([...claims, ...listRecords(paths, () => undefined).flatMap(({ plan }) => recordedIds(plan))])
    const startTicks = readProcessStat(process.pid)?.startTicks ?? 0
    const claim: Claim = { id, pid: process.pid, startTicks, uids: chosen.uids, gids: chosen.gids }
    const next: ClaimFile = { schema: 1, claims: [...claims, claim] }
    writeFileAtomic(file, `${JSON.stringify(next)}\n`, { durable: false })
    return chosen
  })
}

/** A file that is damaged tells nothing. */
function readClaims(file: string): readonly Claim[] {
  try {
    return readJson<ClaimFile>(file)?.claims ?? []
  } catch (error) {
    if (error instanceof BadInputError) return []
    throw error
  }
}

function recordedIds({ userns }: ContainerPlan): ClaimedIds[] {
  if (userns.mode !== 'mapped' || userns.by !== 'auto') return []
  const toRuns = (map: readonly IdMapping[]) => map.map(({ parentId, count }) => ({ start: parentId, count }))
  return [{ uids: toRuns(userns.uidMap), gids: toRuns(userns.gidMap) }]
}

/** One that has become a container stays until that is removed: its record may be damaged. */
function isValid(paths: StorePaths, { id, pid, startTicks }: Claim): boolean {
  return existsSync(containerDir(paths, id)) || isSameProcess(pid, startTicks)
}
