// `events`: what each verb tells of, in order; what is asked for by time, filters and format; and that nothing is lost among many.

import { beforeEach, expect } from 'vitest'
import { lichenTest, test } from '../support/container-test.js'
import type { Lichen } from '../support/lichen.js'

interface Told {
  readonly Type: string
  readonly Status: string
  readonly Name?: string
  readonly ID?: string
  readonly ContainerExitCode?: number
  readonly Attributes?: Readonly<Record<string, string>> | null
}

/** podman's event log is that of all its stores. */
let began = ''
beforeEach(() => {
  began = new Date().toISOString()
})

async function told(lichen: Lichen, ...words: string[]): Promise<Told[]> {
  const lines = await lichen.ok('events', '--stream=false', '--since', began, '--format', 'json', ...words)
  return lines.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Told]))
}

/** podman tells of clean-ups of its own, of the image it looks for, and of a stop only if that is sooner than the clean-up; where `attach` stands differs. */
const statuses = (events: readonly Told[]) =>
  events.map(({ Status }) => Status).filter((status) => !['cleanup', 'attach', 'pull', 'stop'].includes(status))

test('every verb tells what it did to a container, in the order in which it was done', async ({ lichen }) => {
  const id = await lichen.ok('create', '--name', 'one', '--label', 'a=b', 'box', 'sleep', '1000')
  await lichen.ok('init', 'one')
  await lichen.ok('start', 'one')
  await lichen('exec', 'one', 'sh', '-c', 'exit 3')
  await lichen.ok('kill', '--signal', 'URG', 'one')
  await lichen.ok('restart', '--time', '0', 'one')
  await lichen.ok('rename', 'one', 'two')
  await lichen.ok('stop', '--time', '0', 'two')
  await lichen.ok('rm', 'two')
  const events = await told(lichen, '--filter', `container=${id}`)
  const first = ['create', 'init', 'start', 'exec', 'exec_died', 'kill', 'restart', 'died', 'init', 'start', 'rename']
  expect(statuses(events)).toEqual([...first, 'died', 'remove'])
  for (const event of events) expect(event).toMatchObject({ Type: 'container', ID: id, Image: 'localhost/box:latest' })
  expect(events.find(({ Status }) => Status === 'exec_died')?.ContainerExitCode).toBe(3)
  expect(events[0]).toMatchObject({ Name: 'one', Attributes: { a: 'b' } })
  // also those that the monitor writes, which was started under the other name
  const named = events.slice(events.findIndex(({ Status }) => Status === 'rename')).map(({ Name }) => Name)
  expect(new Set(named)).toEqual(new Set(['two']))
})

test('a container that is removed at its end tells so once, however it ends', async ({ lichen }) => {
  await lichen('run', '--rm', '--name', 'ends', 'box', 'sh', '-c', 'exit 7')
  await lichen.ok('run', '-d', '--rm', '--name', 'forced', 'box', 'sleep', '1000')
  await lichen.ok('rm', '-f', '-t', '0', 'forced')
  await lichen.ok('create', '--rm', '--name', 'never', 'box', 'true')
  await lichen.ok('rm', 'never')
  const of = async (name: string) => await told(lichen, '--filter', `container=${name}`)
  expect(statuses(await of('ends'))).toEqual(['create', 'init', 'start', 'died', 'remove'])
  expect((await of('ends')).map(({ Status }) => Status)).toContain('attach')
  expect(statuses(await of('forced'))).toEqual(['create', 'init', 'start', 'died', 'remove'])
  expect(statuses(await of('never'))).toEqual(['create', 'remove'])
})

lichenTest('a process that cannot be run ends with its code, and one left running tells no end', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'first', '--stop-timeout', '0', 'box', 'sleep', '1000')
  expect((await lichen('exec', 'first', 'no-such-command')).code).toBe(127)
  const session = await lichen.ok('exec', '-d', 'first', 'true')
  await lichen.ok('stop', 'first')
  const all = await told(lichen)
  expect(all.slice(-2)).toMatchObject([{ Status: 'stop' }, { Status: 'died', ContainerExitCode: 137 }])
  const events = all.filter(({ Status }) => Status.startsWith('exec'))
  expect(events).toMatchObject([
    { Status: 'exec' },
    { Status: 'exec_died', ContainerExitCode: 127 },
    { Status: 'exec', Attributes: { execID: session } },
  ])
})

lichenTest('a container that could not be started was never running', async ({ lichen }) => {
  expect((await lichen('run', '--rm', '--name', 'first', 'box', 'no-such-command')).code).toBe(127)
  expect(statuses(await told(lichen, '--filter', 'container=first'))).toEqual(['create', 'remove'])
  await lichen('run', '--name', 'second', '--log-opt', 'path=/no/such/x.log', 'box', 'true')
  expect(await told(lichen, '--filter', 'container=second')).toEqual([])
})

test('volumes tell of their making and removal, also anonymous ones and in prune', async ({ lichen }) => {
  await lichen.ok('volume', 'create', 'made')
  await lichen.ok('create', '--name', 'first', '-v', 'named:/n', '-v', '/anonymous', 'box', 'true')
  await lichen.ok('create', '--name', 'second', '-v', 'named:/n', 'box', 'true')
  await lichen.ok('rm', '-v', 'first', 'second')
  await lichen.ok('volume', 'rm', 'named')
  await lichen.ok('volume', 'prune', '-f')
  const events = await told(lichen, '--filter', 'type=volume')
  const anonymous = events.find(({ Name = '' }) => Name.length === 64)?.Name ?? ''
  const of = (name: string) => events.filter(({ Name }) => Name === name).map(({ Status }) => Status)
  expect(of('named')).toEqual(['create', 'remove'])
  expect(of(anonymous)).toEqual(['create', 'remove'])
  expect(of('made')[0]).toBe('create')
})

lichenTest('secrets and clones tell of themselves', async ({ lichen }) => {
  const id = await lichen.ok('secret', 'create', 'word', '/etc/hostname')
  await lichen.ok('secret', 'rm', 'word')
  expect(await told(lichen, '--filter', 'type=secret')).toMatchObject([
    { Status: 'create', ID: id, Name: 'word' },
    { Status: 'remove', ID: id, Name: 'word' },
  ])
  await lichen.ok('create', '--name', 'first', 'box', 'true')
  await lichen.ok('container', 'clone', 'first', 'second')
  expect(statuses(await told(lichen, '--filter', 'container=second'))).toEqual(['create'])
})

test('images tell of what is done to them', async ({ lichen }) => {
  await lichen.ok('tag', 'box', 'other:1')
  await lichen.ok('rmi', 'other:1')
  const events = await told(lichen, '--filter', 'type=image', '--filter', 'event=tag', '--filter', 'event=untag')
  expect(events.slice(-2).map(({ Status }) => Status)).toEqual(['tag', 'untag'])
})

test('events prints lines, templates and JSON, and only what its filters let through', async ({ lichen }) => {
  const id = await lichen.ok(
    'run',
    '-d',
    '--name',
    'first',
    '--label',
    'k=v',
    '--stop-timeout',
    '0',
    'box',
    'sleep',
    '1000',
  )
  await lichen.ok('create', '--name', 'second', 'box', 'true')
  const past = ['events', '--stream=false', '--since', began]
  const [line = ''] = (await lichen.ok(...past, '--filter', 'container=first', '--filter', 'event=create')).split('\n')
  const day = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ [-+]\d{4} \S+`
  const rest = String.raw`container create ${id} \(image=localhost/box:latest, name=first, k=v\)`
  expect(line).toMatch(new RegExp(`^${day} ${rest}$`))
  const short = await lichen.ok(...past, '--no-trunc=false', '--filter', 'container=first', '--filter', 'event=create')
  expect(short).toContain(`container create ${id.slice(0, 12)} (`)
  const format = '{{.Type}} {{.Status}} {{.Name}}'
  const shown = async (...words: string[]) => await lichen.ok(...past, '--format', format, ...words)
  expect(await shown('--filter', 'event=create', '--filter', 'type=container')).toBe(
    'container create first\ncontainer create second',
  )
  expect(await shown('-f', `container=${id.slice(0, 12)}`, '--filter', 'event=start')).toBe('container start first')
  expect(await shown('--filter', 'label=k=v', '--filter', 'event=create')).toBe('container create first')
  expect(await shown('--filter', 'label=k=w')).toBe('')
  // an image's own events, not those of its containers
  expect(await shown('--filter', 'image=box', '--filter', 'event=create')).toBe('')
  expect(
    await lichen.ok('events', '--stream=false', '--since', '2h', '--until', '-1h', '--filter', 'container=first'),
  ).toBe('')
  expect(await lichen.ok('events', '--stream=false', '--since', '2999-01-01T00:00:00Z')).toBe('')
})

lichenTest('events fails with 125 when what is asked for cannot be', async ({ lichen }) => {
  for (const words of [
    ['--filter', 'bogus=x'],
    ['--filter', 'event'],
    ['--since', 'yesterday'],
    ['--until', '1x'],
    ['--format', '{{.NoSuchField}}'],
  ]) {
    await lichen.ok('create', 'box', 'true')
    expect([words, (await lichen('events', '--stream=false', ...words)).code]).toEqual([words, 125])
  }
})

test('events goes on with what happens, until its time is over or it is interrupted', async ({ lichen }) => {
  const format = ['--format', '{{.Status}} {{.Name}}', '--filter', 'type=container', '--filter', 'event=create']
  await lichen.ok('create', '--name', 'before', 'box', 'true')
  const follower = lichen.start('events', '--since', began, ...format)
  await follower.expectOutput(/create before\n/)
  await lichen.ok('create', '--name', 'after', 'box', 'true')
  await follower.expectOutput(/create after\n/)
  follower.kill('SIGINT')
  expect((await follower.ended).stdout).toBe('create before\ncreate after\n')
  const until = new Date(Date.now() + 1500).toISOString()
  const timed = lichen.start('events', '--since', began, '--until', until, ...format)
  expect((await timed.ended).stdout).toBe('create before\ncreate after\n')
})

lichenTest('no event is lost or torn when many commands run at once', async ({ lichen }) => {
  const names = Array.from({ length: 50 }, (_, index) => `many-${index}`)
  const queue = [...names]
  const work = async () => {
    for (let name = queue.pop(); name !== undefined; name = queue.pop())
      await lichen.ok('create', '--name', name, '--label', `pad=${'x'.repeat(2000)}`, 'box', 'true')
  }
  await Promise.all(Array.from({ length: 10 }, work))
  const events = await told(lichen, '--filter', 'event=create', '--filter', 'type=container')
  expect(events.map(({ Name }) => Name).sort()).toEqual(names.sort())
})
