// Changing records: one after the other, whole or not at all; and whose a name is while a rename is under way.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ContainerRecord } from '../../../src/model/container.js'
import { ConflictError } from '../../../src/model/errors.js'
import { readHostFacts } from '../../../src/platform/host-facts.js'
import { ensureStore, type StorePaths, storePaths } from '../../../src/platform/paths.js'
import { changeRecord } from '../../../src/state/change-record.js'
import { findLostNames } from '../../../src/state/lost-names.js'
import { findByName, releaseReservation, reserveName } from '../../../src/state/names.js'
import { containerDir, createRecord, findId, readRecord } from '../../../src/state/records.js'

let root: string
let paths: StorePaths
const ID = 'a'.repeat(64)
const PLAN = { image: { id: 'i', name: 'img' }, labels: {} }
/** No process has this pid, and none will. */
const GONE = '4194304 1'

beforeEach(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'lichen-state-'))
  paths = storePaths(readHostFacts(), { root: path.join(root, 'root'), runroot: path.join(root, 'run') })
  ensureStore(paths)
  const record = { schema: 1, id: ID, name: 'a', createdAt: '2026-01-01T00:00:00Z', removeOnExit: false, plan: PLAN }
  await createRecord(paths, record as unknown as ContainerRecord, { durable: true })
  writeFileSync(path.join(paths.names, 'a'), `${ID} ${GONE}\n`)
})
afterEach(() => rmSync(root, { recursive: true }))

const reserve = async (name: string) => await reserveName(paths, { name, id: 'b'.repeat(64), staged: paths.staging })

test('changeRecord loses no change of many at once', async () => {
  const append = async (record: ContainerRecord) => ({ ...record, name: `${record.name}x` })
  await Promise.all(Array.from({ length: 8 }, () => changeRecord(paths, ID, append)))
  expect(readRecord(paths, ID)?.name).toBe(`a${'x'.repeat(8)}`)
  expect(readdirSync(paths.containers)).toEqual([ID])
})

test('changeRecord leaves the record alone when the change throws', async () => {
  const file = path.join(containerDir(paths, ID), 'record.json')
  const before = readFileSync(file, 'utf8')
  const refuse = () => {
    throw new Error('no')
  }
  await expect(changeRecord(paths, ID, refuse)).rejects.toThrow('no')
  expect(readFileSync(file, 'utf8')).toBe(before)
})

test('changeRecord throws ConflictError and makes nothing when the container goes before or meanwhile', async () => {
  const vanish = (record: ContainerRecord) => {
    rmSync(containerDir(paths, ID), { recursive: true })
    return record
  }
  await expect(changeRecord(paths, ID, vanish)).rejects.toThrow(ConflictError)
  await expect(changeRecord(paths, ID, (record) => record)).rejects.toThrow(ConflictError)
  expect(readdirSync(paths.containers)).toEqual([])
})

test('a name is the container’s as long as its record or the file for its monitor says so', async () => {
  await expect(reserve('a')).rejects.toThrow(ConflictError)
  // killed after the reservation of b
  writeFileSync(path.join(paths.names, 'b'), `${ID} ${GONE}\n`)
  expect(findLostNames(paths).map(({ name }) => name)).toEqual(['b'])
  // killed after the file: its monitor would free b
  writeFileSync(path.join(containerDir(paths, ID), 'name'), 'b\n')
  expect(findLostNames(paths)).toEqual([])
  await expect(reserve('b')).rejects.toThrow(ConflictError)
  // killed after the record: a is anybody's
  await changeRecord(paths, ID, (record) => ({ ...record, name: 'b' }))
  expect(findLostNames(paths).map(({ name }) => name)).toEqual(['a'])
  await reserve('a')
  expect(readFileSync(path.join(paths.names, 'a'), 'utf8')).toContain('b'.repeat(64))
})

test('findId passes over the old name of a container that was renamed, which a kill has left behind', () => {
  writeFileSync(path.join(paths.names, 'old'), `${ID} ${GONE}\n`)
  expect(findId(paths, 'a')).toBe(ID)
  expect(findId(paths, 'old')).toBeUndefined()
  writeFileSync(path.join(containerDir(paths, ID), 'record.json'), '{"half')
  expect(findId(paths, 'old')).toBe(ID) // it may be called so
})

test('reserveName takes over what a killed rename reserved for the same container', async () => {
  writeFileSync(path.join(paths.names, 'next'), `${ID} ${GONE}\n`)
  writeFileSync(path.join(containerDir(paths, ID), 'name'), 'next\n')
  await expect(reserve('next')).rejects.toThrow(ConflictError)
  await reserveName(paths, { name: 'next', id: ID, staged: paths.staging })
  expect(readFileSync(path.join(paths.names, 'next'), 'utf8')).toMatch(`${ID} ${process.pid} `)
  releaseReservation(paths, 'next', ID) // it is the container's already, by the file that its monitor reads
  expect(findByName(paths, 'next')).toBe(ID)
})
