// The rarer flags of the verbs that list, clean and freeze: what --external, --sync, --watch, --no-reset, --dry-run and --rmi change.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { lichenTest, lichenTestWhere, test } from '../support/container-test.js'
import { hasCgroup2, isRoot } from '../support/facts.js'

const frozenTest = lichenTestWhere(isRoot || hasCgroup2)
const SLEEPER = ['--stop-timeout', '0', 'box', 'sleep', '1000']

test('ps leaves its headings out, and lists the same with --sync, --pod and --external', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'made', 'box', 'true')
  const [headings = '', row] = (await lichen.ok('ps', '--all')).split('\n')
  expect(headings).toContain('CONTAINER ID')
  expect(row).toContain('made')
  expect((await lichen.ok('ps', '--all', '--noheading')).split('\n')).toEqual([expect.stringContaining('made')])
  for (const flag of ['--sync', '--external'])
    expect([flag, await lichen.ok('ps', '--all', flag, '--format', '{{.Names}}')]).toEqual([flag, 'made'])
  expect((await lichen.ok('ps', '--all', '--pod')).split('\n')[0]).toMatch(/NAMES +POD ID +PODNAME$/)
})

test('ps --watch shows the list again until it is interrupted', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'made', 'box', 'true')
  const watching = lichen.start('ps', '--all', '--watch', '1')
  await watching.expectOutput(/made.*made/s)
  watching.kill('SIGINT')
  await watching.ended
  expect(await lichen.ok('ps', '--all', '--watch', '0', '--format', '{{.Names}}')).toBe('made')
})

// podman shows no figures of a container without a control group, as they are on the machines the tests run on
lichenTest('stats --no-reset prints one round below the other', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'web', ...SLEEPER)
  const terminal = lichen.terminal(['stats', '--no-reset', '--interval', '1', '--format', 'round {{.Name}}', 'web'])
  await terminal.expect('round web')
  await terminal.expect('round web')
  terminal.press('\u0003')
  expect((await terminal.exit()).screen).not.toContain('\u001b[2J')
})

lichenTest('container prune --dry-run says what would go, and nothing goes', async ({ lichen }) => {
  const id = await lichen.ok('create', '--name', 'made', 'box', 'true')
  expect(await lichen.ok('container', 'prune', '--dry-run')).toBe(id)
  expect(await lichen.ok('ps', '--all', '--format', '{{.Names}}')).toBe('made')
})

test('container cleanup --rmi removes the name of the image, too, and with its last name the image', async ({
  lichen,
}) => {
  await lichen.ok('tag', 'box', 'other')
  await lichen('run', '--name', 'a', 'other', 'true')
  await lichen.ok('create', '--name', 'b', 'box', 'true')
  expect(await lichen.ok('container', 'cleanup', '--rm', '--rmi', 'a')).toBe('a')
  expect((await lichen('container', 'exists', 'a')).code).toBe(1)
  expect(await lichen.ok('images', '--format', '{{.Repository}}')).toBe('localhost/box')
  expect(await lichen.ok('container', 'cleanup', '--rm', '--rmi', 'b')).toBe('b')
  expect((await lichen('image', 'exists', 'box')).code).toBe(1)
})

frozenTest('pause and unpause take --filter, --cidfile and --latest', async ({ lichen }) => {
  const id = await lichen.ok('run', '-d', '--name', 'a', '--label', 'kind=x', ...SLEEPER)
  const newest = await lichen.ok('run', '-d', '--name', 'b', ...SLEEPER)
  const file = join(lichen.directory, 'id')
  writeFileSync(file, id)
  const paused = () => lichen.ok('ps', '--filter', 'status=paused', '--format', '{{.Names}}')
  for (const [flags, name, shown] of [
    [['--filter', 'label=kind=x'], 'a', id],
    [['--cidfile', file], 'a', id],
    [['--latest'], 'b', newest],
  ] as const) {
    expect([flags, await lichen.ok('pause', ...flags), await paused()]).toEqual([flags, shown, name])
    expect([flags, await lichen.ok('unpause', ...flags), await paused()]).toEqual([flags, shown, ''])
  }
})
