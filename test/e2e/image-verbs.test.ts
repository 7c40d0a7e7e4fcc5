// The verbs over local images, as both engines must answer them: tag, untag, history, tree, diff, prune. (SUBJECT=podman: proven there.)

import { expect } from 'vitest'
import type { TarEntry } from '../monitor/tar-writer.js'
import { tar } from '../monitor/tar-writer.js'
import { test as base, lichenTest } from '../support/container-test.js'
import { dockerArchive, layer, type TestImage } from '../support/image-archive.js'
import type { Lichen } from '../support/lichen.js'

const dir = (name: string, mode = 0o755): TarEntry => ({ name, type: '5', mode })
const file = (name: string, data = 'x'): TarEntry => ({ name, data })

const ground = tar(
  dir('etc/'),
  file('etc/mod'),
  file('etc/del'),
  dir('gone/'),
  file('gone/in'),
  dir('mode/'),
  file('kept'),
)
const upper = tar(
  ...[dir('etc/'), file('etc/mod', 'changed'), file('etc/.wh.del', ''), file('etc/new')],
  ...[file('.wh.gone', ''), dir('mode/', 0o700), dir('fresh/'), file('fresh/in')],
)
const step = (text: string, more: object = {}) => ({ created: '2024-01-01T00:00:00Z', created_by: text, ...more })
const first: TestImage = {
  names: ['localhost/first:1'],
  layers: [ground],
  config: { history: [step('ADD ground'), step('CMD sh', { empty_layer: true })] },
}
const second: TestImage = {
  names: ['localhost/second:1'],
  layers: [ground, upper],
  config: {
    created: '2024-06-07T08:09:10Z',
    history: [step('ADD ground'), step('CMD sh', { empty_layer: true }), step('COPY upper', { comment: 'on top' })],
    config: { Labels: { keep: 'yes' } },
  },
}
const other: TestImage = { names: ['localhost/other:1'], layers: [layer({ other: '' })] }

const test = base.extend<{ readonly images: Lichen }>({
  images: async ({ bare }: { bare: Lichen }, use: (lichen: Lichen) => Promise<void>) => {
    await bare.with({ input: dockerArchive(first, second, other) }, 'load')
    await use(bare)
  },
})

const namesOf = async (lichen: Lichen): Promise<string[]> =>
  (await lichen.ok('images', '--format', '{{.Repository}}:{{.Tag}}')).split('\n').sort()
const idOf = (lichen: Lichen, name: string) => lichen.ok('image', 'inspect', '--format', '{{.Id}}', name)

test('tag gives an image names beside its own, and takes one from another image', async ({ images }) => {
  await images.ok('tag', 'first:1', 'short', 'team/app:v2', 'registry.example.org:5000/x/y', 'localhost/other:1')
  expect(await namesOf(images)).toEqual([
    '<none>:<none>',
    'localhost/first:1',
    'localhost/other:1',
    'localhost/second:1',
    'localhost/short:latest',
    'localhost/team/app:v2',
    'registry.example.org:5000/x/y:latest',
  ])
  expect(await idOf(images, 'localhost/other:1')).toBe(await idOf(images, 'first:1'))
})

test.for([
  ['an image that is not there', ['stranger', 'name']],
  ['no new name', ['first:1']],
  ['a name that is none', ['first:1', 'UPPER']],
  ['a digest for a name', ['first:1', `first@sha256:${'0'.repeat(64)}`]],
] as const)('tag fails with 125 and changes nothing when it is given %s', async ([, args], { images }) => {
  const before = await namesOf(images)
  const result = await images('tag', ...args)
  expect(result.code).toBe(125)
  expect(result.stderr).toMatch(/^Error: /)
  expect(await namesOf(images)).toEqual(before)
})

test('untag takes the names that are said, and without any all of them', async ({ images }) => {
  await images.ok('tag', 'second:1', 'a:1', 'b:1')
  await images.ok('untag', 'second:1', 'a:1', 'localhost/second:1')
  expect(await namesOf(images)).toEqual(['localhost/b:1', 'localhost/first:1', 'localhost/other:1'])
  const id = await idOf(images, 'b:1')
  await images.ok('untag', id)
  expect(await namesOf(images)).toEqual(['<none>:<none>', 'localhost/first:1', 'localhost/other:1'])
  expect(await images.ok('images', '--quiet', '--no-trunc', '--filter', 'dangling=true')).toBe(`sha256:${id}`)
})

test('an image without a name that others were made from shows with --all only, and is not dangling', async ({
  images,
}) => {
  const id = await idOf(images, 'first:1')
  await images.ok('untag', 'first:1')
  expect(await namesOf(images)).toEqual(['localhost/other:1', 'localhost/second:1'])
  expect(await images.ok('images', '-aq', '--no-trunc')).toContain(id)
  expect(await images.ok('images', '-q', '--filter', 'dangling=true')).toBe('')
  expect(await images.ok('image', 'prune', '--force')).toBe('')
  expect((await images('image', 'exists', id)).code).toBe(0)
})

test('untag fails with 125 when the image does not have that name', async ({ images }) => {
  expect((await images('untag', 'first:1', 'second:1')).code).toBe(125)
  expect((await images('untag', 'stranger')).code).toBe(125)
  expect(await namesOf(images)).toEqual(['localhost/first:1', 'localhost/other:1', 'localhost/second:1'])
})

test('history tells the steps, newest first, and which other image each completed', async ({ images }) => {
  const [ours, below] = [await idOf(images, 'second:1'), await idOf(images, 'first:1')]
  const format = '{{.ID}}|{{.CreatedBy}}|{{.Comment}}'
  expect((await images.ok('history', '--no-trunc', '--format', format, 'second:1')).split('\n')).toEqual([
    `${ours}|COPY upper|on top`,
    `${below}|CMD sh|`,
    '<missing>|ADD ground|',
  ])
  expect(await images.ok('history', '--quiet', 'second:1')).toBe(
    [ours.slice(0, 12), below.slice(0, 12), '<missing>'].join('\n'),
  )
  const [head = '', row = ''] = (await images.ok('history', 'second:1')).split('\n')
  expect(head.split(/\s{2,}/)).toEqual(['ID', 'CREATED', 'CREATED BY', 'SIZE', 'COMMENT'])
  expect(row).toMatch(new RegExp(`^${ours.slice(0, 12)} +\\d+ (months|years) ago +COPY upper +[\\d.]+ k?B +on top$`))
  const json = JSON.parse(await images.ok('history', '--format', 'json', 'second:1')) as Record<string, unknown>[]
  expect(json).toMatchObject([
    { id: ours, CreatedBy: 'COPY upper', comment: 'on top', created: '2024-01-01T00:00:00Z' },
    { id: below, CreatedBy: 'CMD sh', size: 0 },
    { id: '<missing>', CreatedBy: 'ADD ground' },
  ])
})

test('image tree draws the layers and the images that end with them', async ({ images }) => {
  const lines = (await images.ok('image', 'tree', 'second:1')).trimEnd().split('\n')
  expect(lines.slice(0, 2)).toEqual([
    `Image ID: ${(await idOf(images, 'second:1')).slice(0, 12)}`,
    'Tags:     [localhost/second:1]',
  ])
  expect(lines.slice(3)).toEqual([
    'Image Layers',
    expect.stringMatching(/^├── ID: [0-9a-f]{12} Size: {1,6}[\d.]+k?B Top Layer of: \[localhost\/first:1\]$/),
    expect.stringMatching(/^└── ID: [0-9a-f]{12} Size: {1,6}[\d.]+k?B Top Layer of: \[localhost\/second:1\]$/),
  ])
})

test('image tree --whatrequires draws what is built upon the image', async ({ images }) => {
  const lines = (await images.ok('image', 'tree', '--whatrequires', 'first:1')).trimEnd().split('\n')
  // podman draws the second beside the first, not upon it
  expect(lines.slice(4)).toEqual([
    expect.stringMatching(/^[├└]── ID: .* of: \[localhost\/first:1\]$/),
    expect.stringMatching(/^(└| {4}└)── ID: .* of: \[localhost\/second:1\]$/),
  ])
})

const changes = ['C /etc', 'D /etc/del', 'C /etc/mod', 'A /etc/new', 'A /fresh', 'A /fresh/in', 'D /gone', 'C /mode']

test('image diff tells what the topmost layer changed', async ({ images }) => {
  expect((await images.ok('image', 'diff', 'second:1')).split('\n')).toEqual(changes)
  expect((await images.ok('diff', 'second:1')).split('\n')).toEqual(changes)
  const paths = (letter: string) => changes.filter((line) => line.startsWith(letter)).map((line) => line.slice(2))
  expect(JSON.parse(await images.ok('image', 'diff', '--format', 'json', 'second:1'))).toEqual({
    changed: paths('C'),
    added: paths('A'),
    deleted: paths('D'),
  })
})

test('image diff compares two images when two are named', async ({ images }) => {
  expect((await images.ok('image', 'diff', 'second:1', 'first:1')).split('\n')).toEqual(changes)
  expect((await images('image', 'diff', 'second:1', 'stranger')).code).toBe(125)
  expect((await images('image', 'diff', '--format', 'xml', 'second:1')).code).toBe(125)
})

test('image prune asks, and removes the images without a name when the answer is yes', async ({ images }) => {
  const id = await idOf(images, 'other:1')
  await images.ok('untag', 'other:1')
  const no = await images.with({ input: 'n\n' }, 'image', 'prune')
  expect(no).toMatchObject({ code: 0, stdout: expect.stringMatching(/^WARNING! .*\n.*\[y\/N\] $/) })
  expect((await images('image', 'prune')).code).toBe(125)
  expect((await images('image', 'exists', id)).code).toBe(0)
  const yes = await images.with({ input: 'Yes\n' }, 'image', 'prune')
  expect(yes.stdout.split('[y/N] ')[1]).toBe(`${id}\n`)
  expect(await namesOf(images)).toEqual(['localhost/first:1', 'localhost/second:1'])
})

test('image prune --all takes what no container was made from and the filter names', async ({ lichen, images }) => {
  await lichen.ok('create', 'box', 'true')
  expect(await images.ok('image', 'prune', '--all', '--force', '--filter', 'label=stranger')).toBe('')
  expect(await images.ok('image', 'prune', '--all', '--force', '--filter', 'until=2023-01-01T00:00:00Z')).toBe('')
  const second = await idOf(images, 'second:1')
  expect(await images.ok('image', 'prune', '-af', '--filter', 'label=keep=yes')).toBe(second)
  await images.ok('image', 'prune', '-af')
  expect(await namesOf(images)).toEqual(['localhost/box:latest'])
})

test('rmi takes an image without a name along when only the removed one was made from it', async ({ images }) => {
  const [ours, below] = [await idOf(images, 'second:1'), await idOf(images, 'first:1')]
  await images.ok('untag', 'first:1')
  expect((await images.ok('rmi', 'second:1')).split('\n')).toEqual([
    'Untagged: localhost/second:1',
    `Deleted: ${ours}`,
    `Deleted: ${below}`,
  ])
})

test('rmi --no-prune leaves it', async ({ images }) => {
  const below = await idOf(images, 'first:1')
  await images.ok('untag', 'first:1')
  await images.ok('rmi', '--no-prune', 'second:1')
  expect((await images('image', 'exists', below)).code).toBe(0)
})

test('rmi of every ID that images prints succeeds', async ({ images }) => {
  await images.ok('untag', 'first:1')
  await images.ok('rmi', ...(await images.ok('images', '-aq')).split('\n'))
  expect(await images.ok('images', '-aq')).toBe('')
})

test('images passes on what filters ask for', async ({ lichen, images }) => {
  await lichen.ok('create', 'box', 'true')
  const filtered = async (...filters: string[]) =>
    (await images.ok('images', '--format', '{{.Repository}}', ...filters.flatMap((it) => ['--filter', it])))
      .split('\n')
      .sort()
  expect(await filtered('until=2024-06-01T00:00:00Z')).toEqual(['localhost/first', 'localhost/other'])
  expect(await filtered('containers=true')).toEqual(['localhost/box'])
  expect(await filtered('containers=false', 'until=2024-06-01T00:00:00Z')).toEqual([
    'localhost/first',
    'localhost/other',
  ])
  expect(await filtered('since=localhost/other:1', 'label=keep')).toEqual(['localhost/second'])
})

test('images shows lists of images, too, and rmi --all removes them with the images', async ({ images }) => {
  await images.ok('manifest', 'create', 'several')
  await images.ok('tag', 'several', 'again')
  expect(await namesOf(images)).toContain('localhost/again:latest')
  await images.ok('rmi', '--force', 'again')
  expect(await namesOf(images)).toEqual([
    'localhost/first:1',
    'localhost/other:1',
    'localhost/second:1',
    'localhost/several:latest',
  ])
  await images.ok('rmi', '--all', '--force')
  expect(await images.ok('images', '-aq')).toBe('')
})

lichenTest('images and inspect name the image another was made from', async ({ bare }) => {
  await bare.with({ input: dockerArchive(first, second, other) }, 'load')
  const below = await idOf(bare, 'first:1')
  expect(await bare.ok('image', 'inspect', '--format', '{{.Parent}}', 'second:1')).toBe(below)
  const json = JSON.parse(await bare.ok('images', '--format', 'json', 'second')) as object[]
  expect(json).toMatchObject([{ ParentId: below, History: ['localhost/second:1'], CreatedAt: '2024-06-07T08:09:10Z' }])
})

lichenTest('image prune --dry-run tells the images and bytes, and removes nothing', async ({ bare }) => {
  await bare.with({ input: dockerArchive(first, second, other) }, 'load')
  const before = await bare.ok('images', '-aq')
  const told = await bare('image', 'prune', '--all', '--dry-run')
  expect(told).toMatchObject({ code: 0, stderr: expect.stringMatching(/^Would remove 3 images and free [\d.]+kB\n$/) })
  expect(told.stdout).toContain(`${await idOf(bare, 'other:1')}  localhost/other:1\n`)
  expect(await bare.ok('images', '-aq')).toBe(before)
  const done = await bare('image', 'prune', '--all', '--force')
  expect(done.stderr.replace('Total reclaimed space: ', '')).toBe(
    told.stderr.replace('Would remove 3 images and free ', ''),
  )
})

lichenTest('image prune refuses a filter it does not know', async ({ bare }) => {
  const result = await bare('image', 'prune', '--force', '--filter', 'dangling=true')
  expect(result).toMatchObject({ code: 125, stderr: expect.stringContaining('dangling is an invalid filter') })
})
