// `load`: every form an image archive comes in, and that what was loaded is what was archived.

import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'vitest'
import { inspectImage } from '../../../src/engine/image-inspect.js'
import { listImages } from '../../../src/engine/images.js'
import { loadImages } from '../../../src/engine/load.js'
import { readIndex } from '../../../src/images/image-index.js'
import { findImage, layerSources, listStoredImages } from '../../../src/images/image-store.js'
import { ensureLayers, layerMapping } from '../../../src/storage/layers.js'
import { tar } from '../../monitor/tar-writer.js'
import { findProgram } from '../../support/facts.js'
import {
  descriptor,
  dockerArchive,
  layer,
  manifestDescriptor,
  ociArchive,
  ociFiles,
  ociParts,
  sha256,
  type TestImage,
  toBlob,
} from '../../support/image-archive.js'
import { type StoreBench, test } from '../../support/store-test.js'

const image: TestImage = {
  layers: [layer({ 'etc/one': 'first\n', 'etc/two': 'first\n' }), layer({ 'etc/two': 'second\n' })],
  names: ['docker.io/library/two-layers:1'],
  config: { config: { Cmd: ['/bin/sh'], Env: ['A=b'] } },
}

/** File contents of the image's layers, bottom first. */
async function readUnpacked({ store }: StoreBench, name: string): Promise<Record<string, string>[]> {
  const names = await ensureLayers(
    store,
    layerSources(store.paths, findImage(store.paths, name)),
    layerMapping(store, undefined),
  )
  return [...names].reverse().map((dir) => {
    const etc = join(store.paths.layers, dir, 'diff/etc')
    return Object.fromEntries(readdirSync(etc).map((file) => [file, readFileSync(join(etc, file), 'utf8')]))
  })
}

const unpacked = [{ one: 'first\n', two: 'first\n' }, { two: 'second\n' }]

for (const [kind, make] of [
  ['an oci-archive', ociArchive],
  ['a docker-archive', dockerArchive],
] as const) {
  test(`load keeps names, config and layers of ${kind}`, async ({ bench }) => {
    const { images } = await loadImages(bench.store, { input: bench.write('image.tar', make(image)) })
    const id = ociParts(image).config.digest.slice(7)
    expect(images).toEqual([{ id, names: ['docker.io/library/two-layers:1'] }])
    expect(await readUnpacked(bench, 'two-layers:1')).toEqual(unpacked)
    expect(findImage(bench.store.paths, id.slice(0, 6)).config.config?.Cmd).toEqual(['/bin/sh'])
  })

  test(`load reads ${kind} that is compressed as a whole`, async ({ bench }) => {
    const { images } = await loadImages(bench.store, { input: bench.write('image.bin', gzipSync(make(image))) })
    expect(images[0]?.names).toEqual(['docker.io/library/two-layers:1'])
  })

  test(`load keeps every image and every name of ${kind} with several`, async ({ bench }) => {
    const other: TestImage = {
      layers: [image.layers[0] ?? Buffer.alloc(0)],
      names: ['quay.io/other:x', 'quay.io/other:y'],
    }
    const nameless: TestImage = { layers: image.layers }
    const { images } = await loadImages(bench.store, { input: bench.write('a.tar', make(image, other, nameless)) })
    expect(images.map(({ names }) => names)).toEqual([image.names, other.names, []])
    expect(new Set(readdirSync(bench.store.paths.layers)).size).toBe(2)
  })
}

test('load reads an OCI layout directory', async ({ bench }) => {
  const root = join(bench.directory, 'layout')
  const { config, layers, manifest } = ociParts(image)
  mkdirSync(join(root, 'blobs/sha256'), { recursive: true })
  for (const { name, data } of ociFiles([manifestDescriptor(manifest, 'here')], [config, ...layers, manifest]))
    writeFileSync(join(root, name), data ?? '')
  const { images } = await loadImages(bench.store, { input: root })
  expect(images[0]?.names).toEqual(['localhost/here:latest'])
  expect(await readUnpacked(bench, 'here')).toEqual(unpacked)
})

test('load follows the links of an archive inside the archive', async ({ bench }) => {
  const [bottom = Buffer.alloc(0)] = image.layers
  const one: TestImage = { layers: [bottom, bottom], names: ['linked:1'] }
  const config = toBlob({ ...JSON.parse(ociParts(one).config.bytes.toString()) })
  const archive = tar(
    { name: 'aaa/layer.tar', data: bottom },
    { name: 'bbb/layer.tar', type: '2', link: '../aaa/layer.tar' },
    { name: 'config', data: config.bytes },
    {
      name: 'manifest.json',
      data: JSON.stringify([{ Config: 'config', RepoTags: ['linked:1'], Layers: ['aaa/layer.tar', 'bbb/layer.tar'] }]),
    },
  )
  await loadImages(bench.store, { input: bench.write('linked.tar', archive) })
  expect(findImage(bench.store.paths, 'linked:1').manifest.layers).toHaveLength(2)
})

test('load reads what docker 25 saves: a layout whose names are in another annotation', async ({ bench }) => {
  const { config, layers, manifest } = ociParts(image)
  const annotations = {
    'io.containerd.image.name': 'docker.io/library/new:3',
    'org.opencontainers.image.ref.name': '3',
  }
  const files = ociFiles([manifestDescriptor(manifest, undefined, { annotations })], [config, ...layers, manifest])
  const also = { name: 'manifest.json', data: '[{"Config":"nowhere","Layers":[]}]' }
  const { images } = await loadImages(bench.store, { input: bench.write('new.tar', tar(...files, also)) })
  expect(images[0]?.names).toEqual(['docker.io/library/new:3'])
})

test('load takes the image for this machine from an index', async ({ bench }) => {
  const arch = process.arch === 'arm64' ? 'arm64' : 'amd64'
  const mine = ociParts(image)
  const foreign = ociParts({ layers: [layer({ foreign: '' })], config: { architecture: 's390x' } })
  const index = toBlob({
    schemaVersion: 2,
    manifests: [
      manifestDescriptor(foreign.manifest, undefined, { platform: { os: 'linux', architecture: 's390x' } }),
      manifestDescriptor(mine.manifest, undefined, { platform: { os: 'linux', architecture: arch } }),
    ],
  })
  const root = descriptor(index, 'application/vnd.oci.image.index.v1+json', {
    annotations: { 'org.opencontainers.image.ref.name': 'multi:1' },
  })
  const archive = tar(...ociFiles([root], [index, mine.config, mine.manifest, ...mine.layers]))
  const { images } = await loadImages(bench.store, { input: bench.write('index.tar', archive) })
  expect(images).toEqual([{ id: mine.config.digest.slice(7), names: ['localhost/multi:1'] }])
})

test('load says which platforms there are when an index has none for this machine', async ({ bench }) => {
  const { manifest } = ociParts(image)
  const index = toBlob({
    schemaVersion: 2,
    manifests: [manifestDescriptor(manifest, undefined, { platform: { os: 'plan9', architecture: 'mips' } })],
  })
  const root = descriptor(index, 'application/vnd.oci.image.index.v1+json')
  const input = bench.write('index.tar', tar(...ociFiles([root], [index])))
  await expect(loadImages(bench.store, { input })).rejects.toThrow(
    expect.objectContaining({ hint: 'it has plan9/mips' }),
  )
})

test('load moves a name to the newer image and keeps the older one as dangling', async ({ bench }) => {
  const newer: TestImage = { ...image, config: { created: '2025-01-01T00:00:00Z' } }
  await loadImages(bench.store, { input: bench.write('1.tar', ociArchive(image)) })
  await loadImages(bench.store, { input: bench.write('2.tar', dockerArchive(newer)) })
  expect(listImages(bench.store).map(({ image: { names } }) => names)).toEqual([image.names, []])
})

test('load of the same image in another form leaves one image', async ({ bench }) => {
  await loadImages(bench.store, { input: bench.write('1.tar', ociArchive(image)) })
  await loadImages(bench.store, { input: bench.write('2.tar', dockerArchive(image)) })
  expect(listStoredImages(bench.store.paths)).toHaveLength(1)
  expect(readIndex(bench.store.paths)).toHaveLength(1)
})

test('the store is an OCI layout that skopeo reads', async ({ bench, skip }) => {
  if (findProgram('skopeo') === undefined) skip('skopeo is not installed')
  await loadImages(bench.store, { input: bench.write('1.tar', ociArchive(image)) })
  await loadImages(bench.store, { input: bench.write('2.tar', dockerArchive({ ...image, names: ['docker:1'] })) })
  for (const name of ['docker.io/library/two-layers:1', 'docker.io/library/docker:1']) {
    const text = execFileSync('skopeo', ['inspect', '--config', `oci:${bench.store.paths.images}:${name}`])
    expect(JSON.parse(text.toString())).toMatchObject({ config: { Cmd: ['/bin/sh'] } })
  }
})

test('image inspect tells what the archive said', async ({ bench }) => {
  await loadImages(bench.store, { input: bench.write('1.tar', ociArchive(image)) })
  const { config, manifest } = ociParts(image)
  expect(inspectImage(bench.store, 'two-layers:1')).toMatchObject({
    Id: config.digest.slice(7),
    Digest: manifest.digest,
    RepoTags: image.names,
    RepoDigests: [`docker.io/library/two-layers@${manifest.digest}`],
    Created: '2024-05-06T07:08:09Z',
    Config: { Cmd: ['/bin/sh'], Env: ['A=b'] },
    Os: 'linux',
    Size: 'first\nfirst\nsecond\n'.length,
    RootFS: { Type: 'layers', Layers: image.layers.map(sha256) },
    ManifestType: 'application/vnd.oci.image.manifest.v1+json',
  })
  expect(inspectImage(bench.store, `two-layers@${manifest.digest}`)).toEqual(inspectImage(bench.store, config.digest))
})

test('load keeps a config byte for byte: its digest is the ID', async ({ bench }) => {
  const config = Buffer.from(
    `${JSON.stringify({ ...JSON.parse(ociParts(image).config.bytes.toString()), extra: 1 }, null, 3)}\n`,
  )
  const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = image.layers
  const archive = tar(
    { name: 'l1.tar', data: first },
    { name: 'l2.tar', data: second },
    { name: 'c.json', data: config },
    { name: 'manifest.json', data: JSON.stringify([{ Config: 'c.json', Layers: ['l1.tar', 'l2.tar'] }]) },
  )
  const { images } = await loadImages(bench.store, { input: bench.write('a.tar', archive) })
  expect(images[0]?.id).toBe(sha256(config).slice(7))
})
