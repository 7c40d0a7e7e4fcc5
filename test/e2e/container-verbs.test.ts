// `init`, `port`, and what is typed behind `container`: exists, clone, cleanup, prune, and the other name of every verb.

import { expect } from 'vitest'
import { lichenTest, test } from '../support/container-test.js'

test('init creates a container in its runtime, which start then lets go', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'a', 'box', 'sh', '-c', 'echo out; exit 4')
  expect(await lichen.ok('init', 'a')).toBe('a')
  expect(await lichen.ok('inspect', '--format', '{{.State.Status}} {{.State.Running}}', 'a')).toBe('initialized false')
  expect(await lichen.ok('inspect', '--format', '{{.State.Pid}}', 'a')).not.toBe('0')
  expect(await lichen.ok('ps', '-a', '--format', '{{.Status}}')).toBe('Initialized')
  expect((await lichen('init', 'a')).code).toBe(125)
  expect((await lichen('kill', 'a')).code).toBe(125)
  await lichen.ok('start', 'a')
  expect(await lichen.ok('wait', 'a')).toBe('4')
  expect(await lichen.ok('logs', 'a')).toBe('out')
  expect((await lichen('init', 'stranger')).code).toBe(125)
})

lichenTest('start --attach shows the output of an initialized container', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'a', 'box', 'sh', '-c', 'echo out; exit 4')
  await lichen.ok('init', '--all')
  expect(await lichen('start', '--attach', 'a')).toMatchObject({ code: 4, stdout: 'out\n' })
})

test('rm and stop end an initialized container that was never started', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'a', 'box', 'true')
  await lichen.ok('create', '--name', 'b', '--stop-timeout', '0', 'box', 'true')
  await lichen.ok('init', 'a', 'b')
  expect(await lichen.ok('rm', 'a')).toBe('a')
  await lichen.ok('stop', '-t', '0', 'b')
  expect(await lichen.ok('ps', '-q')).toBe('')
})

lichenTest('start of an initialized container fails with 127 when its command does not exist', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'a', 'box', 'no-such-command')
  // crun looks for the command when it creates the container, runc when it starts it
  const made = await lichen('init', 'a')
  const result = made.code === 0 ? await lichen('start', 'a') : made
  expect(result.code).toBe(127)
  expect(await lichen.ok('inspect', '--format', '{{.State.Status}}', 'a')).toBe('created')
})

test('port prints nothing for a container without published ports, and fails for what is none', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'a', 'box', 'true')
  for (const words of [['a'], ['a', '80'], ['a', '80/tcp'], ['--all'], ['--latest']])
    expect([words, await lichen('port', ...words)]).toMatchObject([words, { code: 0, stdout: '' }])
  for (const words of [[], ['stranger'], ['a', 'x'], ['--all', 'a'], ['a', '80', '81']])
    expect([words, (await lichen('port', ...words)).code]).toEqual([words, 125])
})

test('container exists says it by its exit code', async ({ lichen }) => {
  const id = await lichen.ok('create', '--name', 'a', 'box', 'true')
  for (const words of [['a'], [id.slice(0, 6)], ['--external', 'a']])
    expect((await lichen('container', 'exists', ...words)).code).toBe(0)
  expect((await lichen('container', 'exists', 'stranger')).code).toBe(1)
})

test('container clone makes a container that does the same', async ({ lichen }) => {
  await lichen.ok(
    'create',
    '--name',
    'one',
    '--env',
    'WORD=hello',
    '--label',
    'k=v',
    '--network',
    'none',
    'box',
    'sh',
    '-c',
    'echo $WORD',
  )
  const id = await lichen.ok('container', 'clone', 'one')
  expect(id).toMatch(/^[0-9a-f]{64}$/)
  const look = '{{.Id}} {{.Config.Labels.k}} {{.State.Status}}'
  expect(await lichen.ok('inspect', '--format', look, 'one-clone')).toBe(`${id} v created`)
  expect(await lichen.ok('inspect', '--format', '{{.Config.Hostname}}', 'one-clone')).toBe(id.slice(0, 12))
  await lichen.ok('container', 'clone', 'one')
  await lichen.ok('container', 'clone', '--run', 'one', 'two')
  await lichen.ok('wait', 'two')
  expect(await lichen.ok('logs', 'two')).toBe('hello')
  expect(await lichen.ok('ps', '-a', '--sort', 'names', '--format', '{{.Names}}')).toBe(
    'one\none-clone\none-clone1\ntwo',
  )
  expect((await lichen('container', 'clone', 'one', 'two')).code).toBe(125)
  await lichen.ok('container', 'clone', '--destroy', 'one', 'three')
  expect((await lichen('container', 'exists', 'one')).code).toBe(1)
})

test('container clone refuses to destroy a running container unless forced', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'old', '--stop-timeout', '0', 'box', 'sleep', '1000')
  expect((await lichen('container', 'clone', '--force', 'old', 'new')).code).toBe(125)
  expect((await lichen('container', 'clone', '--destroy', 'old', 'new')).code).not.toBe(0)
  expect(await lichen.ok('ps', '--format', '{{.Names}}')).toContain('old')
  await lichen.ok('rm', '-f', '-t', '0', '--ignore', 'new')
  await lichen.ok('container', 'clone', '--destroy', '--force', 'old', 'new')
  expect(await lichen.ok('ps', '-a', '--format', '{{.Names}}')).toBe('new')
  expect((await lichen('container', 'clone', 'stranger')).code).toBe(125)
})

lichenTest('container clone gives it volumes of its own where they had no name', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'a', '-v', '/data', '-v', 'named:/named', 'box', 'true')
  await lichen.ok('container', 'clone', 'a', 'b')
  const names = async (name: string) =>
    await lichen.ok('inspect', '--format', '{{range .Mounts}}{{.Name}} {{end}}', name)
  const [a, b] = [(await names('a')).trim().split(' ').sort(), (await names('b')).trim().split(' ').sort()]
  expect(a).toContain('named')
  expect(b).toContain('named')
  expect(a.filter((name) => b.includes(name))).toEqual(['named'])
})

test('container cleanup is content with what has ended, and removes it when told to', async ({ lichen }) => {
  await lichen('run', '--name', 'a', 'box', 'sh', '-c', 'exit 3')
  await lichen.ok('run', '-d', '--name', 'b', '--stop-timeout', '0', 'box', 'sleep', '1000')
  expect(await lichen.ok('container', 'cleanup', 'a')).toBe('a')
  expect((await lichen('container', 'cleanup', 'b')).code).toBe(125)
  expect((await lichen('container', 'cleanup', 'stranger')).code).toBe(125)
  expect(await lichen.ok('container', 'cleanup', '--rm', 'a')).toBe('a')
  expect(await lichen.ok('ps', '-a', '--format', '{{.Names}}')).toBe('b')
})

test('container prune removes what does not run and passes the filters', async ({ lichen }) => {
  const a = await lichen.ok('create', '--name', 'a', '--label', 'old', 'box', 'true')
  await lichen.ok('create', '--name', 'b', 'box', 'true')
  await lichen.ok('run', '-d', '--name', 'c', '--stop-timeout', '0', 'box', 'sleep', '1000')
  expect(await lichen.ok('container', 'prune', '-f', '--filter', 'until=1h')).toBe('')
  expect(await lichen.ok('container', 'prune', '-f', '--filter', 'label=old')).toBe(a)
  expect((await lichen('container', 'prune', '-f', '--filter', 'colour=green')).code).toBe(125)
  expect((await lichen('container', 'prune')).code).toBe(125)
  const declined = await lichen.with({ input: 'n\n' }, 'container', 'prune')
  expect(declined).toMatchObject({ code: 0 })
  expect(await lichen.ok('container', 'prune', '-f')).not.toBe('')
  expect(await lichen.ok('ps', '-a', '--format', '{{.Names}}')).toBe('c')
})

test('every verb is also typed behind container', async ({ lichen }) => {
  await lichen.ok('container', 'create', '--name', 'a', '--stop-timeout', '0', 'box', 'sleep', '1000')
  await lichen.ok('container', 'rename', 'a', 'b')
  await lichen.ok('container', 'init', 'b')
  await lichen.ok('container', 'start', 'b')
  await lichen.ok('container', 'port', 'b')
  await lichen.ok('container', 'restart', 'b')
  await lichen.ok('container', 'kill', 'b')
  expect(await lichen.ok('container', 'wait', 'b')).toBe('137')
  expect(await lichen.ok('container', 'list', '-aq')).not.toBe('')
  await lichen.ok('container', 'stop', 'b')
  await lichen.ok('container', 'rm', 'b')
})
