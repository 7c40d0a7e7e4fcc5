// Names: given, made up, in use, replaced; and ids short enough to type.

import { expect } from 'vitest'
import { test } from '../support/container-test.js'

test('create makes up a name of two words when none is said', async ({ lichen }) => {
  await lichen.ok('create', 'box', 'true')
  expect(await lichen.ok('ps', '-a', '--format', '{{.Names}}')).toMatch(/^[a-z]+_[a-z]+\d*$/)
})

test('run fails with 125 and says so when the name is in use', async ({ lichen }) => {
  const id = await lichen.ok('create', '--name', 'c', 'box', 'true')
  const result = await lichen('run', '--name', 'c', 'box', 'true')
  expect(result.code).toBe(125)
  expect(result.stderr).toMatch(/in use/)
  expect(result.stderr).toContain(id.slice(0, 12))
  expect(await lichen.ok('ps', '-aq', '--no-trunc')).toBe(id)
})

test('run replaces the container that has the name when --replace is said', async ({ lichen }) => {
  const id = await lichen.ok('run', '-d', '--name', 'c', 'box', 'sleep', '60')
  expect(await lichen.ok('run', '--replace', '--name', 'c', 'box', 'echo', 'new')).toMatch(/^(c\n)?new$/)
  const now = await lichen.ok('ps', '-aq', '--no-trunc')
  expect(now).toMatch(/^[0-9a-f]{64}$/)
  expect(now).not.toBe(id)
})

test('run fails with 125 when a name has a character that names may not have', async ({ lichen }) => {
  const result = await lichen('run', '--name', 'no/slash', 'box', 'true')
  expect(result.code).toBe(125)
})

test('a name is free again when its container is removed', async ({ lichen }) => {
  await lichen.ok('run', '--rm', '--name', 'c', 'box', 'true')
  await lichen.ok('run', '--name', 'c', 'box', 'true')
  await lichen.ok('rm', 'c')
  await lichen.ok('create', '--name', 'c', 'box', 'true')
})

test('a container is found by the start of its id when that is said', async ({ lichen }) => {
  const id = await lichen.ok('create', 'box', 'true')
  expect(await lichen.ok('rm', id.slice(0, 6))).toMatch(new RegExp(`^${id.slice(0, 6)}`))
})

test('each gets its own container when many are made under one name at once', async ({ lichen }) => {
  const results = await Promise.all(Array.from({ length: 6 }, () => lichen('create', '--name', 'c', 'box', 'true')))
  expect(results.map((result) => result.code).sort()).toEqual([0, 125, 125, 125, 125, 125])
  expect(await lichen.ok('ps', '-a', '--format', '{{.Names}}')).toBe('c')
})

test('every container runs and is removed when many run at once', async ({ lichen }) => {
  const results = await Promise.all(
    Array.from({ length: 8 }, (_, index) => lichen('run', '--rm', 'box', 'echo', String(index))),
  )
  expect(results.map((result) => result.stdout)).toEqual(Array.from({ length: 8 }, (_, index) => `${index}\n`))
  expect(await lichen.ok('ps', '-aq')).toBe('')
})
