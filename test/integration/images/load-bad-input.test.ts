// `load` of what is not what it claims to be: one clear error, and a store that is as it was.

import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'vitest'
import { loadImages } from '../../../src/engine/load.js'
import { listStoredImages } from '../../../src/images/image-store.js'
import { BadInputError, NotFoundError } from '../../../src/model/errors.js'
import { type TarEntry, tar } from '../../monitor/tar-writer.js'
import {
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
import { type StoreBench, storeFiles, test } from '../../support/store-test.js'

const image: TestImage = { layers: [layer({ 'etc/one': 'first\n' })], names: ['victim:1'] }

async function expectRefused({ store, write }: StoreBench, archive: Buffer, message: RegExp): Promise<void> {
  const before = storeFiles(store)
  const loading = loadImages(store, { input: write('bad.tar', archive) })
  await expect(loading).rejects.toThrow(BadInputError)
  await expect(loading).rejects.toThrow(message)
  expect(storeFiles(store)).toEqual(before)
  expect(listStoredImages(store.paths)).toEqual([])
}

/** Lengths worth trying: every one near a block's border, and a sample of the others. */
function prefixLengths(size: number): number[] {
  return Array.from({ length: size }, (_, length) => length).filter((n) => n % 512 < 2 || n % 512 > 510 || n % 97 === 0)
}

for (const [kind, make] of [
  ['an oci-archive', ociArchive],
  ['a docker-archive', dockerArchive],
] as const) {
  test(`load refuses ${kind} cut off anywhere before its last entry ends`, async ({ bench }) => {
    const archive = make(image)
    const endMarker = 1024
    for (const length of prefixLengths(archive.length - endMarker)) {
      await expectRefused(bench, archive.subarray(0, length), /^(load|unpack): .+: .+/)
    }
  })

  test(`load refuses ${kind} whose gzip stream is cut off anywhere`, async ({ bench }) => {
    const archive = gzipSync(make(image))
    for (let length = 1; length < archive.length; length += 13) {
      await expectRefused(bench, archive.subarray(0, length), /^load: .+: .+/)
    }
  })
}

test('load refuses a blob that has another digest than the manifest says', async ({ bench }) => {
  const { config, layers, manifest } = ociParts(image)
  const forged = layers.map(({ digest }) => ({ digest, bytes: gzipSync(layer({ 'etc/one': 'forged\n' })) }))
  const archive = tar(...ociFiles([manifestDescriptor(manifest, 'x:1')], [config, manifest, ...forged]))
  await expectRefused(bench, archive, /blob sha256:\w+ has in truth the digest sha256:/)
})

test('load refuses a config or manifest that has another digest than its descriptor says', async ({ bench }) => {
  const { config, layers, manifest } = ociParts(image)
  const other = ociParts({ layers: [] })
  for (const [wrong, bytes] of [
    [config, other.config.bytes],
    [manifest, other.manifest.bytes],
  ] as const) {
    const blobs = [config, manifest, ...layers].map((blob) => (blob === wrong ? { digest: blob.digest, bytes } : blob))
    await expectRefused(
      bench,
      tar(...ociFiles([manifestDescriptor(manifest, 'x:1')], blobs)),
      /has in truth the digest/,
    )
  }
})

test('load refuses a layer whose contents are not those the config promises', async ({ bench }) => {
  const promised = sha256(layer({ 'etc/other': '' }))
  const liar = { ...image, config: { rootfs: { type: 'layers', diff_ids: [promised] } } }
  await expectRefused(bench, ociArchive(liar), /^unpack: layer sha256:\w+: its diffID is sha256:\w+, not/)
  await expectRefused(bench, dockerArchive(liar), /its diffID is/)
})

test('load takes back the layers of an archive whose last layer is bad', async ({ bench }) => {
  const good = layer({ good: '' })
  const bad = layer({ bad: '' }).subarray(0, 700)
  await expectRefused(bench, ociArchive({ layers: [good, bad] }), /^unpack: layer .*truncated/)
})

test('load refuses more or fewer layers than the config has', async ({ bench }) => {
  const config = { rootfs: { type: 'layers', diff_ids: [] } }
  await expectRefused(bench, ociArchive({ ...image, config }), /it has 1 layers, its config 0/)
})

test('load refuses entries that point out of the archive', async ({ bench }) => {
  for (const name of ['../escape', '/tmp/lichen-escape', 'blobs/../../escape', '..']) {
    const files = tar({ name, data: 'x' }, { name: 'manifest.json', data: '[]' })
    await expectRefused(bench, files, /points out of the archive/)
  }
  expect(existsSync('/tmp/lichen-escape')).toBe(false)
})

test('load never follows a link out of the archive', async ({ bench }) => {
  const manifest = (Config: string, Layers: string[]): TarEntry => ({
    name: 'manifest.json',
    data: JSON.stringify([{ Config, RepoTags: ['x:1'], Layers }]),
  })
  for (const [type, link] of [
    ['2', '/etc/passwd'],
    ['2', '../../../../etc/passwd'],
    ['1', '/etc/passwd'],
    ['2', 'loop'],
  ] as const) {
    const archive = tar({ name: 'loop', type, link }, manifest('loop', []))
    await expectRefused(bench, archive, /loop is missing from the archive/)
  }
  await expectRefused(bench, tar(manifest('/etc/passwd', [])), /is missing from the archive/)
})

test('load never follows a link out of a layout directory', async ({ bench }) => {
  const { config, layers, manifest } = ociParts(image)
  const root = join(bench.directory, 'layout')
  mkdirSync(join(root, 'blobs/sha256'), { recursive: true })
  for (const { name, data } of ociFiles([manifestDescriptor(manifest)], [manifest, ...layers]))
    writeFileSync(join(root, name), data ?? '')
  const secret = bench.write('secret', config.bytes)
  symlinkSync(secret, join(root, 'blobs', config.digest.replace(':', '/')))
  await expect(loadImages(bench.store, { input: root })).rejects.toThrow(/not a regular file/)
})

test('load refuses documents that are none', async ({ bench }) => {
  const { manifest, layers } = ociParts(image)
  const withManifest = (document: object | Buffer) => {
    const blob = toBlob(document)
    return tar(...ociFiles([manifestDescriptor(blob, 'x:1')], [blob, ...layers]))
  }
  const good = JSON.parse(manifest.bytes.toString())
  const cases: [Buffer, RegExp][] = [
    [withManifest(Buffer.from('{')), /not JSON/],
    [withManifest(Buffer.from('null')), /not a JSON object/],
    [withManifest({ ...good, schemaVersion: 1 }), /schemaVersion is not 2/],
    [withManifest({ ...good, layers: 3 }), /no list of layers/],
    [withManifest({ ...good, config: { ...good.config, digest: '../../etc/passwd' } }), /no sha256 digest/],
    [withManifest({ ...good, config: { ...good.config, size: -1 } }), /no size/],
    [withManifest({ ...good, layers: [{ ...good.layers[0], mediaType: 'text/plain' }] }), /unknown type text\/plain/],
    [withManifest({ ...good, config: { ...good.config, mediaType: 'application/x-helm' } }), /not a container image/],
    [tar(...ociFiles([], [])), /names no image/],
    [tar({ name: 'manifest.json', data: '{}' }), /not a list of images/],
    [tar({ name: 'manifest.json', data: Buffer.alloc(5_000_000, ' ') }), /longer than/],
    [ociArchive({ ...image, names: ['UPPER:1'] }), /lowercase/],
    [ociArchive({ ...image, config: { config: { Env: 'A=b' } } }), /config.Env is no list of strings/],
    [ociArchive({ ...image, config: { rootfs: { diff_ids: ['x'] } } }), /diff_ids are no digests/],
  ]
  for (const [archive, message] of cases) await expectRefused(bench, archive, message)
})

test('load refuses compressions it has no decoder for, and says what to do', async ({ bench }) => {
  for (const [magic, name] of [
    ['fd377a585a00', 'xz'],
    ['425a6839', 'bzip2'],
  ]) {
    const input = bench.write('a.tar', Buffer.concat([Buffer.from(magic ?? '', 'hex'), Buffer.alloc(1024)]))
    await expect(loadImages(bench.store, { input })).rejects.toThrow(
      expect.objectContaining({
        message: `load: ${input}: ${name} compression is not supported`,
        hint: expect.stringContaining('-d'),
      }),
    )
  }
})

test('load says that compressed data is damaged when it is', async ({ bench }) => {
  for (const [packed, name] of [
    [gzipSync(ociArchive(image)), 'gzip'],
    [Buffer.concat([Buffer.from('28b52ffd', 'hex'), Buffer.alloc(1024)]), 'zstd'],
  ] as const) {
    const input = bench.write('a.tar', packed.fill(0, 20, 60))
    await expect(loadImages(bench.store, { input })).rejects.toThrow(`load: ${input}: the ${name} data is damaged`)
  }
})

test('load refuses an image of more layers than an overlay can have', async ({ bench }) => {
  const layers = Array.from({ length: 129 }, () => image.layers[0] ?? Buffer.alloc(0))
  await expectRefused(bench, ociArchive({ layers }), /it has 129 layers, and 128 are the most/)
  await loadImages(bench.store, { input: bench.write('most.tar', ociArchive({ layers: layers.slice(1) })) })
})

test('load stops at the limit when a small archive unpacks to much', async ({ bench }) => {
  const bomb = tar({ name: 'zeros', data: Buffer.alloc(8_000_000) })
  const input = bench.write('bomb.tar', ociArchive({ layers: [bomb], names: ['bomb:1'] }))
  const hint = expect.stringContaining('--max-unpacked-size')
  await expect(loadImages(bench.store, { input, maxUnpackedBytes: 1_000_000 })).rejects.toThrow(
    expect.objectContaining({ message: expect.stringMatching(/^unpack: .*more than the 1000000 bytes allowed/), hint }),
  )
  const whole = bench.write('whole.tgz', gzipSync(dockerArchive({ layers: [bomb] })))
  await expect(loadImages(bench.store, { input: whole, maxUnpackedBytes: 1_000_000 })).rejects.toThrow(
    expect.objectContaining({ message: expect.stringMatching(/^load: .*more than the 1000000 bytes allowed/), hint }),
  )
  expect(storeFiles(bench.store)).toEqual([])
})

test('load counts the layers of an image together', async ({ bench }) => {
  const part = (name: string) => tar({ name, data: Buffer.alloc(600_000) })
  const input = bench.write(
    'two.tar',
    ociArchive({ layers: [part('a'), part('b'), part('c'), part('d'), part('e'), part('f')] }),
  )
  await expect(loadImages(bench.store, { input, maxUnpackedBytes: 1_000_000 })).rejects.toThrow(/1000000 bytes allowed/)
})

test('load of a file that does not exist says so', async ({ bench }) => {
  await expect(loadImages(bench.store, { input: '/no/such/file' })).rejects.toThrow(NotFoundError)
})
