// Flags of run and create about a container's life: dependencies, time limits, pid files, labels, what is attached, what is removed.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { lichenTest, test } from '../support/container-test.js'

test('--requires starts a container first, which then cannot be removed without the other', async ({ lichen }) => {
  const needed = await lichen.ok('create', '--name', 'needed', '--stop-timeout', '0', 'box', 'sleep', '1000')
  await lichen.ok('create', '--name', 'between', '--requires', 'needed', '--stop-timeout', '0', 'box', 'sleep', '1000')
  await lichen.ok('run', '--name', 'last', '--requires', 'between', 'box', 'true')
  expect(await lichen.ok('ps', '--sort', 'names', '--format', '{{.Names}}')).toBe('between\nneeded')
  expect(await lichen.ok('inspect', '--format', '{{.Dependencies}}', 'between')).toBe(`[${needed}]`)
  const refused = await lichen('rm', '-f', '-t', '0', 'needed')
  expect(refused.code).toBe(125)
  expect(refused.stderr).toContain('has dependent containers which must be removed before it')
  expect(await lichen.ok('ps', '--filter', 'name=needed', '-q')).not.toBe('')
  expect((await lichen.ok('rm', '-f', '-t', '0', '--depend', 'needed')).split('\n')).toHaveLength(3)
  expect(await lichen.ok('ps', '-aq')).toBe('')
  expect((await lichen('create', '--requires', 'stranger', 'box', 'true')).code).toBe(125)
})

lichenTest('rm --all removes containers that depend on each other', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'a', 'box', 'true')
  await lichen.ok('create', '--name', 'b', '--requires', 'a', 'box', 'true')
  expect((await lichen('rm', '--all')).code).toBe(0)
})

test('--timeout kills the container when its time is over', async ({ lichen }) => {
  const result = await lichen('run', '--name', 'a', '--timeout', '1', 'box', 'sleep', '1000')
  expect(result.code).not.toBe(0)
  expect(await lichen.ok('inspect', '--format', '{{.State.Status}} {{.Config.Timeout}}', 'a')).toBe('exited 1')
})

test('--pidfile and --conmon-pidfile hold the pids of the container and of its monitor', async ({ lichen }) => {
  const [own, monitors] = [join(lichen.directory, 'pid'), join(lichen.directory, 'monitor')]
  const flags = ['--pidfile', own, '--conmon-pidfile', monitors, '--stop-timeout', '0']
  await lichen.ok('run', '-d', '--name', 'a', ...flags, 'box', 'sleep', '1000')
  const pids = await lichen.ok('inspect', '--format', '{{.State.Pid}} {{.State.ConmonPid}}', 'a')
  expect(`${readFileSync(own, 'utf8').trim()} ${readFileSync(monitors, 'utf8').trim()}`).toBe(pids)
})

test('--label-file, --label and --annotation are shown by inspect', async ({ lichen }) => {
  const file = join(lichen.directory, 'labels')
  writeFileSync(file, '# none\n\n  a=1\nb=two words\nc=3\n')
  await lichen.ok('create', '--name', 'x', '--label-file', file, '-l', 'c=4', '--annotation', 'k=v', 'box', 'true')
  const labels = JSON.parse(await lichen.ok('inspect', '--format', '{{json .Config.Labels}}', 'x'))
  expect(labels).toMatchObject({ a: '1', b: 'two words', c: '4' })
  expect(await lichen.ok('inspect', '--format', '{{index .Config.Annotations "k"}}', 'x')).toBe('v')
  writeFileSync(file, '=1\n')
  for (const words of [
    ['--label-file', file],
    ['--label-file', '/none'],
    ['--label', '=x'],
    ['--annotation', 'k'],
  ])
    expect([words, (await lichen('create', ...words, 'box', 'true')).code]).toEqual([words, 125])
})

test('run --attach shows the streams that are named and no other', async ({ lichen }) => {
  const script = 'echo out; echo err >&2'
  const run = (...flags: string[]) => lichen('run', ...flags, 'box', 'sh', '-c', script)
  expect(await run('-a', 'stdout')).toMatchObject({ stdout: 'out\n', stderr: '' })
  expect(await run('-a', 'stderr')).toMatchObject({ stdout: '', stderr: 'err\n' })
  expect(await run('-a', 'STDOUT,stderr')).toMatchObject({ stdout: 'out\n', stderr: 'err\n' })
  expect((await run('-a', 'bogus')).code).toBe(125)
})

lichenTest('run --rmi removes container and image, unless another container needs it', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'other', 'box', 'true')
  const kept = await lichen('run', '--rmi', 'box', 'sh', '-c', 'exit 3')
  expect(kept.code).toBe(3)
  expect(kept.stderr).toContain('box')
  await lichen.ok('rm', 'other')
  expect((await lichen('run', '--rmi', 'box', 'sh', '-c', 'exit 3')).code).toBe(3)
  expect(await lichen.ok('images', '-q')).toBe('')
  expect(await lichen.ok('ps', '-aq')).toBe('')
})

test('create refuses with 125 and makes nothing when a flag makes no sense', async ({ lichen }) => {
  const cidfile = join(lichen.directory, 'cid')
  for (const words of [
    ['--timeout', 'x'],
    ['--timeout', '-1'],
    ['--stop-timeout', '-1'],
    ['--stop-signal', 'FOO'],
    ['--name', '-a'],
    ['--replace'],
    ['--sdnotify', 'bogus'],
    ['--pod', 'p'],
  ])
    expect([words, (await lichen('create', ...words, 'box', 'true')).code]).toEqual([words, 125])
  expect(await lichen.ok('ps', '-aq')).toBe('')
  expect(existsSync(cidfile)).toBe(false)
  await lichen.ok('create', '--name=', '--cidfile', cidfile, 'box', 'true')
  expect((await lichen('create', '--cidfile', cidfile, 'box', 'true')).code).toBe(125)
})
