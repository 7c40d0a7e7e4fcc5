// The prepared root file system of a container: its directories, its words for the monitor, and the copied tree.

import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { loadImages } from '../../../src/engine/load.js'
import { findImage, layerSources } from '../../../src/images/image-store.js'
import type { ContainerPlan, ContainerRecord, StorageDriver } from '../../../src/model/container.js'
import { chooseDriver, probeHost } from '../../../src/storage/driver.js'
import type { LayerMapping } from '../../../src/storage/layer-names.js'
import { ensureLayers } from '../../../src/storage/layers.js'
import { prepareRootfs } from '../../../src/storage/rootfs.js'
import { type TarEntry, tar } from '../../monitor/tar-writer.js'
import { ociArchive } from '../../support/image-archive.js'
import { type StoreBench, test } from '../../support/store-test.js'

const root: TarEntry = { name: './', type: '5', mode: 0o711, uid: 0, gid: 0 }
const layers = [tar(root, { name: 'gone', data: '' }, { name: 'kept', data: 'kept' }), tar({ name: '.wh.gone' })]

async function makeRecord({ store, write }: StoreBench, storageDriver: StorageDriver, mapping: LayerMapping) {
  await loadImages(store, { input: write('a.tar', ociArchive({ layers, names: ['box:1'] })) })
  const names = await ensureLayers(store, layerSources(store.paths, findImage(store.paths, 'box:1')), mapping)
  const plan: Pick<ContainerPlan, 'layers' | 'storageDriver'> = { layers: names, storageDriver }
  const record = { schema: 1, id: 'c'.repeat(64), plan } as ContainerRecord
  const dir = join(store.paths.containers, record.id)
  mkdirSync(dir, { mode: 0o700 })
  return { record, dir, names }
}

test('a rootfs for overlay has the mode of the image root and names its layers below layers_dir', async ({ bench }) => {
  const { record, dir, names } = await makeRecord(bench, 'overlay', { kind: 'full' })
  const { merged, words } = await prepareRootfs(bench.store, record)
  expect(merged).toBe(join(dir, 'merged'))
  expect(words).toEqual([
    'storage=overlay',
    `layers_dir=${bench.store.paths.layers}`,
    ...names.map((name) => `lower=${name}/diff`),
    `upper=${dir}/upper`,
    `work=${dir}/work`,
    `merged=${dir}/merged`,
  ])
  expect(statSync(join(dir, 'upper')).mode & 0o7777).toBe(0o711)
})

test('a rootfs is prepared once: what the container changed stays', async ({ bench }) => {
  const { record, dir } = await makeRecord(bench, 'overlay', { kind: 'full' })
  const { words } = await prepareRootfs(bench.store, record)
  chmodSync(join(dir, 'upper'), 0o700)
  expect((await prepareRootfs(bench.store, record)).words).toEqual(words)
  expect(statSync(join(dir, 'upper')).mode & 0o7777).toBe(0o700)
})

test('a rootfs for keep-id has the upper directory given to whom the image root belongs', async ({ bench }) => {
  const { record } = await makeRecord(bench, 'overlay', { kind: 'keep', uid: 1000, gid: 1000 })
  expect((await prepareRootfs(bench.store, record)).words).toContain('upper_owner=1:1')
})

test('a rootfs for fuse-overlayfs names its program', async ({ bench }) => {
  const { record } = await makeRecord(bench, 'fuse-overlayfs', { kind: 'full' })
  const { words } = await prepareRootfs(bench.store, record)
  expect(words).toContain('storage=fuse-overlayfs')
  expect(words.find((word) => word.startsWith('fuse_program='))).toMatch(/^fuse_program=\/.*fuse-overlayfs$/)
})

test('a rootfs for copy is the flattened tree, copied once', async ({ bench }) => {
  const { record, dir } = await makeRecord(bench, 'copy', { kind: 'full' })
  const pidNamespace = /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? ''
  const left = join(dir, `p999999999-1-${pidNamespace}-0`)
  mkdirSync(join(left, 'half'), { recursive: true }) // by a process that was killed
  const { merged, words } = await prepareRootfs(bench.store, record)
  expect(words).toEqual(['storage=dir', `merged=${merged}`])
  expect(readFileSync(join(merged, 'kept'), 'utf8')).toBe('kept')
  expect(existsSync(join(merged, 'gone'))).toBe(false)
  expect(readdirSync(dir)).toEqual(['merged'])
  expect(statSync(merged).mode & 0o7777).toBe(0o711)
  chmodSync(merged, 0o755)
  await prepareRootfs(bench.store, record)
  expect(statSync(merged).mode & 0o7777).toBe(0o755)
})

test('a rootfs for copy that several prepare at once is one whole tree', async ({ bench }) => {
  const { record, dir } = await makeRecord(bench, 'copy', { kind: 'full' })
  await Promise.all(Array.from({ length: 4 }, () => prepareRootfs(bench.store, record)))
  expect(readFileSync(join(dir, 'merged/kept'), 'utf8')).toBe('kept')
  expect(readdirSync(dir)).toEqual(['merged'])
})

test('the best driver that works is chosen, and the answer is kept until asked afresh', async ({ bench }) => {
  const probe = await probeHost(bench.store)
  const { driver } = await chooseDriver(bench.store)
  expect(driver).toBe(probe.overlay.ok ? 'overlay' : probe.fuseOverlayfs.ok ? 'fuse-overlayfs' : 'copy')
  const closed = {
    ...bench.store,
    facts: { ...bench.store.facts, env: { ...bench.store.facts.env, LICHEN_MONITOR: '/bin/false' } },
  }
  expect(await probeHost(closed)).toEqual(probe)
  await expect(probeHost(closed, { fresh: true })).rejects.toThrow()
})

test('a driver that is asked for is used or refused with the reason', async ({ bench }) => {
  const { fuseOverlayfs } = await probeHost(bench.store)
  const forced = { ...bench.store, storageDriver: 'fuse-overlayfs' } as const
  if (fuseOverlayfs.ok) expect(await chooseDriver(forced)).toEqual({ driver: 'fuse-overlayfs' })
  else
    await expect(chooseDriver(forced)).rejects.toThrow(
      `use storage driver fuse-overlayfs: ${bench.store.paths.root}: ${fuseOverlayfs.error}`,
    )
  expect(await chooseDriver({ ...bench.store, storageDriver: 'copy' })).toEqual({ driver: 'copy' })
})
