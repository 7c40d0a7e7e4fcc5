// `rename`: of containers at rest and running, in races, and killed half-way.

import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { lichenTest, test } from '../support/container-test.js'
import { waitFor } from '../support/wait-for.js'

// No name here may be the beginning of an id.
test('rename gives a container another name, and its old one to whoever wants it', async ({ lichen }) => {
  const id = await lichen.ok('create', '--name', 'one', 'box', 'true')
  expect(await lichen('rename', 'one', 'two')).toMatchObject({ code: 0, stdout: '' })
  expect(await lichen.ok('inspect', '--format', '{{.Id}} {{.Name}}', 'two')).toBe(`${id} two`)
  expect((await lichen('container', 'exists', 'one')).code).toBe(1)
  await lichen.ok('create', '--name', 'one', 'box', 'true')
  expect((await lichen('rename', 'one', 'two')).code).toBe(125)
  expect((await lichen('rename', 'two', 'two')).code).toBe(0)
  for (const name of ['-x', 'x y', '', '../a', 'x/y'])
    expect([name, (await lichen('rename', 'two', '--', name)).code]).toEqual([name, 125])
  expect((await lichen('rename', 'stranger', 'three')).code).toBe(125)
  expect((await lichen('rename', 'two')).code).toBe(125)
})

test('rename of a running container holds when it ends and is removed by itself', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--rm', '--name', 'one', '--stop-timeout', '0', 'box', 'sleep', '1000')
  await lichen.ok('rename', 'one', 'two')
  expect(await lichen.ok('ps', '--format', '{{.Names}}')).toBe('two')
  await lichen.ok('stop', 'two')
  await waitFor('an end of it', async () => (await lichen.ok('ps', '-aq')) === '')
  // both names are free, which the fixture checks as well
  await lichen.ok('create', '--name', 'one', 'box', 'true')
  await lichen.ok('create', '--name', 'two', 'box', 'true')
})

lichenTest('rename leaves one name of those that are given at the same time', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'one', 'box', 'true')
  const names = ['two', 'three', 'four', 'five']
  const results = await Promise.all([
    ...names.map((name) => lichen('rename', 'one', name)),
    ...names.map((name) => lichen('create', '--name', name, 'box', 'true')),
  ])
  for (const { code } of results) expect([0, 125]).toContain(code)
  // a name belongs to one container, and each container has exactly one
  const listed = (await lichen.ok('ps', '-a', '--format', '{{.Names}}')).split('\n').sort()
  expect(readdirSync(join(lichen.root, 'names')).sort()).toEqual(listed)
  expect(new Set(listed).size).toBe(listed.length)
})

lichenTest('rename beside start and rm leaves nothing behind', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'one', 'box', 'sleep', '1000')
  const started = await Promise.all([lichen('start', 'one'), lichen('rename', 'one', 'two')])
  expect(started[1]?.code).toBe(0)
  await lichen('start', 'two')
  const raced = await Promise.all([lichen('rm', '-f', '-t', '0', 'two'), lichen('rename', 'two', 'three')])
  expect(raced[0]?.code).toBe(0)
  await lichen('rm', '-f', '-t', '0', 'three')
  expect(readdirSync(join(lichen.root, 'containers'))).toEqual([])
})

lichenTest(
  'a rename that was killed half-way leaves the old name, and system check mends the rest',
  async ({ lichen }) => {
    const id = await lichen.ok('create', '--name', 'one', 'box', 'true')
    // what a kill after each of its steps leaves: a reservation by a process that is gone, and the file that the monitor reads
    writeFileSync(join(lichen.root, 'names/two'), `${id} 4194303 1\n`)
    writeFileSync(join(lichen.root, 'containers', id, 'name'), 'two\n')
    expect((await lichen('create', '--name', 'two', 'box', 'true')).code).toBe(125)
    expect(await lichen.ok('ps', '-a', '--format', '{{.Names}}')).toBe('one')
    expect((await lichen('system', 'check')).stdout).toContain('being renamed to two')
    await lichen.ok('system', 'check', '--repair')
    expect(existsSync(join(lichen.root, 'names/two'))).toBe(false)
    await lichen.ok('create', '--name', 'two', 'box', 'true')
    await lichen.ok('rename', 'one', 'three')
  },
)
