import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { NotFoundError, UsageError } from '../../../src/model/errors.js'
import { openStore, type Store } from '../../../src/platform/store.js'
import { ensureVolume, findVolume, listVolumes, newAnonymousName } from '../../../src/storage/volumes.js'

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
