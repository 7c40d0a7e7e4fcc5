// `system df` and `system prune`: the sizes add up to what du says, and what is promised to be free is free afterwards.

import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { lichenTest as test } from '../support/container-test.js'
import { isRoot } from '../support/facts.js'
import { imagePath } from '../support/images.js'
import type { Lichen } from '../support/lichen.js'

interface Row {
  readonly Type: string
  readonly Total: number
  readonly Active: number
  readonly RawSize: number
  readonly RawReclaimable: number
}

const readDf = async (lichen: Lichen): Promise<readonly Row[]> =>
  JSON.parse(await lichen.ok('system', 'df', '--format', 'json')) as Row[]
const rowOf = (rows: readonly Row[], type: string): Row | undefined => rows.find(({ Type }) => Type === type)
const sum = (rows: readonly Row[], key: 'RawSize' | 'RawReclaimable') => rows.reduce((all, row) => all + row[key], 0)

/** As du counts the whole root, in the namespace whose ids it belongs to. */
async function measure(lichen: Lichen): Promise<number> {
  return Number.parseInt(await lichen.ok('unshare', 'du', '-s', '-x', '-B1', lichen.root), 10)
}

const WRITE = ['sh', '-c', 'dd if=/dev/zero of=/file bs=1k count=300; dd if=/dev/zero of=/data/file bs=1k count=50']

async function fillStore(lichen: Lichen): Promise<void> {
  await lichen.ok('load', '--input', imagePath('layered.oci.tar'))
  await lichen.ok('run', '--name', 'stopped', '--volume', 'data:/data', 'box', ...WRITE)
  await lichen.ok('run', '--detach', '--name', 'runs', '--volume', 'other:/data', 'box', 'sleep', '600')
  await lichen.ok('create', '--name', 'made', ...(isRoot ? [] : ['--userns', 'keep-id']), 'layered', 'true')
  writeFileSync(join(lichen.root, 'downloads', 'ab'.repeat(32)), Buffer.alloc(70_000, 1))
  mkdirSync(join(lichen.root, 'trash/0123'))
  writeFileSync(join(lichen.root, 'trash/0123/file'), Buffer.alloc(100_000, 1))
}

test('system df accounts for every byte of the root', async ({ lichen }) => {
  await fillStore(lichen)
  const rows = await readDf(lichen)
  expect(sum(rows, 'RawSize')).toBe(await measure(lichen))
  expect(rows.every(({ RawSize, RawReclaimable }) => RawSize > 0 && RawReclaimable <= RawSize)).toBe(true)
  expect(rows.map(({ Type, Total, Active }) => [Type, Total, Active])).toEqual([
    ['Images', 2, 2],
    ['Containers', 3, 1],
    ['Local Volumes', 2, 2],
    ['Artifacts', 0, 0],
    ['Downloads', 1, 1],
    ['Leftovers', 1, 0],
    ['Records and cache', 3, 3],
  ])
  expect(rowOf(rows, 'Containers')?.RawReclaimable).toBeGreaterThan(300_000)
  expect(rowOf(rows, 'Leftovers')?.RawReclaimable).toBeGreaterThan(100_000)
  const parts = await lichen.ok('system', 'df', '--verbose', '--format', '{{range .Store}}{{.Part}}\n{{end}}')
  expect(parts.split('\n')).toEqual(
    expect.arrayContaining(['Blobs of one image', 'Layers: ids full', 'Containers', 'Thrown-away things', 'Names']),
  )
  expect(await lichen.ok('system', 'df', '-v')).toMatch(/^stopped|\bdata +1 +/m)
})

test('system prune frees what system df and a dry run have said, and keeps what is used', async ({ lichen }) => {
  await fillStore(lichen)
  const words = ['system', 'prune', '--all', '--volumes']
  const promised = await lichen.ok(...words, '-n')
  const before = await measure(lichen)
  const rows = await readDf(lichen)
  const told = await lichen.ok(...words, '--force')
  expect(told.replaceAll('Deleted', 'Would delete').replace('reclaimed', 'reclaimable')).toBe(promised)
  const freed = before - (await measure(lichen))
  // the directories that held names and trees keep their blocks, names are less than one
  const said = Number(/Total reclaimed space: ([\d.]+)MB/.exec(told)?.[1]) * 1_000_000
  expect(Math.abs(freed - said)).toBeLessThan(20_000)
  expect(said).toBeGreaterThan(sum(rows.slice(1), 'RawReclaimable') * 0.99)
  expect(await lichen.ok('ps', '--all', '--format', '{{.Names}}')).toBe('runs')
  expect(await lichen.ok('images', '--format', '{{.Repository}}')).toBe('localhost/box')
  expect(readdirSync(join(lichen.root, 'volumes'))).toEqual(['other'])
  expect(await lichen.ok('exec', 'runs', 'echo', 'well')).toBe('well')
  expect(await lichen.ok('system', 'prune', '--all', '--volumes', '--force')).toBe('Total reclaimed space: 0B')
  await expectClean(lichen)
})

test('system prune asks first, and without all and volumes leaves named images and volumes', async ({ lichen }) => {
  await fillStore(lichen)
  const refused = await lichen.with({ input: 'n\n' }, 'system', 'prune')
  expect(refused).toMatchObject({ code: 0, stderr: '' })
  expect(refused.stdout).toMatch(
    /^WARNING! This command removes:\n\t- all stopped containers\n[\s\S]*\n\nAre you sure you want to continue\? \[y\/N\] $/,
  )
  expect((await lichen('system', 'prune')).code).toBe(125)
  expect(await lichen.ok('ps', '-aq')).not.toBe('')
  const { stdout } = await lichen.with({ input: 'y\n' }, 'system', 'prune')
  expect(stdout).toMatch(/Deleted Containers\n[0-9a-f]{64}\n[0-9a-f]{64}\nDeleted Leftovers\ntrash\/0123\nTotal/)
  expect(await lichen.ok('images', '--format', '{{.Repository}}')).toBe('localhost/layered\nlocalhost/box')
  expect(readdirSync(join(lichen.root, 'volumes')).sort()).toEqual(['data', 'other'])
})

test('system prune takes only what its filters let pass', async ({ lichen }) => {
  for (const name of ['one', 'two']) await lichen.ok('create', '--name', name, '--label', `is=${name}`, 'box', 'true')
  const prune = (...filters: string[]) =>
    lichen.ok('system', 'prune', '--force', ...filters.flatMap((it) => ['--filter', it]))
  await prune('until=1h')
  await prune('label=is=three')
  await prune('label!=is')
  expect(await lichen.ok('ps', '-a', '--format', '{{.Names}}')).toBe('two\none')
  await prune('label=is=one', 'until=0s')
  expect(await lichen.ok('ps', '-a', '--format', '{{.Names}}')).toBe('two')
  await prune('label!=is=one')
  expect(await lichen.ok('ps', '-aq')).toBe('')
  expect(await lichen('system', 'prune', '--force', '--filter', 'foo=bar')).toMatchObject({ code: 125 })
})

test('system prune removes a half-fetched blob only when nobody goes on with it', async ({ lichen }) => {
  const file = join(lichen.root, 'downloads', 'cd'.repeat(32))
  writeFileSync(file, Buffer.alloc(70_000, 1))
  await lichen.ok('system', 'prune', '--force')
  expect(existsSync(file)).toBe(true)
  const old = Date.now() / 1000 - 25 * 3600
  utimesSync(file, old, old)
  expect(rowOf(await readDf(lichen), 'Downloads')).toMatchObject({ Total: 1, Active: 0, RawReclaimable: 73_728 })
  expect(await lichen.ok('system', 'prune', '--force')).toContain(`Deleted Leftovers\ndownloads/${'cd'.repeat(32)}\n`)
  expect(existsSync(file)).toBe(false)
})

test('system prune removes no volume while the record of a container cannot be read', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'c', '--volume', 'data:/data', 'box', 'true')
  const [id = ''] = readdirSync(join(lichen.root, 'containers'))
  writeFileSync(join(lichen.root, 'containers', id, 'record.json'), '{')
  const { code, stderr } = await lichen('system', 'prune', '--all', '--volumes', '--force')
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringMatching(/^Warning: no volume was removed: the record of a container is damaged/),
  })
  expect(readdirSync(join(lichen.root, 'volumes'))).toEqual(['data'])
  expect(readdirSync(join(lichen.root, 'layers'))).toHaveLength(1)
})

async function expectClean(lichen: Lichen): Promise<void> {
  expect(await lichen.ok('system', 'check')).toMatch(/^No problems found/)
}
