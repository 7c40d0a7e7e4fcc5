// Lists in the local store: what they keep, what goes with them, which image of theirs is meant, and what many changes at once or a kill
// leave.

import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { openEngine } from '../../../src/engine/engine.js'
import { listImages } from '../../../src/engine/images.js'
import { loadImages } from '../../../src/engine/load.js'
import { annotateManifest, removeFromList } from '../../../src/engine/manifest-change.js'
import { addToList, createManifestList } from '../../../src/engine/manifest-create.js'
import { manifestListExists } from '../../../src/engine/manifest-find.js'
import { removeManifestList } from '../../../src/engine/manifest-rm.js'
import { removeImage } from '../../../src/engine/rmi.js'
import { sweepStore } from '../../../src/engine/sweep.js'
import { changeIndex, readIndex } from '../../../src/images/image-index.js'
import { findImage, listStoredImages } from '../../../src/images/image-store.js'
import { withSource } from '../../../src/images/list-document.js'
import { checkMember } from '../../../src/images/list-members.js'
import { findList, listStoredLists } from '../../../src/images/manifest-lists.js'
import { ConflictError, NotFoundError } from '../../../src/model/errors.js'
import type { Digest } from '../../../src/model/image.js'
import { layer, ociArchive, sha256, type TestImage, toBlob } from '../../support/image-archive.js'
import { startProcess } from '../../support/process.js'
import { type StoreBench, storeFiles, test } from '../../support/store-test.js'

const own = process.arch === 'arm64' ? 'arm64' : 'amd64'
const other = process.arch === 'arm64' ? 'amd64' : 'arm64'
const image = (name: string, architecture: string): TestImage => ({
  layers: [layer({ name }), layer({ shared: '' })],
  names: [name],
  config: { architecture },
})
const keep = { force: false }
const from = { all: false, registry: {} }

/** `app:own` and `app:other`, images for this host's architecture and for another. */
async function loadBoth({ store, write }: StoreBench): Promise<ReturnType<typeof openEngine>> {
  await loadImages(store, { input: write('both.tar', ociArchive(image('app:own', own), image('app:other', other))) })
  return openEngine({ root: store.paths.root, runroot: store.paths.runroot })
}

const create = (engine: ReturnType<typeof openEngine>, name: string, ...images: string[]) =>
  createManifestList(engine, { ...from, name, images, amend: false })

test('a list means the image in it for this host, by name and by ID, and is no image itself', async ({ bench }) => {
  const engine = await loadBoth(bench)
  const { paths } = bench.store
  const id = await create(engine, 'app:list', 'app:other', 'app:own')
  const wanted = findImage(paths, 'app:own').id
  for (const word of ['app:list', 'localhost/app:list', id, id.slice(0, 12)])
    expect(findImage(paths, word).id).toBe(wanted)
  expect(listStoredImages(paths)).toHaveLength(2)
  expect(listStoredLists(paths).map(({ names }) => names)).toEqual([['localhost/app:list']])
  expect([manifestListExists(engine, 'app:list'), manifestListExists(engine, 'app:none')]).toEqual([true, false])
  expect(() => manifestListExists(engine, 'app:own')).toThrow(ConflictError)
  await create(engine, 'foreign', 'app:other')
  expect(() => findImage(paths, 'foreign')).toThrow(/the list has no image for linux/)
})

test('a list keeps its ID and its names through every change, and says what the images are', async ({ bench }) => {
  const engine = await loadBoth(bench)
  const id = await create(engine, 'app:list')
  const digest = findImage(bench.store.paths, 'app:other').manifestDigest
  expect(await addToList(engine, 'app:list', { ...from, images: ['app:own', 'app:other'] })).toBe(id)
  expect(await annotateManifest(engine, id.slice(0, 12), { image: 'app:other', change: { variant: 'v9' } })).toBe(id)
  const entries = () => findList(bench.store.paths, id)?.list.index.manifests.map(({ platform }) => platform)
  expect(entries()).toEqual([
    { architecture: own, os: 'linux' },
    { architecture: other, os: 'linux', variant: 'v9' },
  ])
  expect(await removeFromList(engine, 'app:list', digest)).toBe(id)
  expect(entries()).toEqual([{ architecture: own, os: 'linux' }])
  await expect(removeFromList(engine, 'app:list', digest)).rejects.toThrow(NotFoundError)
  await expect(create(engine, 'app:list')).rejects.toThrow(ConflictError)
  await expect(create(engine, 'app:own')).rejects.toThrow(ConflictError)
  await expect(create(engine, 'app:new', 'app:own', 'containers-storage:none')).rejects.toThrow(NotFoundError)
  expect(manifestListExists(engine, 'app:new')).toBe(false)
  const amended = { ...from, name: 'app:list', images: ['app:other'], amend: true }
  expect(await createManifestList(engine, amended)).toBe(id)
  expect(entries()).toHaveLength(2)
  // one document for the list, whatever it has been
  expect(readdirSync(bench.store.paths.blobs)).toHaveLength(2 * 2 + 3 + 1)
})

test('removing a list leaves its images, and removing an image leaves what a list needs of it', async ({ bench }) => {
  const engine = await loadBoth(bench)
  const { paths } = bench.store
  const before = storeFiles(bench.store).sort()
  const id = await create(engine, 'app:list', 'app:own', 'app:other')
  expect(await removeManifestList(engine, 'app:list')).toEqual({ untagged: ['localhost/app:list'], deleted: [id] })
  expect(storeFiles(bench.store).sort()).toEqual(before)
  await create(engine, 'app:list', 'app:own', 'app:other')
  await removeImage(bench.store, 'app:own', keep)
  await removeImage(bench.store, 'app:other', keep)
  await sweepStore(bench.store)
  expect(listStoredImages(paths)).toEqual([])
  expect(readdirSync(paths.layers)).toEqual([])
  expect(readdirSync(paths.blobs)).toHaveLength(2 * 2 + 3 + 1)
  expect(await bench.lichen.ok('create', 'app:list', 'x')).toMatch(/^[0-9a-f]{64}$/)
  expect(await bench.lichen.ok('rm', '--all')).toMatch(/^[0-9a-f]{64}$/)
  expect((await removeImage(bench.store, 'app:list', keep)).untagged).toEqual(['localhost/app:list'])
  expect(storeFiles(bench.store)).toEqual([])
})

test('a list with several names loses them one by one; rmi --all takes lists, too', async ({ bench }) => {
  const engine = await loadBoth(bench)
  const id = await create(engine, 'app:list', 'app:own')
  await bench.lichen.ok('tag', 'app:list', 'app:also')
  expect(await removeManifestList(engine, 'app:also')).toEqual({ untagged: ['localhost/app:also'], deleted: [] })
  expect(findList(bench.store.paths, 'app:list')?.list.id).toBe(id)
  await expect(removeManifestList(engine, 'app:also')).rejects.toMatchObject({ exitCode: 1 })
  await expect(removeManifestList(engine, 'app:own')).rejects.toThrow(ConflictError)
  expect(await bench.lichen.ok('rmi', '--all')).toContain(`Deleted: ${id}`)
  expect(storeFiles(bench.store)).toEqual([])
})

test('an image that was removed while it was being added is not', async ({ bench }) => {
  const gone = { mediaType: 'm', size: 1, digest: `sha256:${'a'.repeat(64)}` } as const
  expect(() => checkMember(bench.store.paths, gone)).toThrow(NotFoundError)
  expect(() => checkMember(bench.store.paths, withSource(gone, 'registry.example.com/app:1'))).not.toThrow()
})

test('an index in an index is followed to the image, and keeps what is in it', async ({ bench }) => {
  await loadBoth(bench)
  const { paths } = bench.store
  const { manifestDigest } = findImage(paths, 'app:own')
  const elsewhere = `sha256:${'e'.repeat(64)}`
  const describe = (digest: string, architecture: string) => ({
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest,
    size: readIndex(paths).find((entry) => entry.digest === digest)?.size ?? 1,
    platform: { os: 'linux', architecture },
  })
  const nested = putIndex(bench, [describe(elsewhere, other), describe(manifestDigest, own)])
  const outer = putIndex(bench, [describe(elsewhere, other), nested])
  await changeIndex(paths, (before) => {
    const annotations = { 'org.opencontainers.image.ref.name': 'localhost/nested:latest' }
    return { manifests: [...before, { ...outer, annotations }], result: undefined }
  })
  const wanted = findImage(paths, 'app:own').id
  await removeImage(bench.store, 'app:own', keep)
  await sweepStore(bench.store)
  expect(findImage(paths, 'nested').id).toBe(wanted)
  await removeManifestList(bench.store, 'nested')
  expect(listImages(bench.store).map(({ image: { names } }) => names)).toEqual([['localhost/app:other']])
  expect(readdirSync(paths.blobs)).toHaveLength(4)
})

/** As a blob of the store. */
function putIndex({ store }: StoreBench, manifests: readonly object[]) {
  const mediaType = 'application/vnd.oci.image.index.v1+json'
  const { bytes, digest } = toBlob({ schemaVersion: 2, mediaType, manifests })
  writeFileSync(join(store.paths.blobs, digest.slice(7)), bytes)
  return { mediaType, digest: digest as Digest, size: bytes.length }
}

test('a damaged list is told as such, hurts nothing else, and can be removed', async ({ bench }) => {
  const engine = await loadBoth(bench)
  const { paths } = bench.store
  await create(engine, 'app:list', 'app:own')
  const digest = findList(paths, 'app:list')?.list.digest ?? ''
  writeFileSync(join(paths.blobs, digest.slice(7)), '{}')
  expect(() => findImage(paths, 'app:list')).toThrow(`its digest is ${sha256('{}')}`)
  expect(listStoredLists(paths)).toEqual([])
  expect(listImages(bench.store)).toHaveLength(2)
  expect(await removeManifestList(engine, 'app:list')).toEqual({ untagged: ['localhost/app:list'], deleted: [] })
  expect(readdirSync(paths.blobs)).toHaveLength(2 * 2 + 3)
})

test('images that are added at the same time are all in the list', async ({ bench }) => {
  const names = Array.from({ length: 12 }, (_, n) => `many:${n}`)
  const archive = ociArchive(...names.map((name) => image(name, own)))
  await loadImages(bench.store, { input: bench.write('many.tar', archive) })
  const engine = openEngine({ root: bench.store.paths.root, runroot: bench.store.paths.runroot })
  await create(engine, 'list')
  await Promise.all(names.map((name) => addToList(engine, 'list', { ...from, images: [name] })))
  expect(findList(bench.store.paths, 'list')?.list.index.manifests).toHaveLength(12)
  expect(readdirSync(bench.store.paths.blobs)).toHaveLength(12 * 3 + 1 + 1)
})

test('a list is as it was or as it was to be when create, add and rm are killed at any moment', async ({ bench }) => {
  const engine = await loadBoth(bench)
  const { paths } = bench.store
  const files = readdirSync(paths.blobs).sort()
  const list = () => findList(paths, 'list')?.list.index.manifests.length
  for (let afterMs = 40; afterMs <= 200; afterMs += 16) {
    for (const words of [
      ['create', 'list', 'app:own'],
      ['add', 'list', 'app:other'],
      ['rm', 'list'],
    ]) {
      const running = startProcess([...bench.lichen.argv, 'manifest', ...words])
      const timer = setTimeout(() => running.kill('SIGKILL'), afterMs)
      await running.ended
      clearTimeout(timer)
      expect([undefined, 1, 2], words.join(' ')).toContain(list())
      for (const { digest } of findList(paths, 'list')?.list.index.manifests ?? [])
        expect(readdirSync(paths.blobs)).toContain(digest.slice(7))
    }
    expect(listStoredImages(bench.store.paths)).toHaveLength(2)
    await bench.lichen('manifest', 'rm', '--ignore', 'list')
  }
  await create(engine, 'list')
  await removeManifestList(engine, 'list')
  expect(readdirSync(paths.blobs).sort()).toEqual(files)
})
