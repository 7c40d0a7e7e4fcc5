import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { NotFoundError, UsageError } from '../../../src/model/errors.js'
import { openStore, type Store } from '../../../src/platform/store.js'
import { volumeMount } from '../../../src/storage/volume-mount.js'
import {
  ensureVolume,
  findVolume,
  listVolumes,
  lookUpVolume,
  newAnonymousName,
  publishVolume,
  readVolume,
  removeUnusedVolume,
  stageVolume,
  volumeDataPath,
} from '../../../src/storage/volumes.js'

function makeStore(): Store {
  const directory = mkdtempSync(join(tmpdir(), 'lichen-volumes-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return openStore({ root: join(directory, 'root'), runroot: join(directory, 'run') })
}

test('ensureVolume() makes a volume once and returns its data directory', () => {
  const store = makeStore()
  const data = ensureVolume(store, 'mine', { anonymous: false, labels: { a: 'b' } })
  expect(statSync(data).mode & 0o7777).toBe(0o755)
  const made = findVolume(store.paths, 'mine')
  expect(made).toMatchObject({ schema: 1, name: 'mine', anonymous: false, labels: { a: 'b' } })
  expect(ensureVolume(store, 'mine', { anonymous: true })).toBe(data)
  expect(findVolume(store.paths, 'mine')).toEqual(made)
  expect(readdirSync(store.paths.staging)).toEqual([])
})

test('ensureVolume() refuses names that could be paths', () => {
  const store = makeStore()
  for (const name of ['..', '.hidden', 'a/b', '', 'a b', '-x', 'x'.repeat(256)])
    expect(() => ensureVolume(store, name, { anonymous: false })).toThrow(UsageError)
})

test('listVolumes() lists by name; findVolume() of a stranger is a NotFoundError', () => {
  const store = makeStore()
  const anonymous = newAnonymousName()
  for (const name of ['b', 'a', anonymous]) ensureVolume(store, name, { anonymous: name === anonymous })
  expect(listVolumes(store.paths).map(({ name }) => name)).toEqual(['a', 'b', anonymous].sort())
  expect(() => findVolume(store.paths, 'nobody')).toThrow(NotFoundError)
  expect(() => findVolume(store.paths, '../images')).toThrow(NotFoundError)
})

test('lookUpVolume() takes the beginning of a name when no other begins so', () => {
  const store = makeStore()
  for (const name of ['data', 'data2', 'web']) ensureVolume(store, name, { anonymous: false })
  expect(lookUpVolume(store.paths, 'w').name).toBe('web')
  expect(lookUpVolume(store.paths, 'data').name).toBe('data')
  expect(() => lookUpVolume(store.paths, 'dat')).toThrow(UsageError)
  for (const text of ['', 'x', '../volumes/web']) expect(() => lookUpVolume(store.paths, text)).toThrow(NotFoundError)
})

test('publishVolume() keeps the one that was there first', () => {
  const store = makeStore()
  const first = {
    schema: 1,
    name: 'v',
    createdAt: '',
    anonymous: false,
    labels: {},
    driver: 'local',
    options: {},
  } as const
  expect(publishVolume(store, stageVolume(store), first)).toBe(true)
  const second = stageVolume(store)
  expect(publishVolume(store, second, { ...first, labels: { second: '' } })).toBe(false)
  expect(findVolume(store.paths, 'v')).toEqual(first)
  rmSync(second, { recursive: true })
})

test('readVolume() takes a record of an older version for a local volume without options', () => {
  const store = makeStore()
  const record = { schema: 1, name: 'old', createdAt: '2026-01-01T00:00:00Z', anonymous: true, labels: { a: 'b' } }
  ensureVolume(store, 'old', { anonymous: true })
  writeFileSync(join(store.paths.volumes, 'old/volume.json'), JSON.stringify(record))
  expect(readVolume(store.paths, 'old')).toEqual({ ...record, driver: 'local', options: {} })
  expect(volumeMount(store.paths, findVolume(store.paths, 'old'))).toEqual({
    type: 'bind',
    source: volumeDataPath(store.paths, 'old'),
    options: ['rbind'],
    isOwn: true,
    copyUp: true,
    owner: {},
  })
})

test('removeUnusedVolume() puts a volume back for whoever began to use it while it was out of sight', async () => {
  const store = makeStore()
  const data = ensureVolume(store, 'v', { anonymous: false })
  writeFileSync(join(data, 'file'), 'kept')
  const answers = [false, true]
  expect(await removeUnusedVolume(store, 'v', () => answers.shift() ?? true)).toBe(false)
  expect(existsSync(join(data, 'file'))).toBe(true)
  expect(await removeUnusedVolume(store, 'v', () => true)).toBe(false)
  expect(existsSync(join(data, 'file'))).toBe(true)
})

test('removeUnusedVolume() removes the old one when a new one is in its place already', async () => {
  const store = makeStore()
  writeFileSync(join(ensureVolume(store, 'v', { anonymous: false }), 'file'), 'old')
  const answers = [() => false, () => ensureVolume(store, 'v', { anonymous: false }) !== '']
  expect(await removeUnusedVolume(store, 'v', () => answers.shift()?.() ?? true)).toBe(true)
  expect(readdirSync(volumeDataPath(store.paths, 'v'))).toEqual([])
  expect(readdirSync(store.paths.trash)).toEqual([])
})
