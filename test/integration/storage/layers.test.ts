// Layers on disk: how owners are mapped, what is reused, what is repaired, what two processes at once leave.

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { importImage } from '../../../src/engine/import.js'
import { loadImages } from '../../../src/engine/load.js'
import { blobPath } from '../../../src/images/blobs.js'
import { findImage, layerSources } from '../../../src/images/image-store.js'
import { BadInputError, HostError } from '../../../src/model/errors.js'
import type { LayerSource } from '../../../src/model/image.js'
import { makeStagingDir } from '../../../src/platform/staging.js'
import type { Store } from '../../../src/platform/store.js'
import { type LayerMapping, layerName } from '../../../src/storage/layer-names.js'
import { ensureLayers } from '../../../src/storage/layers.js'
import { removeTree, sweepTrash } from '../../../src/storage/trash.js'
import { type TarEntry, tar } from '../../monitor/tar-writer.js'
import { isRoot } from '../../support/facts.js'
import { ociArchive } from '../../support/image-archive.js'
import { readOverlayTree } from '../../support/lichen-tree.js'
import { type StoreBench, storeFiles, test } from '../../support/store-test.js'

const owned = (name: string, uid: number, gid: number): TarEntry => ({ name, uid, gid, data: '' })
const bottom = tar(
  { name: './', type: '5', mode: 0o751 },
  owned('root', 0, 0),
  owned('low', 5, 6),
  owned('user', 1000, 100),
  owned('high', 2000, 3000),
)
const top = tar({ name: 'etc', type: '5', mode: 0o755 }, owned('etc/new', 0, 0))

async function loadTwo({ store, write }: StoreBench): Promise<LayerSource[]> {
  await loadImages(store, { input: write('a.tar', ociArchive({ layers: [bottom, top], names: ['two:1'] })) })
  return layerSources(store.paths, findImage(store.paths, 'two:1'))
}

/** `uid:gid` of each file as seen inside the user's namespace. */
async function readOwners(bench: StoreBench, mapping: LayerMapping): Promise<Record<string, string>> {
  const { store, directory } = bench
  const layers = await ensureLayers(store, await loadTwo(bench), mapping)
  try {
    const tree = await readOverlayTree(store, layers, directory)
    const names = ['root', 'low', 'user', 'high']
    return Object.fromEntries(names.map((name) => [name, `${tree[name]?.uid}:${tree[name]?.gid}`]))
  } finally {
    for (const name of ['upper', 'work']) await removeTree(store, join(directory, name))
  }
}

test('layers keep the container ids as the namespace has them', async ({ bench }) => {
  expect(await readOwners(bench, { kind: 'full' })).toEqual({
    root: '0:0',
    low: '5:6',
    user: '1000:100',
    high: '2000:3000',
  })
})

test('layers for keep-id give the kept user the caller and move the ids below it up', async ({ bench }) => {
  expect(await readOwners(bench, { kind: 'keep', uid: 1000, gid: 100 })).toEqual({
    root: '1:1',
    low: '6:7',
    user: '0:0',
    high: '2000:3000',
  })
})

test('layers for a single id belong to the caller altogether', async ({ bench }) => {
  const owners = await readOwners(bench, { kind: 'single' })
  expect(new Set(Object.values(owners))).toEqual(new Set(['0:0']))
})

test('layers of different mappings lie side by side and share nothing', async ({ bench }) => {
  const sources = await loadTwo(bench)
  const full = await ensureLayers(bench.store, sources, { kind: 'full' })
  const kept = await ensureLayers(bench.store, sources, { kind: 'keep', uid: 1000, gid: 1000 })
  expect(new Set([...full, ...kept]).size).toBe(4)
  expect(await ensureLayers(bench.store, sources, { kind: 'full' })).toEqual(full)
})

test('layers come topmost first, and are not unpacked again', async ({ bench }) => {
  const sources = await loadTwo(bench)
  const [upper = '', lower = ''] = await ensureLayers(bench.store, sources, { kind: 'full' })
  expect(readdirSync(join(bench.store.paths.layers, upper, 'diff'))).toEqual(['etc'])
  expect(readdirSync(join(bench.store.paths.layers, lower, 'diff'))).toContain('user')
  for (const { digest } of sources) rmSync(blobPath(bench.store.paths, digest))
  expect(await ensureLayers(bench.store, sources, { kind: 'full' })).toEqual([upper, lower])
})

test('a layer that does not mention its root shows the mode of the root below', async ({ bench }) => {
  const names = await ensureLayers(bench.store, await loadTwo(bench), { kind: 'full' })
  const modes = names.map((name) => statSync(join(bench.store.paths.layers, name, 'diff')).mode & 0o7777)
  expect(modes).toEqual([0o751, 0o751])
})

test('a layer with a missing or empty record is unpacked again', async ({ bench }) => {
  const sources = await loadTwo(bench)
  const [upper = ''] = await ensureLayers(bench.store, sources, { kind: 'full' })
  const dir = join(bench.store.paths.layers, upper)
  truncateSync(join(dir, 'done'))
  writeFileSync(join(dir, 'stray'), '')
  await ensureLayers(bench.store, sources, { kind: 'full' })
  expect(JSON.parse(readFileSync(join(dir, 'done'), 'utf8'))).toMatchObject({ entries: 2 })
  expect(existsSync(join(dir, 'stray'))).toBe(false)
})

test('two unpackings of the same layers at once both succeed', async ({ bench }) => {
  const sources = await loadTwo(bench)
  for (const name of readdirSync(bench.store.paths.layers))
    await removeTree(bench.store, join(bench.store.paths.layers, name))
  const all = await Promise.all([1, 2, 3, 4].map(() => ensureLayers(bench.store, sources, { kind: 'full' })))
  expect(new Set(all.map(String)).size).toBe(1)
  expect(readdirSync(bench.store.paths.layers)).toHaveLength(2)
})

test('a blob that is missing or was changed is an error that names the layer, and leaves nothing', async ({
  bench,
}) => {
  const [source] = await loadTwo(bench)
  if (source === undefined) throw new Error('no layer')
  const keep: LayerMapping = { kind: 'keep', uid: 1, gid: 1 }
  const before = storeFiles(bench.store)
  const blob = blobPath(bench.store.paths, source.digest)
  writeFileSync(blob, bottom)
  await expect(ensureLayers(bench.store, [source], keep)).rejects.toThrow(/^unpack: layer sha256:\w+: its digest is/)
  await expect(ensureLayers(bench.store, [source], keep)).rejects.toThrow(BadInputError)
  rmSync(blob)
  const unpacking = ensureLayers(bench.store, [source], keep)
  await expect(unpacking).rejects.toThrow(HostError)
  await expect(unpacking).rejects.toThrow(/its blob is missing from the store/)
  expect(storeFiles(bench.store)).toEqual(before.filter((file) => file !== blob))
})

test('device nodes that may not be made are left out with one warning', async ({ bench }) => {
  const devices = tar(...['null', 'zero'].map((name) => ({ name, type: '3', major: 1, minor: 3 })), owned('file', 0, 0))
  const { warnings } = await importImage(bench.store, { source: bench.write('a.tar', devices) })
  if (!isRoot) expect(warnings).toEqual(['2 device nodes left out: only root may make them'])
})

test('an owner that the user has no id for is an error that says so', async ({ bench }) => {
  if (isRoot) return // every id is root's to give
  const source = bench.write('a.tar', tar(owned('far', 900_000, 0)))
  await expect(importImage(bench.store, { source })).rejects.toThrow(
    expect.objectContaining({
      message: expect.stringMatching(/^import: .*: far: .*not mapped/),
      hint: expect.stringContaining('/etc/subuid'),
    }),
  )
  expect(storeFiles(bench.store)).toEqual([])
})

test('what a killed process left in staging and trash is swept, what a live one works on is not', async ({ bench }) => {
  const { store } = bench
  const live = join(store.paths.staging, readOwnName(store))
  const dead = join(store.paths.staging, readOwnName(store).replace(/^p\d+-\d+/, 'p1-1'))
  for (const dir of [live, dead, join(store.paths.trash, 'left')]) mkdirSync(join(dir, 'diff'), { recursive: true })
  await sweepTrash(store)
  expect(storeFiles(store)).toEqual([live])
  rmSync(live, { recursive: true })
})

function readOwnName(store: Store): string {
  const dir = makeStagingDir(store.paths)
  rmSync(dir, { recursive: true })
  return dir.slice(store.paths.staging.length + 1)
}

test('layer names are sixteen digits, by stack and mapping', () => {
  const chainId = `sha256:${'a'.repeat(64)}` as const
  expect(layerName(chainId, { kind: 'full' })).toMatch(/^[0-9a-f]{16}$/)
  const mappings: LayerMapping[] = [
    { kind: 'full' },
    { kind: 'single' },
    { kind: 'keep', uid: 1, gid: 2 },
    { kind: 'keep', uid: 2, gid: 1 },
  ]
  expect(new Set(mappings.map((mapping) => layerName(chainId, mapping))).size).toBe(4)
})
