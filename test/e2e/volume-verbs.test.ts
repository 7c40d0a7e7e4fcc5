// The verbs over volumes, as both engines must answer them. (SUBJECT=podman: proven there.)

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { lichenTest, test } from '../support/container-test.js'
import { isLichen } from '../support/facts.js'
import type { Lichen } from '../support/lichen.js'

const namesOf = async (lichen: Lichen, ...filters: string[]): Promise<string[]> =>
  (await lichen.ok('volume', 'ls', '-q', ...filters.flatMap((it) => ['--filter', it]))).split('\n').filter(Boolean)
const ANONYMOUS = /^[0-9a-f]{64}$/
/** podman 4 takes them without being asked twice. */
const EVERY = isLichen ? ['--all'] : []

test('volume create makes volumes of which inspect and ls tell everything', async ({ bare }) => {
  expect(await bare.ok('volume', 'create', '--label', 'a,b=c', '--label', 'd=e=f', 'one')).toBe('one')
  expect(await bare.ok('volume', 'create', '--opt', 'o=uid=7,gid=8', 'owned')).toBe('owned')
  expect(await bare.ok('volume', 'create')).toMatch(ANONYMOUS)
  const [one] = JSON.parse(await bare.ok('volume', 'inspect', 'one')) as [Record<string, unknown>]
  expect(one).toMatchObject({
    Name: 'one',
    Driver: 'local',
    Mountpoint: join(bare.root, 'volumes/one/_data'),
    CreatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/),
    Labels: { a: '', b: 'c', d: 'e=f' },
    Scope: 'local',
    Options: {},
    MountCount: 0,
    NeedsCopyUp: true,
  })
  const format = '{{.Name}} {{.UID}}:{{.GID}} {{.Options.o}} {{.Options.UID}} {{.Anonymous}}'
  expect(await bare.ok('volume', 'ls', '--filter', 'name=owned', '--format', format)).toBe(
    'owned 7:8 uid=7,gid=8 7 false',
  )
  const inspected = await bare.ok('volume', 'inspect', '-f', '{{.Name}} {{.CreatedAt}} {{index .Labels "b"}}', 'one')
  expect(inspected).toMatch(/^one \d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? \+0000 UTC c$/)
  expect(JSON.parse(await bare.ok('volume', 'ls', '--format', 'json', '--filter', 'label=b=c'))).toEqual([one])
})

test("volume ls prints podman's table, and nothing at all when there is no volume", async ({ bare }) => {
  expect(await bare.ok('volume', 'ls')).toBe('')
  expect(await bare.ok('volume', 'ls', '--format', 'json')).toBe('[]')
  expect(await bare.ok('volume', 'inspect', '--all')).toBe('[]')
  for (const name of ['b', 'a']) await bare.ok('volume', 'create', name)
  expect(await bare.ok('volume', 'ls')).toBe('DRIVER      VOLUME NAME\nlocal       a\nlocal       b')
  expect(await bare.ok('volume', 'ls', '--noheading')).toBe('local       a\nlocal       b')
  expect(await bare.ok('volume', 'ls', '--format', 'table {{.Name}}\\t{{.Scope}}')).toBe(
    'VOLUME NAME  SCOPE\na            local\nb            local',
  )
  expect((await bare('volume', 'ls', '-q', '--format', 'json')).code).toBe(125)
  expect((await bare('volume', 'ls', 'extra')).code).toBe(125)
})

test('volume ls shows what its filters let pass', async ({ lichen }) => {
  await lichen.ok('volume', 'create', '--label', 'l=1', 'one')
  await lichen.ok('volume', 'create', '--opt', 'o=uid=7', 'other')
  await lichen.ok('create', '-v', 'used:/data', '-v', '/anonymous', 'box', 'true')
  const anonymous = (await namesOf(lichen)).find((name) => ANONYMOUS.test(name)) ?? ''
  expect(await namesOf(lichen, 'name=^o', 'name=used')).toEqual(['one', 'other', 'used'])
  expect(await namesOf(lichen, 'label=l')).toEqual(['one'])
  expect(await namesOf(lichen, 'label=l=2')).toEqual([])
  expect(await namesOf(lichen, 'opt=UID=7')).toEqual(['other'])
  expect(await namesOf(lichen, 'opt=o')).toEqual(['other'])
  expect(await namesOf(lichen, 'dangling=true')).toEqual(['one', 'other'])
  expect(await namesOf(lichen, 'dangling=false')).toEqual([anonymous, 'used'].sort())
  expect(await namesOf(lichen, 'driver=local', 'scope=local')).toHaveLength(4)
  expect(await namesOf(lichen, 'driver=image')).toEqual([])
  expect(await namesOf(lichen, 'until=2001-01-01T00:00:00Z')).toEqual([])
  expect(await namesOf(lichen, 'until=2101-01-01T00:00:00Z')).toHaveLength(4)
  for (const filter of ['foo=bar', 'name', 'dangling=maybe', 'until=soon'])
    expect((await lichen('volume', 'ls', '--filter', filter)).code, filter).toBe(125)
})

test.for([
  ['a name that could be a path', ['a/b'], 'names must match'],
  ['a name that is taken', ['taken'], 'volume with name taken already exists'],
  ['a driver that there is not', ['--driver', 'foo', 'new'], 'foo'],
  ['an option of no meaning', ['--opt', 'foo=bar', 'new'], "invalid mount option foo for driver 'local'"],
  ['a user that is no number', ['--opt', 'o=uid=x', 'new'], 'cannot convert UID x to'],
  ['a size without a quota', ['--opt', 'o=size=10m', 'new'], 'size'],
  ['a timeout', ['--opt', 'o=timeout=3', 'new'], 'timeout can only be used with'],
  ['a label without a name', ['--label', '=x', 'new'], 'label'],
  ['the driver image without one', ['--driver', 'image', 'new'], 'image driver'],
  ['an image that is not here', ['--driver', 'image', '--opt', 'image=stranger', 'new'], 'stranger'],
  ['an option foreign to images', ['--driver', 'image', '--opt', 'image=x', '--opt', 'foo=x', 'new'], 'foo'],
  ['a directory that is not there', ['--opt', 'type=bind', '--opt', 'device=/not/there', 'new'], '/not/there'],
  ['two names', ['new', 'newer'], ''],
] as const)(
  'volume create fails with 125 and makes nothing when it is given %s',
  async ([, args, message], { bare }) => {
    await bare.ok('volume', 'create', 'taken')
    const result = await bare('volume', 'create', ...args)
    expect(result).toMatchObject({ code: 125, stdout: '' })
    expect(result.stderr).toContain(message)
    expect(await namesOf(bare)).toEqual(['taken'])
  },
)

test('volume exists knows whole names only, the other verbs also the beginning of one', async ({ bare }) => {
  for (const name of ['unique', 'two1', 'two2']) await bare.ok('volume', 'create', name)
  const codeOf = async (...args: string[]) => (await bare('volume', ...args)).code
  expect(await codeOf('exists', 'unique')).toBe(0)
  expect(await codeOf('exists', 'uni')).toBe(1)
  expect(await codeOf('exists')).toBe(125)
  expect(await bare.ok('volume', 'inspect', '--format', '{{.Name}}', 'uni')).toBe('unique')
  expect(await codeOf('inspect', 'two')).toBe(125)
  const mixed = await bare('volume', 'inspect', 'two1', 'stranger')
  expect(mixed.code).toBe(125)
  expect(JSON.parse(mixed.stdout)).toMatchObject([{ Name: 'two1' }])
  expect(mixed.stderr).toContain('stranger')
  const removed = await bare('volume', 'rm', 'uni', 'two')
  expect(removed).toMatchObject({ code: 125, stdout: 'unique\n' })
  expect(removed.stderr).toContain('more than one result for volume name "two"')
  expect(await namesOf(bare)).toEqual(['two1', 'two2'])
  for (const args of [['inspect'], ['inspect', '--all', 'two1'], ['rm'], ['rm', '--all', 'two1']])
    expect(await codeOf(...args), args.join(' ')).toBe(125)
  expect(await bare.ok('volume', 'rm', '--all')).toBe('two1\ntwo2')
})

test('volume rm says by its exit code what kept it: 1 for names that mean nothing, 2 for volumes in use', async ({
  lichen,
}) => {
  await lichen.ok('volume', 'create', 'free')
  const id = await lichen.ok('create', '--name', 'user', '-v', 'used:/data', 'box', 'true')
  expect(await lichen('volume', 'rm', 'stranger')).toMatchObject({ code: 1, stdout: '' })
  const used = await lichen('volume', 'rm', 'stranger', 'used', 'free')
  expect(used).toMatchObject({ code: 2, stdout: 'free\n' })
  expect(used.stderr).toContain(`is being used by the following container(s): ${id}`)
  expect(used.stderr).toContain('no volume with name "stranger" found')
  expect(await lichen('volume', 'rm', '--force', 'stranger')).toMatchObject({ code: 0, stdout: '' })
  expect(await namesOf(lichen)).toEqual(['used'])
  await lichen.ok('rm', 'user')
  expect(await lichen.ok('volume', 'rm', 'used')).toBe('used')
})

test('volume rm --force takes the containers along, also one that runs', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'user', '-v', 'used:/data', 'box', 'sleep', '100')
  await lichen.ok('create', '--name', 'bystander', 'box', 'true')
  expect(await lichen.ok('volume', 'rm', '--force', '--time', '0', 'used')).toBe('used')
  expect(await lichen.ok('ps', '-a', '--format', '{{.Names}}')).toBe('bystander')
  expect(await namesOf(lichen)).toEqual([])
})

test('volume prune asks with the names of what would go, and removes what no container uses', async ({ lichen }) => {
  await lichen.ok('volume', 'create', '--label', 'keep', 'kept')
  await lichen.ok('volume', 'create', 'gone')
  await lichen.ok('create', '-v', 'used:/data', 'box', 'true')
  const prune = (input: string, ...flags: string[]) => lichen.with({ input }, 'volume', 'prune', ...EVERY, ...flags)
  const asked = await prune('n\n')
  expect(asked.code).toBe(0)
  expect(asked.stdout).toMatch(
    /^WARNING! .* not used by .*:\ngone\nkept\nAre you sure you want to continue\? \[y\/N\] $/s,
  )
  expect((await prune('')).code).toBe(125)
  expect(await namesOf(lichen)).toEqual(['gone', 'kept', 'used'])
  expect(await prune('', '--force', '--filter', 'label=stranger')).toMatchObject({ code: 0, stdout: '' })
  expect(await prune('', '--force', '--filter', 'foo=x')).toMatchObject({ code: 125 })
  expect(await prune('', '--force', '--filter', 'until=2001-01-01T00:00:00Z')).toMatchObject({ stdout: '' })
  expect(await prune('', '--force', '--filter', 'name=gone')).toMatchObject({ code: 0, stdout: 'gone\n' })
  expect((await prune('y\n')).stdout).toMatch(/\] kept\n$/)
  expect((await prune('y\n')).stdout).toMatch(/^WARNING! .*\nNo dangling volumes found\n$/s)
  expect(await namesOf(lichen)).toEqual(['used'])
})

test('a volume is owned, empty and private as its options say', async ({ lichen }) => {
  await lichen.ok('volume', 'create', '--opt', 'o=uid=7,gid=8', 'owned')
  const script = 'stat -c %u:%g:%a /data; ls -A /data; touch /data/new'
  expect(await lichen.ok('run', '--rm', '-v', 'owned:/data', 'box', 'sh', '-c', script)).toBe('7:8:755')
  // what it takes over from the image does not change that
  await lichen.ok('volume', 'create', '--opt', 'o=uid=7,gid=8', 'etc')
  const stat = ['stat', '-c', '%u:%g', '/etc', '/etc/group']
  expect(await lichen.ok('run', '--rm', '-v', 'etc:/etc', 'box', ...stat)).toBe('7:8\n0:0')
  await lichen.ok('volume', 'create', '--opt', 'type=tmpfs', '--opt', 'o=nodev,noexec', 'memory')
  const mounted = await lichen.ok('run', '--rm', '-v', 'memory:/data', 'box', 'grep', ' /data ', '/proc/mounts')
  expect(mounted).toMatch(/^tmpfs \/data tmpfs rw,.*nodev/)
  const directory = join(lichen.directory, 'shared')
  mkdirSync(directory)
  writeFileSync(join(directory, 'file'), 'from the host')
  await lichen.ok('volume', 'create', '--opt', 'o=bind', '--opt', `device=${directory}`, 'bound')
  expect(await lichen.ok('run', '--rm', '-v', 'bound:/data', 'box', 'cat', '/data/file')).toBe('from the host')
  await lichen.ok('run', '--rm', '-v', 'bound:/data', 'box', 'sh', '-c', 'echo back >/data/file')
  expect(readFileSync(join(directory, 'file'), 'utf8')).toBe('back\n')
})

test('a volume of the driver image begins with its files and keeps what is written', async ({ lichen }) => {
  await lichen.ok('volume', 'create', '--driver', 'image', '--opt', 'image=box', 'tree')
  expect(await lichen.ok('volume', 'ls', '--format', '{{.Driver}} {{.Options}}')).toBe('image map[image:box]')
  const script = 'stat -c "%u:%g %n" /tree/etc /tree/home/guest; echo new >/tree/etc/new'
  expect(await lichen.ok('run', '--rm', '-v', 'tree:/tree', 'box', 'sh', '-c', script)).toBe(
    '0:0 /tree/etc\n1000:1000 /tree/home/guest',
  )
  expect(await lichen.ok('run', '--rm', '-v', 'tree:/tree', 'box', 'cat', '/tree/etc/new')).toBe('new')
  await lichen.ok('volume', 'rm', 'tree')
})

test('volume reload, mount and unmount: nothing to do, and what scripts want to read', async ({ bare }) => {
  await bare.ok('volume', 'create', 'data')
  expect(await bare.ok('volume', 'reload')).toBe('')
  for (const verb of ['mount', 'unmount']) expect((await bare('volume', verb, 'stranger')).code).toBe(125)
  if (process.getuid?.() !== 0 && !isLichen) return // podman wants `unshare` for it
  expect(await bare.ok('volume', 'mount', 'data')).toBe(join(bare.root, 'volumes/data/_data'))
  expect(await bare.ok('volume', 'unmount', 'data')).toBe('data')
})

lichenTest('volume create --ignore, --uid and --gid', async ({ lichen }) => {
  await lichen.ok('volume', 'create', '--label', 'first', 'data')
  expect(await lichen.ok('volume', 'create', '--ignore', '--label', 'second', 'data')).toBe('data')
  expect(await lichen.ok('volume', 'inspect', '--format', '{{.Labels}}', 'data')).toBe('map[first:]')
  await lichen.ok('volume', 'create', '--uid', '7', '--gid', '8', 'owned')
  const stat = ['stat', '-c', '%u:%g', '/data']
  expect(await lichen.ok('run', '--rm', '-v', 'owned:/data', 'box', ...stat)).toBe('7:8')
})

lichenTest('volume prune takes anonymous volumes only, unless --all is said', async ({ lichen }) => {
  await lichen.ok('volume', 'create', 'named')
  await lichen.ok('create', '--name', 'made', '-v', '/data', 'box', 'true')
  await lichen.ok('rm', 'made')
  const [anonymous = ''] = await namesOf(lichen, 'anonymous=true')
  const told = await lichen('volume', 'prune', '--dry-run')
  expect(told).toMatchObject({ code: 0, stdout: `${anonymous}\n` })
  expect(told.stderr).toMatch(/^Would remove 1 volume and free [\d.]+kB\n$/)
  expect(await lichen.ok('volume', 'prune', '--force')).toBe(anonymous)
  expect(await namesOf(lichen)).toEqual(['named'])
  expect(await namesOf(lichen, 'label!=x')).toEqual(['named'])
  expect(await lichen.ok('volume', 'prune', '--all', '--force', '--filter', 'label!=x')).toBe('named')
})

lichenTest(
  'of a volume whose files are elsewhere, mount tells where, or that they are nowhere yet',
  async ({ bare }) => {
    await bare.ok('volume', 'create', '--opt', 'o=bind', '--opt', `device=${bare.directory}`, 'bound')
    expect(await bare.ok('volume', 'mount', 'bound')).toBe(bare.directory)
    await bare.ok('volume', 'create', '--opt', 'type=tmpfs', 'memory')
    const result = await bare('volume', 'mount', 'memory')
    expect(result).toMatchObject({ code: 125, stderr: expect.stringContaining('made anew in each container') })
  },
)

lichenTest('a damaged record of a volume hides no other, and is not removed by mistake', async ({ bare }) => {
  for (const name of ['good', 'bad']) await bare.ok('volume', 'create', name)
  writeFileSync(join(bare.root, 'volumes/bad/volume.json'), '{')
  const listed = await bare('volume', 'ls', '-q')
  expect(listed).toMatchObject({ code: 0, stdout: 'good\n', stderr: expect.stringContaining('volume bad: ') })
  const result = await bare('volume', 'rm', 'bad')
  expect(result).toMatchObject({ code: 125, stderr: expect.stringContaining('lichen system check --repair') })
})
