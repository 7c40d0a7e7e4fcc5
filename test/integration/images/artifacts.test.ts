// Artifacts in the local store: files in, files out, what goes with a name, and what strangers' titles cannot do.

import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type AddArtifactRequest, addArtifact } from '../../../src/engine/artifact-add.js'
import { extractArtifact } from '../../../src/engine/artifact-extract.js'
import { listArtifacts, removeArtifact } from '../../../src/engine/artifacts.js'
import { artifactPaths, findArtifact, storeArtifact } from '../../../src/images/artifact-store.js'
import { stageBytes } from '../../../src/images/blobs.js'
import type { LocalArtifact } from '../../../src/model/artifact.js'
import { BadInputError, ConflictError, NotFoundError, UsageError } from '../../../src/model/errors.js'
import { sha256 } from '../../../src/platform/digest.js'
import { makeStagingDir } from '../../../src/platform/staging.js'
import { startProcess } from '../../support/process.js'
import { type StoreBench, test } from '../../support/store-test.js'

const TITLE = 'org.opencontainers.image.title'

const add = ({ store }: StoreBench, files: readonly string[], more: Partial<AddArtifactRequest> = {}) =>
  addArtifact(store, { name: 'art', files, annotations: {}, mode: 'new', ...more })
const titles = ({ manifest }: LocalArtifact) => manifest.layers.map(({ annotations }) => annotations?.[TITLE])
const storedFiles = ({ store }: StoreBench) => readdirSync(artifactPaths(store.paths).blobs).sort()
const hexOf = (...texts: readonly string[]) => texts.map((text) => sha256(text).slice(7))

/** An artifact as a registry may bring it. */
async function storeForeign({ store }: StoreBench, ...files: readonly { title?: string; text: string }[]) {
  const dir = makeStagingDir(store.paths)
  const blobs = files.map(({ text }, index) => stageBytes(join(dir, String(index)), text))
  const config = stageBytes(join(dir, 'config'), '{}')
  const describe = ({ digest, sizeBytes }: (typeof blobs)[0], title?: string) => ({
    mediaType: 'text/plain',
    digest,
    size: sizeBytes,
    ...(title === undefined ? {} : { annotations: { [TITLE]: title } }),
  })
  const layers = blobs.map((blob, index) => describe(blob, files[index]?.title))
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, config: describe(config), layers }))
  await storeArtifact(store.paths, {
    name: 'localhost/evil:latest',
    blobs: [config, ...blobs],
    toManifest: () => ({ bytes }),
  })
  rmSync(dir, { recursive: true })
}

test('an artifact is found by short name, full name, digest and the beginning of one', async ({ bench }) => {
  const digest = await add(bench, [bench.write('a.txt', 'a')])
  for (const word of ['art', 'localhost/art:latest', digest, digest.slice(7), digest.slice(7, 19)])
    expect(findArtifact(bench.store.paths, word)).toMatchObject({ digest, name: 'localhost/art:latest', sizeBytes: 1 })
  for (const word of ['art:2', 'docker.io/library/art', 'f'.repeat(64)])
    expect(() => findArtifact(bench.store.paths, word)).toThrow(NotFoundError)
  expect(() => findArtifact(bench.store.paths, 'UPPER')).toThrow(UsageError)
})

test('add keeps each file once, with its title, type and annotations', async ({ bench }) => {
  const files = [
    bench.write('a.txt', 'same'),
    bench.write('b.bin', 'same'),
    bench.write('c.gz', Buffer.from('1f8b08', 'hex')),
  ]
  await add(bench, files, { type: 'application/x-thing', annotations: { k: 'v' } })
  const { manifest } = findArtifact(bench.store.paths, 'art')
  expect(manifest).toMatchObject({ schemaVersion: 2, artifactType: 'application/x-thing' })
  expect(manifest.layers.map(({ annotations }) => annotations)).toEqual(
    ['a.txt', 'b.bin', 'c.gz'].map((name) => ({ [TITLE]: name, k: 'v' })),
  )
  expect(manifest.layers.map(({ mediaType }) => mediaType)).toEqual([
    'text/plain; charset=utf-8',
    'text/plain; charset=utf-8',
    'application/x-gzip',
  ])
  expect(storedFiles(bench)).toHaveLength(4)
})

test('add refuses a name or a title that is taken and files it cannot read, and changes nothing then', async ({
  bench,
}) => {
  const a = bench.write('a.txt', 'a')
  const digest = await add(bench, [a])
  const before = storedFiles(bench)
  await expect(add(bench, [bench.write('b.txt', 'b')])).rejects.toThrow(ConflictError)
  await expect(add(bench, [bench.write('b.txt', 'b'), a], { mode: 'append' })).rejects.toThrow(ConflictError)
  await expect(add(bench, [join(bench.directory, 'none')], { name: 'new' })).rejects.toThrow(NotFoundError)
  await expect(add(bench, [bench.directory], { name: 'new' })).rejects.toThrow(BadInputError)
  await expect(add(bench, [a], { name: 'new', mode: 'append' })).rejects.toThrow(NotFoundError)
  expect(listArtifacts(bench.store).map(({ artifact }) => artifact.digest)).toEqual([digest])
  expect(storedFiles(bench)).toEqual(before)
})

test('append adds files and keeps when it was made; replace makes it anew and removes what is needless', async ({
  bench,
}) => {
  await add(bench, [bench.write('a.txt', 'a')], { type: 'x/y' })
  const [before] = listArtifacts(bench.store)
  await add(bench, [bench.write('b.txt', 'b')], { mode: 'append' })
  const [after] = listArtifacts(bench.store)
  expect(titles(findArtifact(bench.store.paths, 'art'))).toEqual(['a.txt', 'b.txt'])
  expect(after?.artifact.manifest.artifactType).toBe('x/y')
  expect(after?.created).toBe(before?.created)
  const digest = await add(bench, [bench.write('c.txt', 'c')], { mode: 'replace' })
  expect(titles(findArtifact(bench.store.paths, 'art'))).toEqual(['c.txt'])
  expect(storedFiles(bench)).toEqual([...hexOf('{}', 'c'), digest.slice(7)].sort())
})

test('rm removes what no other artifact has', async ({ bench }) => {
  const shared = bench.write('shared', 'shared')
  const one = await add(bench, [shared, bench.write('one', 'one')], { name: 'one' })
  const two = await add(bench, [shared, bench.write('two', 'two')], { name: 'two' })
  expect(await removeArtifact(bench.store, one.slice(7, 20))).toBe(one)
  expect(storedFiles(bench)).toEqual([...hexOf('{}', 'shared', 'two'), two.slice(7)].sort())
  await expect(removeArtifact(bench.store, 'one')).rejects.toThrow(NotFoundError)
  writeFileSync(join(artifactPaths(bench.store.paths).blobs, two.slice(7)), 'damaged')
  expect(await removeArtifact(bench.store, 'two')).toBe(two)
  expect(storedFiles(bench)).toEqual([])
})

test('extract writes every file into a directory, or one to a path', async ({ bench }) => {
  await add(bench, [bench.write('a.txt', 'a'), bench.write('b.txt', 'b')])
  const target = join(bench.directory, 'out')
  mkdirSync(target)
  const extract = (more: object = {}, place = target) =>
    extractArtifact(bench.store, { artifact: 'art', target: place, ...more })
  await extract()
  expect(readdirSync(target)).toEqual(['a.txt', 'b.txt'])
  expect(readFileSync(join(target, 'b.txt'), 'utf8')).toBe('b')
  await extract({ digest: sha256('b') })
  expect(readdirSync(target)).toContain(`sha256-${hexOf('b')[0]}`)
  const file = join(bench.directory, 'file')
  await extract({ title: 'b.txt' }, file)
  await extract({ title: 'a.txt' }, file)
  expect(readFileSync(file, 'utf8')).toBe('a')
  await expect(extract({}, file)).rejects.toThrow(/it has 2 files, and .*file is no directory/)
  await expect(extract({ title: 'none' })).rejects.toThrow(NotFoundError)
  await expect(extract({ digest: 'blah' })).rejects.toThrow(NotFoundError)
})

test('extract writes nothing at all when one title would leave the directory', async ({ bench }) => {
  const target = join(bench.directory, 'out')
  mkdirSync(target)
  for (const title of ['../outside', join(bench.directory, 'outside'), '..']) {
    await storeForeign(bench, { title: 'good', text: 'good' }, { title, text: 'bad' })
    await expect(extractArtifact(bench.store, { artifact: 'evil', target })).rejects.toThrow(BadInputError)
    expect([readdirSync(target), existsSync(join(bench.directory, 'outside'))]).toEqual([[], false])
    await extractArtifact(bench.store, { artifact: 'evil', target, digest: sha256('bad') })
    expect(readdirSync(target)).toEqual([`sha256-${hexOf('bad')[0]}`])
    rmSync(join(target, `sha256-${hexOf('bad')[0]}`))
  }
  await storeForeign(bench, { title: 'twice', text: '1' }, { title: 'twice', text: '2' })
  await expect(extractArtifact(bench.store, { artifact: 'evil', target })).rejects.toThrow(/two files of that title/)
  await storeForeign(bench, { text: 'nameless' })
  await extractArtifact(bench.store, { artifact: 'evil', target })
  expect(readdirSync(target)).toEqual([`sha256-${hexOf('nameless')[0]}`])
})

test('extract follows no link in the directory, and leaves what is no file', async ({ bench }) => {
  const target = join(bench.directory, 'out')
  const victim = bench.write('victim', 'mine')
  mkdirSync(join(target, 'dir'), { recursive: true })
  symlinkSync(victim, join(target, 'link'))
  symlinkSync(join(bench.directory, 'nowhere'), join(target, 'dangling'))
  for (const title of ['link', 'dangling', 'dir']) {
    await storeForeign(bench, { title: 'good', text: 'good' }, { title, text: 'bad' })
    await expect(extractArtifact(bench.store, { artifact: 'evil', target })).rejects.toThrow(ConflictError)
  }
  expect(readFileSync(victim, 'utf8')).toBe('mine')
  expect(lstatSync(join(target, 'link')).isSymbolicLink()).toBe(true)
  expect(readdirSync(target).sort()).toEqual(['dangling', 'dir', 'link'])
})

test('extract writes no file whose bytes in the store are not what they were', async ({ bench }) => {
  await add(bench, [bench.write('a.txt', 'a')])
  writeFileSync(join(artifactPaths(bench.store.paths).blobs, hexOf('a')[0] ?? ''), 'b')
  const target = join(bench.directory, 'file')
  await expect(extractArtifact(bench.store, { artifact: 'art', target })).rejects.toThrow(BadInputError)
  expect(existsSync(target)).toBe(false)
})

test('an artifact is whole or not there when add and rm are killed at any moment', async ({ bench }) => {
  const big = bench.write('big', Buffer.alloc(8_000_000, 'x'))
  for (let afterMs = 50; afterMs <= 250; afterMs += 20) {
    for (const words of [
      ['add', '--replace', 'art', big],
      ['rm', 'art'],
    ]) {
      const running = startProcess([...bench.lichen.argv, 'artifact', ...words])
      const timer = setTimeout(() => running.kill('SIGKILL'), afterMs)
      await running.ended
      clearTimeout(timer)
      for (const { artifact } of listArtifacts(bench.store)) {
        expect(artifact.sizeBytes).toBe(8_000_000)
        expect(storedFiles(bench)).toEqual(
          expect.arrayContaining(artifact.manifest.layers.map(({ digest }) => digest.slice(7))),
        )
      }
    }
  }
  const digest = await add(bench, [bench.write('a.txt', 'a')], { mode: 'replace' })
  expect(storedFiles(bench)).toEqual([...hexOf('{}', 'a'), digest.slice(7)].sort())
})
