// The part of `system check` about containers: their records and reports, and their names. Damaged records are set aside with everything
// that is the container's, never removed: its files may be all that somebody has.

import { existsSync } from 'node:fs'
import path from 'node:path'
import type { ContainerRecord, ExitReport, MonitorReport } from '../model/container.js'
import { BadInputError, ConflictError } from '../model/errors.js'
import { readFileIfExists, writeFileAtomic } from '../platform/files.js'
import { isHeldByFlock } from '../platform/lock.js'
import { setAside } from '../platform/set-aside.js'
import { makeStagingDir } from '../platform/staging.js'
import { hasRuntimeState } from '../runtime/leftover-state.js'
import { findLostNames, removeLostName } from '../state/lost-names.js'
import { findByName, listIds, readNameFile, releaseName, releaseNamesOf, reserveName } from '../state/names.js'
import { containerDir, readOwnJson, readRecord } from '../state/records.js'
import { listRuns } from '../state/views.js'
import { removeTree } from '../storage/trash.js'
import { type Check, settle, settleNow } from './check.js'

export async function checkContainers(check: Check): Promise<void> {
  const { paths } = check.store
  for (const id of listIds(paths)) {
    check.counts.containers++
    const record = await checkRecord(check, id)
    if (record === undefined) continue
    await checkReports(check, record)
    await checkNameFile(check, record)
    await checkName(check, record)
  }
  for (const { name, because } of findLostNames(paths)) {
    await settle(check, { object: `name ${name}`, problems: [because] }, async () => {
      await removeLostName(paths, name)
      return 'removed'
    })
  }
}

/** undefined: there is none that can be read. */
async function checkRecord(check: Check, id: string): Promise<ContainerRecord | undefined> {
  const { paths } = check.store
  const dir = containerDir(paths, id)
  const file = path.join(dir, 'record.json')
  const { record, problem } = attempt(() => readRecord(paths, id))
  const isOdd = record === undefined ? existsSync(dir) : !isWhole(record)
  if (problem === undefined && !isOdd) return record // or removed just now
  const told = problem ?? (record === undefined ? 'its record is missing' : 'its record lacks what every record has')
  await settleNow(check, { object: `container ${id.slice(0, 12)}`, problems: [told] }, () => {
    refuseForeign(file)
    if (isHeldByFlock(dir) || hasRuntimeState(check.store, id))
      throw new ConflictError('it still runs', { hint: `lichen rm -f ${id.slice(0, 12)} ends and removes it` })
    const aside = setAside(paths, dir)
    releaseNamesOf(paths, id)
    return `set aside as ${aside}`
  })
  return undefined
}

function isWhole({ name, createdAt, plan }: ContainerRecord): boolean {
  const { layers, image, mounts, process } = plan
  return (
    typeof name === 'string' &&
    !Number.isNaN(Date.parse(createdAt)) &&
    typeof image?.id === 'string' &&
    [layers, mounts, process?.args].every(Array.isArray)
  )
}

/** monitor.json and exit.json of every start. */
async function checkReports(check: Check, { id, name }: ContainerRecord): Promise<void> {
  const { paths } = check.store
  const runs = path.join(containerDir(paths, id), 'runs')
  for (const number of listRuns(runs)) {
    for (const report of ['monitor.json', 'exit.json']) {
      const file = path.join(runs, String(number), report)
      const { problem } = attempt(() => readOwnJson<MonitorReport | ExitReport>(id, file))
      if (problem === undefined) continue
      await settleNow(check, { object: `container ${name}`, problems: [problem] }, () => {
        refuseForeign(file)
        if (isHeldByFlock(containerDir(paths, id)))
          throw new ConflictError('it still runs', { hint: `lichen rm -f ${name} ends and removes it` })
        return `set aside as ${setAside(paths, file)}; how that start ended is not known`
      })
    }
  }
}

/** A rename that was killed half-way: the record says which name it is. */
async function checkNameFile(check: Check, { id, name }: ContainerRecord): Promise<void> {
  const { paths } = check.store
  const kept = readNameFile(paths, id)
  if (kept === undefined || kept === name) return
  const trouble = { object: `container ${name}`, problems: [`it was being renamed to ${kept}`] }
  await settleNow(check, trouble, () => {
    writeFileAtomic(path.join(containerDir(paths, id), 'name'), `${name}\n`, { durable: true })
    releaseName(paths, kept, id)
    return 'it keeps its name'
  })
}

async function checkName(check: Check, { id, name }: ContainerRecord): Promise<void> {
  const { store } = check
  if (findByName(store.paths, name) === id || !existsSync(containerDir(store.paths, id))) return
  const trouble = { object: `container ${name}`, problems: ['its name is not kept for it'] }
  await settle(check, trouble, async () => {
    const staged = makeStagingDir(store.paths)
    try {
      await reserveName(store.paths, { name, id, staged })
      return 'kept for it again'
    } finally {
      await removeTree(store, staged)
    }
  })
}

function attempt<T>(read: () => T): { readonly record?: T; readonly problem?: string } {
  try {
    return { record: read() }
  } catch (error) {
    if (!(error instanceof BadInputError)) throw error
    return { problem: error.message.replace(/^read: \S*\/(?=[^/]+: )/, '') }
  }
}

/** What another version has written is not damaged. */
export function refuseForeign(file: string): void {
  const schema = /"schema"\s*:\s*(\d+)/.exec(readFileIfExists(file) ?? '')?.[1]
  if (schema !== undefined && schema !== '1')
    throw new ConflictError(`it is of schema ${schema}, from another version of lichen, and left alone`)
}
