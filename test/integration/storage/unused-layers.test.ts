// Removing layers nobody needs, beside others that load images and make containers.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { importImage } from '../../../src/engine/import.js'
import { removeImage } from '../../../src/engine/rmi.js'
import { sweepStore } from '../../../src/engine/sweep.js'
import type { Digest } from '../../../src/model/image.js'
import { makeStagingDir } from '../../../src/platform/staging.js'
import type { Store } from '../../../src/platform/store.js'
import { removeUnusedLayers } from '../../../src/storage/unused-layers.js'
import { layer } from '../../support/image-archive.js'
import { type StoreBench, test } from '../../support/store-test.js'

const NOBODY = { chainIds: new Set<Digest>(), names: new Set<string>() }
const layersIn = ({ paths }: Store) => readdirSync(paths.layers)

async function importOne({ store, write }: StoreBench, name: string): Promise<string> {
  return (await importImage(store, { source: write(name, layer({ [name]: name })), name })).id
}

test('layers stay while something is being loaded, and the next removal takes them', async ({ bench }) => {
  const { store } = bench
  await importOne(bench, 'one')
  await importOne(bench, 'two')
  const loading = makeStagingDir(store.paths)
  await removeImage(store, 'one', { force: false })
  expect(layersIn(store)).toHaveLength(2)
  rmSync(loading, { recursive: true })
  await removeImage(store, 'two', { force: false })
  expect(layersIn(store)).toEqual([])
})

test('while something is being loaded only layers older than is said go', async ({ bench }) => {
  const { store } = bench
  await importOne(bench, 'one')
  const loading = makeStagingDir(store.paths)
  await removeUnusedLayers(store, () => NOBODY, 60_000)
  expect(layersIn(store)).toHaveLength(1)
  await removeUnusedLayers(store, () => NOBODY, -1)
  expect(layersIn(store)).toEqual([])
  rmSync(loading, { recursive: true })
})

test('a layer that somebody begins to use while it is taken away is put back whole', async ({ bench }) => {
  const { store } = bench
  await importOne(bench, 'one')
  await importOne(bench, 'two')
  const [kept = ''] = layersIn(store)
  let asked = 0
  await removeUnusedLayers(store, () => (asked++ === 0 ? NOBODY : { ...NOBODY, names: new Set([kept]) }))
  expect({ asked, layers: layersIn(store) }).toEqual({ asked: 2, layers: [kept] })
  expect(readdirSync(join(store.paths.layers, kept)).sort()).toEqual(['diff', 'done'])
})

test('no layer goes while it is not known what containers need', async ({ bench }) => {
  const { store } = bench
  await importOne(bench, 'one')
  await removeUnusedLayers(store, () => undefined)
  const container = join(store.paths.containers, 'a'.repeat(64))
  mkdirSync(container)
  writeFileSync(join(container, 'record.json'), '{')
  await removeImage(store, 'one', { force: false })
  expect(layersIn(store)).toHaveLength(1)
  rmSync(container, { recursive: true })
  await sweepStore(store)
  expect(layersIn(store)).toEqual([])
})

test('blobs stay while a document that may need them is damaged', async ({ bench }) => {
  const { store } = bench
  const id = await importOne(bench, 'one')
  await importOne(bench, 'two')
  const { blobs } = store.paths
  const before = readdirSync(blobs)
  const manifest = before.find((hex) => hex !== id && isManifestOf(join(blobs, hex), id)) ?? ''
  writeFileSync(join(blobs, manifest), '{}')
  await removeImage(store, 'two', { force: false })
  expect(readdirSync(blobs)).toEqual(before)
  await removeImage(store, 'one', { force: false })
  expect(readdirSync(blobs)).toEqual([])
})

function isManifestOf(file: string, id: string): boolean {
  const text = readFileSync(file, 'utf8')
  return text.includes('"schemaVersion"') && text.includes(id)
}
