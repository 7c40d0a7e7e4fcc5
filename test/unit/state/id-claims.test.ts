// Ids that containers with --userns auto were given: nobody else's, whatever became of the file that says so in between.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ContainerRecord } from '../../../src/model/container.js'
import { readHostFacts } from '../../../src/platform/host-facts.js'
import { ensureStore, type StorePaths, storePaths } from '../../../src/platform/paths.js'
import { type ClaimedIds, claimIds } from '../../../src/state/id-claims.js'
import { createRecord } from '../../../src/state/records.js'

let root: string
let paths: StorePaths
const ID = 'a'.repeat(64)
const TAKEN = { start: 1, count: 1024 }

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'lichen-claims-'))
  paths = storePaths(readHostFacts(), { root: path.join(root, 'root'), runroot: path.join(root, 'run') })
  ensureStore(paths)
})
afterEach(() => rmSync(root, { recursive: true }))

const file = () => path.join(paths.root, 'auto-userns.json')

/** What the next one is told to be taken. */
async function taken(): Promise<readonly ClaimedIds[]> {
  let told: readonly ClaimedIds[] = []
  await claimIds(paths, 'b'.repeat(64), (claimed) => {
    told = claimed
    return { uids: [], gids: [] }
  })
  return told
}

test.each([
  ['is gone', () => rmSync(file(), { force: true })],
  ['is empty', () => writeFileSync(file(), '')],
  ['is damaged', () => writeFileSync(file(), '{"sch')],
])('claimIds knows the ids of containers from their records when its file %s', async (_what, harm) => {
  const map = [{ containerId: 0, parentId: TAKEN.start, count: TAKEN.count }]
  const userns = { mode: 'mapped', by: 'auto', uidMap: map, gidMap: map }
  const plan = { image: { id: 'i', name: 'img' }, labels: {}, userns }
  const record = { schema: 1, id: ID, name: 'a', createdAt: '2026-01-01T00:00:00Z', removeOnExit: false, plan }
  await createRecord(paths, record as unknown as ContainerRecord, { durable: false })
  harm()
  expect(await taken()).toEqual([{ uids: [TAKEN], gids: [TAKEN] }])
})

test('claimIds keeps a claim while its maker lives, and forgets that of one that was killed', async () => {
  await claimIds(paths, ID, () => ({ uids: [TAKEN], gids: [] }))
  expect(await taken()).toMatchObject([{ uids: [TAKEN] }])
  const killed = { id: ID, pid: 4194304, startTicks: 1, uids: [TAKEN], gids: [] }
  writeFileSync(file(), JSON.stringify({ schema: 1, claims: [killed] }))
  expect(await taken()).toEqual([])
})
