// `save`: every form, read back by `load` and by podman, whose own archives are the measure of ours.

import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { openEngine } from '../../../src/engine/engine.js'
import { loadImages } from '../../../src/engine/load.js'
import { type SaveRequest, saveImages } from '../../../src/engine/save.js'
import { blobPath } from '../../../src/images/blobs.js'
import { findImage, layerSources } from '../../../src/images/image-store.js'
import type { LocalImage } from '../../../src/model/image.js'
import type { SaveFormat } from '../../../src/model/image-conversion.js'
import type { Store } from '../../../src/platform/store.js'
import { ensureLayers, layerMapping } from '../../../src/storage/layers.js'
import { findProgram } from '../../support/facts.js'
import { dockerArchive, layer, ociArchive, ociParts, sha256, type TestImage } from '../../support/image-archive.js'
import { hasImage, imagePath } from '../../support/images.js'
import { runInPodman } from '../../support/podman-tree.js'
import { type StoreBench, test } from '../../support/store-test.js'

const FORMATS: readonly SaveFormat[] = ['docker-archive', 'oci-archive', 'oci-dir', 'docker-dir']
const bottom = layer({ 'etc/one': 'first\n', 'etc/two': 'first\n' })
const image: TestImage = {
  layers: [bottom, layer({ 'etc/two': 'second\n' }), bottom],
  names: ['docker.io/library/three:1'],
  config: { config: { Cmd: ['/bin/sh', '-c', 'echo "<&>"'], Env: ['A=b'] } },
}
const other: TestImage = { layers: [bottom], names: ['quay.io/other:x', 'quay.io/other:y'] }

const engineOf = ({ store }: StoreBench) => openEngine({ root: store.paths.root, runroot: store.paths.runroot })

async function save(bench: StoreBench, words: Partial<SaveRequest> & Pick<SaveRequest, 'images' | 'output'>) {
  const request = { multi: false, format: 'docker-archive', compress: false, uncompressed: false, ...words } as const
  await saveImages(engineOf(bench), request)
}

const load = async (bench: StoreBench, name: string, bytes: Buffer) =>
  await loadImages(bench.store, { input: bench.write(name, bytes) })

const unpack = async (store: Store, saved: LocalImage) =>
  await ensureLayers(store, layerSources(store.paths, saved), layerMapping(store, undefined))

const untar = (file: string, member: string): Buffer =>
  execFileSync('tar', ['-xOf', file, member], { maxBuffer: 2 ** 24 })
const parse = (text: Buffer | string) => JSON.parse(text.toString()) as Record<string, unknown>

for (const [kind, make] of [
  ['gzip layers', ociArchive],
  ['plain layers', dockerArchive],
] as const) {
  for (const format of FORMATS) {
    test(`save as ${format} gives load the same image back when it has ${kind}`, async ({ bench }) => {
      await load(bench, 'image.tar', make(image))
      const { paths } = bench.store
      const before = findImage(paths, 'three:1')
      const output = join(bench.directory, 'saved')
      await save(bench, { images: ['three:1'], format, output })

      const target = openEngine({ root: join(bench.directory, 'second'), runroot: paths.runroot })
      try {
        const { images } = await loadImages(target, { input: output })
        expect(images).toEqual([{ id: before.id, names: format === 'docker-dir' ? [] : before.names }])
        const after = findImage(target.paths, before.id)
        expect(after.config).toEqual(before.config)
        if (kind === 'gzip layers' && format.startsWith('oci')) expect(after.manifestDigest).toBe(before.manifestDigest)
        // found true against every diffID while they are unpacked, and named after all of them
        expect(await unpack(target, after)).toEqual(await unpack(bench.store, before))
      } finally {
        rmSync(target.paths.root, { recursive: true })
      }
    })
  }
}

test('save writes the same bytes every time, to a file and to standard output', async ({ bench }) => {
  await load(bench, 'image.tar', ociArchive(image))
  for (const format of ['docker-archive', 'oci-archive'] as const) {
    const file = join(bench.directory, format)
    await save(bench, { images: ['three:1'], format, output: file })
    const streamed: Buffer[] = []
    const output = (chunk: Uint8Array) => streamed.push(Buffer.from(chunk)) > 0
    await save(bench, { images: ['three:1'], format, output })
    expect(Buffer.concat(streamed).equals(readFileSync(file))).toBe(true)
    execFileSync('tar', ['-tf', file])
  }
})

test('save keeps what images share once when several go into one docker-archive', async ({ bench }) => {
  await load(bench, 'image.tar', ociArchive(image, other))
  const output = join(bench.directory, 'saved.tar')
  await save(bench, { images: ['three:1', 'quay.io/other:y', 'quay.io/other:x'], multi: true, output })
  const names = execFileSync('tar', ['-tf', output]).toString().trim().split('\n')
  expect(new Set(names).size).toBe(names.length)
  expect(parse(untar(output, 'manifest.json'))).toMatchObject([
    { RepoTags: image.names },
    { RepoTags: ['quay.io/other:y', 'quay.io/other:x'], Layers: [`${sha256(bottom).slice(7)}.tar`] },
  ])
})

test('save takes further words for names, and refuses one that is another image', async ({ bench }) => {
  await load(bench, 'image.tar', ociArchive(image, other))
  const output = join(bench.directory, 'saved.tar')
  await save(bench, { images: ['three:1', 'docker.io/foo:bar', 'baz'], output })
  const [archived] = parse(untar(output, 'manifest.json')) as unknown as Record<string, unknown>[]
  expect(archived?.RepoTags).toEqual(['docker.io/library/foo:bar', 'localhost/baz:latest', 'docker.io/library/three:1'])
  await expect(save(bench, { images: ['three:1', 'quay.io/other:x'], output })).rejects.toThrow(
    expect.objectContaining({ hint: expect.stringContaining('--multi-image-archive') }),
  )
})

test('save gives an image no name when it is saved by its ID', async ({ bench }) => {
  await load(bench, 'image.tar', ociArchive(image))
  const { id } = findImage(bench.store.paths, 'three:1')
  const output = (name: string) => join(bench.directory, name)
  await save(bench, { images: [id], output: output('docker') })
  expect(parse(untar(output('docker'), 'manifest.json'))).toMatchObject([{ RepoTags: [] }])
  await save(bench, { images: [id.slice(0, 8)], format: 'oci-dir', output: output('oci') })
  const { manifests } = parse(readFileSync(join(output('oci'), 'index.json')))
  expect((manifests as object[])[0]).not.toHaveProperty('annotations')
})

test('save as oci-dir adds to a layout and takes a name over in it', async ({ bench }) => {
  const output = join(bench.directory, 'layout')
  await load(bench, '1.tar', ociArchive(image, other))
  await save(bench, { images: ['three:1'], format: 'oci-dir', output })
  await save(bench, { images: ['quay.io/other:x'], format: 'oci-dir', output })
  await load(bench, '2.tar', ociArchive({ ...other, names: image.names ?? [] }))
  await save(bench, { images: ['three:1'], format: 'oci-dir', output })
  const { digest } = ociParts(other).manifest
  expect(parse(readFileSync(join(output, 'index.json'))).manifests).toMatchObject([
    { digest, annotations: { 'org.opencontainers.image.ref.name': 'quay.io/other:x' } },
    { digest, annotations: { 'org.opencontainers.image.ref.name': 'docker.io/library/three:1' } },
  ])
  expect(readdirSync(output).sort()).toEqual(['blobs', 'index.json', 'oci-layout'])
})

test('save compresses plain layers for OCI unless told not to, and for docker-dir only when told to', async ({
  bench,
}) => {
  await load(bench, 'image.tar', dockerArchive(image))
  const typesAfter = async (format: SaveFormat, words: Partial<SaveRequest>) => {
    const output = join(bench.directory, `${format}-${Object.keys(words).join()}`)
    await save(bench, { images: ['three:1'], format, output, ...words })
    const index = format === 'oci-dir' ? parse(readFileSync(join(output, 'index.json'))) : undefined
    const [entry] = (index?.manifests ?? []) as { digest: string }[]
    const file = entry === undefined ? 'manifest.json' : `blobs/${entry.digest.replace(':', '/')}`
    const { layers } = parse(readFileSync(join(output, file)))
    return [...new Set((layers as { mediaType: string }[]).map(({ mediaType }) => mediaType.replace(/^.*\.tar/, '')))]
  }
  expect(await typesAfter('oci-dir', {})).toEqual(['+gzip'])
  expect(await typesAfter('oci-dir', { uncompressed: true })).toEqual([''])
  expect(await typesAfter('docker-dir', {})).toEqual([''])
  expect(await typesAfter('docker-dir', { compress: true })).toEqual(['.gzip'])
})

test('save replaces an archive only by a whole one, and names the damaged blob', async ({ bench }) => {
  await load(bench, 'image.tar', ociArchive(image))
  const { manifest } = findImage(bench.store.paths, 'three:1')
  const [top] = manifest.layers.slice(1)
  const blob = blobPath(bench.store.paths, top?.digest ?? 'sha256:')
  const bytes = readFileSync(blob)
  bytes[40] = (bytes[40] ?? 0) ^ 1
  writeFileSync(blob, bytes)
  for (const format of FORMATS) {
    const output = bench.write('before.tar', 'what was there')
    const words = { images: ['three:1'], format, output: format.endsWith('dir') ? `${output}.dir` : output }
    await expect(save(bench, words)).rejects.toThrow(new RegExp(`${top?.digest}: (its digest is|the gzip data is)`))
    expect(readFileSync(output, 'utf8')).toBe('what was there')
  }
  expect(readdirSync(bench.directory).filter((name) => name.endsWith('.tmp'))).toEqual([])
  expect(readdirSync(`${bench.directory}/before.tar.dir`)).not.toContain('index.json')
  expect(readdirSync(`${bench.directory}/before.tar.dir`)).not.toContain('manifest.json')
})

test.each([
  [{ images: ['a', 'b'], format: 'oci-archive', output: 'x' }, /oci-archive: it holds one image/],
  [{ images: ['a'], format: 'oci-dir', output: () => true }, /name the directory with --output/],
  [{ images: ['a'], compress: true, output: 'x' }, /--compress is for --format docker-dir/],
  [{ images: ['a'], uncompressed: true, output: 'x' }, /--uncompressed is for the OCI formats/],
  [{ images: ['nosuch'], output: 'x' }, /nosuch: not in the local store/],
] as const)('save refuses %j', async (words, message) => {
  const request = { multi: false, format: 'docker-archive', compress: false, uncompressed: false, ...words } as const
  const root = execFileSync('mktemp', ['-d']).toString().trim()
  try {
    await expect(saveImages(openEngine({ root, runroot: root }), request)).rejects.toThrow(message)
  } finally {
    rmSync(root, { recursive: true })
  }
})

const hasPodman = findProgram('podman') !== undefined && hasImage('layered.docker.tar')
test.skipIf(!hasPodman)(
  'save as docker-archive writes the files that podman writes, byte for byte',
  async ({ bench }) => {
    const [ours, theirs] = [join(bench.directory, 'ours.tar'), join(bench.directory, 'theirs.tar')]
    const input = imagePath('layered.docker.tar')
    await loadImages(bench.store, { input })
    await save(bench, { images: ['localhost/layered', 'docker.io/foo:bar', 'baz'], output: ours })
    await runInPodman(join(bench.directory, 'podman'), [
      `engine load --quiet --input ${input}`,
      `engine save --quiet --output ${theirs} localhost/layered docker.io/foo:bar baz`,
    ])
    const list = (file: string) => execFileSync('tar', ['-tf', file]).toString().trim().split('\n')
    expect(list(ours)).toEqual(list(theirs))
    for (const name of list(theirs)) expect(sha256(untar(ours, name)), name).toBe(sha256(untar(theirs, name)))
  },
)
