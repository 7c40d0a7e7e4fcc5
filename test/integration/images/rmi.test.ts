// `rmi`: what goes with a name, what with an image, and what stays because something else needs it.

import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { listImages } from '../../../src/engine/images.js'
import { importImage } from '../../../src/engine/import.js'
import { loadImages } from '../../../src/engine/load.js'
import { removeImage } from '../../../src/engine/rmi.js'
import { findImage } from '../../../src/images/image-store.js'
import { ConflictError, NotFoundError, UsageError } from '../../../src/model/errors.js'
import { test as cliTest } from '../../support/container-test.js'
import { layer, ociArchive, type TestImage } from '../../support/image-archive.js'
import { type StoreBench, storeFiles, test } from '../../support/store-test.js'

const shared = layer({ shared: '' })
const first: TestImage = { layers: [shared, layer({ one: '' })], names: ['first:1', 'first:also'] }
const second: TestImage = { layers: [shared, layer({ two: '' })], names: ['second:1'] }
const keep = { force: false }

async function loadBoth({ store, write }: StoreBench): Promise<void> {
  await loadImages(store, { input: write('both.tar', ociArchive(first, second)) })
}

const namesIn = ({ store }: StoreBench) =>
  listImages(store)
    .flatMap(({ image }) => image.names)
    .sort()

test('rmi of one of several names takes only that name', async ({ bench }) => {
  await loadBoth(bench)
  const before = storeFiles(bench.store)
  expect(await removeImage(bench.store, 'first:1', keep)).toEqual({ untagged: ['localhost/first:1'], deleted: [] })
  expect(storeFiles(bench.store)).toEqual(before)
  expect(namesIn(bench)).toEqual(['localhost/first:also', 'localhost/second:1'])
})

test('rmi of the last name removes the image and the layers and blobs nobody else uses', async ({ bench }) => {
  await loadBoth(bench)
  const { id } = findImage(bench.store.paths, 'second:1')
  expect(await removeImage(bench.store, 'second:1', keep)).toEqual({ untagged: ['localhost/second:1'], deleted: [id] })
  expect(readdirSync(bench.store.paths.layers)).toHaveLength(2)
  expect(readdirSync(bench.store.paths.blobs)).toHaveLength(4)
  await removeImage(bench.store, 'first:also', keep)
  await removeImage(bench.store, 'first:1', keep)
  expect(storeFiles(bench.store)).toEqual([])
})

test('rmi of an ID with several names needs force', async ({ bench }) => {
  await loadBoth(bench)
  const { id } = findImage(bench.store.paths, 'first:1')
  await expect(removeImage(bench.store, id.slice(0, 10), keep)).rejects.toThrow(ConflictError)
  const names = ['localhost/first:1', 'localhost/first:also']
  expect(await removeImage(bench.store, id, { force: true })).toEqual({ untagged: names, deleted: [id] })
  expect(namesIn(bench)).toEqual(['localhost/second:1'])
})

test('rmi of an image that is not there ends with exit code 1', async ({ bench }) => {
  const removing = removeImage(bench.store, 'nobody:1', keep)
  await expect(removing).rejects.toThrow(NotFoundError)
  await expect(removing).rejects.toMatchObject({
    exitCode: 1,
    message: 'remove image: nobody:1: not in the local store',
  })
})

test('rmi removes a dangling image by its ID', async ({ bench }) => {
  const { id } = await importImage(bench.store, { source: bench.write('a.tar', shared) })
  expect(await removeImage(bench.store, id, keep)).toEqual({ untagged: [], deleted: [id] })
  expect(storeFiles(bench.store)).toEqual([])
})

test('a damaged image is told as such, hurts no other, and can be removed by its name', async ({ bench }) => {
  await loadBoth(bench)
  const { manifest } = findImage(bench.store.paths, 'second:1')
  writeFileSync(join(bench.store.paths.blobs, manifest.config.digest.slice(7)), '{}')
  expect(() => findImage(bench.store.paths, 'second:1')).toThrow(/config sha256:\w+: its digest is/)
  expect(namesIn(bench)).toEqual(['localhost/first:1', 'localhost/first:also'])
  expect(await removeImage(bench.store, 'second:1', keep)).toEqual({ untagged: ['localhost/second:1'], deleted: [] })
  expect(readdirSync(bench.store.paths.blobs)).toHaveLength(4)
  rmSync(join(bench.store.paths.blobs, findImage(bench.store.paths, 'first:1').manifestDigest.slice(7)))
  await removeImage(bench.store, 'first:1', keep)
  expect(storeFiles(bench.store)).toEqual([])
})

test('images are found by short name, digest, ID and prefix; a prefix of several is refused', async ({ bench }) => {
  await loadBoth(bench)
  const { paths } = bench.store
  const { id, manifestDigest } = findImage(paths, 'second:1')
  const words = ['localhost/second:1', id, id.slice(0, 6), `sha256:${id}`, `second@${manifestDigest}`, manifestDigest]
  expect(words.map((word) => findImage(paths, word).id)).toEqual(words.map(() => id))
  for (const word of ['second', 'second:2', 'docker.io/library/second:1', `other@${manifestDigest}`, 'f'.repeat(64)])
    expect(() => findImage(paths, word)).toThrow(NotFoundError)
  for (const word of ['UPPER', 'a:b:c', '']) expect(() => findImage(paths, word)).toThrow(UsageError)
  for (let n = 0; n < 17; n++)
    await importImage(bench.store, { source: bench.write(`${n}.tar`, layer({ n: String(n) })) })
  const digits = listImages(bench.store).map(({ image }) => image.id.slice(0, 1))
  const twice = digits.find((digit, index) => digits.indexOf(digit) !== index) ?? ''
  expect(() => findImage(paths, twice)).toThrow(/is the beginning of \d+ IDs/)
})

test('images are listed newest first and filtered as podman filters', async ({ bench }) => {
  const image = (name: string, created: string, Labels = {}): TestImage => ({
    layers: [shared],
    ...(name === '' ? {} : { names: [name] }),
    config: { created, config: { Labels } },
  })
  const archive = ociArchive(
    image('quay.io/team/old:1', '2020-01-01T00:00:00Z', { a: 'b' }),
    image('localhost/new:2', '2024-01-01T00:00:00Z', { a: 'c' }),
    image('', '2022-01-01T00:00:00Z'),
  )
  await loadImages(bench.store, { input: bench.write('a.tar', archive) })
  const list = (...filters: string[]) =>
    listImages(bench.store, {
      filters: filters.map((text) => {
        const [key = '', ...value] = text.split('=')
        return { key, value: value.join('=') }
      }),
    }).map(({ image: { names } }) => names[0] ?? '<none>')
  const [fresh, none, old] = ['localhost/new:2', '<none>', 'quay.io/team/old:1']
  expect(list()).toEqual([fresh, none, old])
  expect(list('dangling=true')).toEqual([none])
  expect(list('dangling=false')).toEqual([fresh, old])
  expect(list('label=a')).toEqual([fresh, old])
  expect(list('label=a=b')).toEqual([old])
  expect(list('reference=new')).toEqual([fresh])
  expect(list('reference=quay.io/*/*:1')).toEqual([old])
  expect(list('reference=team/o*', 'reference=new:2')).toEqual([fresh, old])
  expect(list('before=new:2')).toEqual([none, old])
  expect(list('since=quay.io/team/old:1', 'dangling=false')).toEqual([fresh])
  expect(list(`id=${findImage(bench.store.paths, 'new:2').id.slice(0, 12)}`)).toEqual([fresh])
  expect(list('readonly=true')).toEqual([])
  expect(() => list('nonsense=1')).toThrow(UsageError)
  expect(() => list('dangling=maybe')).toThrow(UsageError)
  expect(() => list('since=nobody')).toThrow(NotFoundError)
})

cliTest('rmi of an image that a container uses says which, and ends with 2; force removes both', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'user', 'box', 'true')
  const { code, stderr } = await lichen('rmi', 'box')
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringMatching(
      /^Error: remove image: localhost\/box:latest: used by container [0-9a-f]{12} \(user\)\nHint: lichen rm -f user/,
    ),
  })
  expect(await lichen.ok('rmi', '--force', 'box')).toMatch(/^Untagged: localhost\/box:latest\nDeleted: [0-9a-f]{64}$/)
  expect(await lichen.ok('ps', '--all', '--quiet')).toBe('')
  expect(readdirSync(join(lichen.root, 'layers'))).toEqual([])
})
