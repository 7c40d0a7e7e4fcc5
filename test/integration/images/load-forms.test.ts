// `load` of the forms beside the two archives: skopeo's directories, archives and layers packed with zstd, archives behind a URL.

import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'vitest'
import { loadImages } from '../../../src/engine/load.js'
import { findImage } from '../../../src/images/image-store.js'
import { NotFoundError } from '../../../src/model/errors.js'
import { tar } from '../../monitor/tar-writer.js'
import { findProgram } from '../../support/facts.js'
import {
  type Blob,
  configOf,
  descriptor,
  dockerArchive,
  layer,
  ociArchive,
  ociParts,
  sha256,
  type TestImage,
  toBlob,
} from '../../support/image-archive.js'
import { type StoreBench, storeFiles, test } from '../../support/store-test.js'

const OCI = 'application/vnd.oci.image'
const image: TestImage = {
  layers: [layer({ 'etc/one': 'first\n' }), layer({ 'etc/two': 'second\n' })],
  names: ['docker.io/library/formed:1'],
}
const hasZstd = findProgram('zstd') !== undefined
const zstd = (bytes: Buffer): Buffer => execFileSync('zstd', ['-qc'], { input: bytes, maxBuffer: 2 ** 24 })
const hexOf = ({ digest }: Blob): string => digest.slice(7)

function writePlainDirectory(
  { directory }: StoreBench,
  manifest: Blob,
  files: Readonly<Record<string, Buffer>>,
): string {
  const root = join(directory, 'plain')
  mkdirSync(root)
  for (const [name, bytes] of Object.entries({ ...files, 'manifest.json': manifest.bytes }))
    writeFileSync(join(root, name), bytes)
  return root
}

const blobsOf = ({ config, layers }: { config: Blob; layers: readonly Blob[] }) =>
  Object.fromEntries([config, ...layers].map((blob) => [hexOf(blob), blob.bytes]))

test('load reads a plain directory and keeps its manifest', async ({ bench }) => {
  const parts = ociParts(image)
  const input = writePlainDirectory(bench, parts.manifest, blobsOf(parts))
  expect((await loadImages(bench.store, { input })).images).toEqual([{ id: hexOf(parts.config), names: [] }])
  expect(findImage(bench.store.paths, hexOf(parts.config)).manifestDigest).toBe(parts.manifest.digest)
})

test("load takes this machine's image from the index of a plain directory", async ({ bench }) => {
  const [mine, foreign] = [ociParts(image), ociParts({ layers: [], config: { architecture: 's390x' } })]
  const entry = (manifest: Blob, architecture: string) =>
    descriptor(manifest, `${OCI}.manifest.v1+json`, { platform: { os: 'linux', architecture } })
  const here = process.arch === 'arm64' ? 'arm64' : 'amd64'
  const manifests = [entry(foreign.manifest, 's390x'), entry(mine.manifest, here)]
  const index = toBlob({ schemaVersion: 2, mediaType: `${OCI}.index.v1+json`, manifests })
  const documents = [mine, foreign].map(({ manifest }) => [`${hexOf(manifest)}.manifest.json`, manifest.bytes] as const)
  const input = writePlainDirectory(bench, index, { ...Object.fromEntries(documents), ...blobsOf(mine) })
  expect((await loadImages(bench.store, { input })).images).toEqual([{ id: hexOf(mine.config), names: [] }])
})

test('load refuses a plain directory whose blob is another than its name says', async ({ bench }) => {
  const parts = ociParts(image)
  const [first, second] = parts.layers
  const swapped = { ...blobsOf(parts), [hexOf(first as Blob)]: (second as Blob).bytes }
  const before = storeFiles(bench.store)
  const input = writePlainDirectory(bench, parts.manifest, swapped)
  await expect(loadImages(bench.store, { input })).rejects.toThrow(/has in truth the digest|bytes long/)
  expect(storeFiles(bench.store)).toEqual(before)
})

test.skipIf(!hasZstd)('load reads archives that are packed with zstd as a whole', async ({ bench }) => {
  for (const make of [ociArchive, dockerArchive]) {
    const { images } = await loadImages(bench.store, { input: bench.write('image.zst', zstd(make(image))) })
    expect(images[0]?.names).toEqual(image.names)
  }
})

test.skipIf(!hasZstd)(
  'load reads a docker-archive whose layers are packed, and says so in its manifest',
  async ({ bench }) => {
    const config = toBlob(configOf(image))
    const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = image.layers
    const packed = [zstd(first), gzipSync(second)]
    const Layers = packed.map((bytes) => `${sha256(bytes).slice(7)}.tar`)
    const archive = tar(
      ...packed.map((data, index) => ({ name: Layers[index] ?? '', data })),
      { name: 'config', data: config.bytes },
      { name: 'manifest.json', data: JSON.stringify([{ Config: 'config', RepoTags: ['packed:1'], Layers }]) },
    )
    await loadImages(bench.store, { input: bench.write('packed.tar', archive) })
    expect(findImage(bench.store.paths, 'packed:1').manifest.layers.map(({ mediaType }) => mediaType)).toEqual([
      `${OCI}.layer.v1.tar+zstd`,
      `${OCI}.layer.v1.tar+gzip`,
    ])
  },
)

test('load reads an archive from a URL, and says when there is none', async ({ bench }) => {
  const server = createServer(({ url }, response) => {
    if (url === '/image.tar') response.end(ociArchive(image))
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const host = `http://user:secret@127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    const { images } = await loadImages(bench.store, { input: `${host}/image.tar` })
    expect(images[0]?.names).toEqual(image.names)
    const missing = loadImages(bench.store, { input: `${host}/other.tar` })
    await expect(missing).rejects.toThrow(NotFoundError)
    await expect(missing).rejects.not.toThrow(/secret/)
  } finally {
    server.close()
  }
})
