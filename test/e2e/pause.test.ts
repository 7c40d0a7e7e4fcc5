// pause and unpause: the kernel's freezer where a container has a group of its own, a plain word where it has none.

import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { lichenTest, lichenTestWhere } from '../support/container-test.js'
import { hasCgroup2, isRoot } from '../support/facts.js'
import type { Lichen } from '../support/lichen.js'
import { waitFor } from '../support/wait-for.js'

const frozenTest = lichenTestWhere(isRoot || hasCgroup2)
/** Counts as long as it may run. */
const COUNTING = ['sh', '-c', 'i=0; while :; do i=$((i + 1)); echo $i >/tmp/count; done']

/** Clock ticks that the container's first process has used. */
async function tickReader(lichen: Lichen, name: string): Promise<() => number> {
  const pid = await lichen.ok('inspect', '--format', '{{.State.Pid}}', name)
  return () => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return Number(fields[11]) + Number(fields[12])
  }
}

frozenTest('pause stops every process until unpause, and both say the name', async ({ lichen }) => {
  await lichen.ok('run', '--detach', '--name', 'web', 'box', ...COUNTING)
  const ticks = await tickReader(lichen, 'web')
  expect(await lichen.ok('pause', 'web')).toBe('web')
  const before = ticks()
  expect(await lichen.ok('ps', '--all', '--format', '{{.Status}} {{.State}}')).toBe('Paused paused')
  expect(await lichen.ok('inspect', '--format', '{{.State.Paused}} {{.State.Status}}', 'web')).toBe('true paused')
  expect(ticks()).toBe(before)
  expect(await lichen.ok('top', 'web', 'pid', 'comm')).toContain('sh')
  expect(await lichen.ok('unpause', 'web')).toBe('web')
  await waitFor('a container that goes on', () => ticks() > before)
  await lichen.ok('exec', 'web', 'true')
})

frozenTest('verbs that need a container to go on refuse one that is paused, with 125', async ({ lichen }) => {
  await lichen.ok('run', '--detach', '--name', 'web', 'box', 'sleep', '1000')
  await lichen.ok('pause', 'web')
  for (const words of [
    ['pause', 'web'],
    ['exec', 'web', 'true'],
    ['stop', 'web'],
    ['restart', 'web'],
  ]) {
    const result = await lichen(...words)
    expect(result).toMatchObject({ code: 125, stdout: '' })
    expect(result.stderr).toContain('it is paused')
  }
  expect((await lichen('rm', 'web')).code).toBe(2)
  await lichen.ok('unpause', '--all')
  const again = await lichen('unpause', 'web')
  expect(again).toMatchObject({ code: 125, stdout: '' })
  expect(again.stderr).toContain('it is running, not paused')
})

frozenTest('kill and rm --force end a container that is paused', async ({ lichen }) => {
  await lichen.ok('run', '--detach', '--name', 'one', 'box', 'sleep', '1000')
  await lichen.ok('run', '--detach', '--name', 'two', 'box', 'sleep', '1000')
  await lichen.ok('pause', '--all')
  await lichen.ok('kill', 'one')
  expect(await lichen.ok('wait', 'one')).toBe('137')
  await lichen.ok('rm', '--force', 'two')
  expect(await lichen.ok('ps', '--all', '--format', '{{.Names}}')).toBe('one')
})

lichenTestWhere(!isRoot && !hasCgroup2)(
  'pause says what is missing where a container has no cgroup',
  async ({ lichen }) => {
    await lichen.ok('run', '--detach', '--name', 'web', 'box', 'sleep', '1000')
    const result = await lichen('pause', 'web')
    expect(result).toMatchObject({ code: 125, stdout: '' })
    expect(result.stderr).toContain('pause is not supported: it has no cgroup of its own')
    expect(await lichen.ok('inspect', '--format', '{{.State.Status}}', 'web')).toBe('running')
  },
)

lichenTest('pause and unpause refuse containers that do not run, and names that mean nothing', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'web', 'box', 'true')
  for (const verb of ['pause', 'unpause']) {
    const result = await lichen(verb, 'web')
    expect(result).toMatchObject({ code: 125, stdout: '' })
    expect(result.stderr).toContain('it is created')
    expect((await lichen(verb, 'nobody')).code).toBe(125)
  }
  expect(await lichen('pause', '--all')).toMatchObject({ code: 0, stdout: '' })
})
