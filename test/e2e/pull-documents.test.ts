// Manifests and indexes that are not what they should be, served by a real registry's address: `pull` says what is wrong with them, or
// pulls them when nothing is, and never shows half of one.

import { expect } from 'vitest'
import { MANIFESTS } from '../support/fault-proxy.js'
import { answer } from '../support/faults.js'
import { descriptor, layer, ociParts, sha256, toBlob } from '../support/image-archive.js'
import { expectClearError, expectEmptyStore, type PullBench, serve, test } from '../support/pull-bench.js'

const OCI = 'application/vnd.oci.image'
const GIGABYTES_4 = 4 * 1024 ** 3

const good = ociParts({ layers: [layer({ 'etc/hello': 'hello\n' })] })
const [goodLayer = toBlob({})] = good.layers
const config = descriptor(good.config, `${OCI}.config.v1+json`)
const tarGzip = (more: object = {}) => descriptor(goodLayer, `${OCI}.layer.v1.tar+gzip`, more)

function manifest(changes: object): object {
  return { schemaVersion: 2, mediaType: `${OCI}.manifest.v1+json`, config, layers: [tarGzip()], ...changes }
}

function index(...manifests: readonly object[]): object {
  return { schemaVersion: 2, mediaType: `${OCI}.index.v1+json`, manifests }
}

interface Row {
  readonly what: string
  readonly document: object
  readonly words: RegExp
}

const refused: readonly Row[] = [
  {
    what: 'a layer claims 4 GB',
    document: manifest({ layers: [tarGzip({ size: GIGABYTES_4 })] }),
    words: /bytes, the manifest says 4294967296/,
  },
  {
    what: 'the config claims 4 GB',
    document: manifest({ config: { ...config, size: GIGABYTES_4 } }),
    words: /4294967296|too (big|large)|larger/,
  },
  {
    what: 'it has 10,000 layers',
    document: manifest({ layers: Array.from({ length: 10_000 }, () => tarGzip()) }),
    words: /10000 layers, and 128 are the most/,
  },
  {
    what: 'it has more layers than its config',
    document: manifest({ layers: [tarGzip(), tarGzip()] }),
    words: /layers/,
  },
  {
    what: 'it is of a media type nobody knows',
    document: manifest({ mediaType: 'application/vnd.example.thing+json' }),
    words: /application\/vnd\.example\.thing\+json is no image/,
  },
  {
    what: 'a layer is of a media type nobody knows',
    document: manifest({ layers: [{ ...tarGzip(), mediaType: 'application/vnd.example.layer' }] }),
    words: /unknown type application\/vnd\.example\.layer/,
  },
  {
    what: 'it is an artifact',
    document: manifest({ config: { ...config, mediaType: 'application/vnd.example.config+json' } }),
    words: /not a container image: application\/vnd\.example\.config\+json/,
  },
  {
    what: 'a digest leads out of the store',
    document: manifest({ layers: [tarGzip({ digest: 'sha256:../../../../etc/passwd' })] }),
    words: /digest/,
  },
  {
    what: 'it is of schema 1',
    document: { schemaVersion: 1, name: 'faults/made', tag: '1', fsLayers: [], history: [] },
    words: /schema 1/,
  },
  {
    what: 'it is both an image and an index',
    document: { ...manifest({}), ...index(tarGzip()), mediaType: undefined },
    words: /both an image and a list/,
  },
  {
    what: 'it is an index without this platform',
    document: index(
      descriptor(good.manifest, `${OCI}.manifest.v1+json`, { platform: { os: 'plan9', architecture: 'mips' } }),
    ),
    words: /it has none for linux\/.*\nHint: it has plan9\/mips/,
  },
  { what: 'it is an empty index', document: index(), words: /it has none for linux/ },
  { what: 'it is a JSON list', document: [1, 2, 3], words: /not a JSON object/ },
]

/** The registry's word for it: a digest that is right for what is sent, whatever that is. */
async function pullMade(bench: PullBench, document: object) {
  const { bytes, digest } = toBlob(document)
  const { mediaType } = document as { readonly mediaType?: string }
  const headers = {
    'content-type': mediaType ?? `${OCI}.manifest.v1+json`,
    'docker-content-digest': digest,
  }
  bench.proxy.setFaults(
    { path: MANIFESTS, times: 1, action: answer(200, headers, bytes) },
    ...serve(good.config, goodLayer),
  )
  return bench.pull()
}

for (const { what, document, words } of refused) {
  test(`pull says what is wrong and shows nothing when ${what}`, async ({ bare, bench }) => {
    expectClearError(await pullMade(bench, document), words)
    await expectEmptyStore(bare, bench.ref)
  })
}

test('pull refuses an index that leads to itself through others', async ({ bare, bench }) => {
  // a digest cannot be in the bytes it is made of, but a long enough chain does as well
  const chain = [
    toBlob(
      index(descriptor(good.manifest, `${OCI}.manifest.v1+json`, { platform: { os: 'none', architecture: 'none' } })),
    ),
  ]
  for (let depth = 0; depth < 20; depth++)
    chain.unshift(toBlob(index(descriptor(chain[0] ?? good.manifest, `${OCI}.index.v1+json`))))
  const serving = chain.map(({ bytes, digest }, depth) => ({
    path: depth === 0 ? /\/manifests\/1$/ : new RegExp(`/manifests/${digest}$`),
    action: answer(200, { 'content-type': `${OCI}.index.v1+json` }, bytes),
  }))
  bench.proxy.setFaults(...serving)
  expectClearError(await bench.pull(), /nested/)
  await expectEmptyStore(bare, bench.ref)
})

test('pull fetches a layer once when the manifest lists it twice', async ({ bare, bench }) => {
  const plain = layer({ 'etc/hello': 'hello\n' })
  const twice = ociParts({ layers: [plain, plain] })
  bench.proxy.setFaults(
    { path: MANIFESTS, action: answer(200, { 'content-type': `${OCI}.manifest.v1+json` }, twice.manifest.bytes) },
    ...serve(twice.config, ...twice.layers),
  )
  expect(await bench.pull()).toMatchObject({ code: 0, stdout: `${twice.config.digest.slice('sha256:'.length)}\n` })
  expect(bench.proxy.seen('GET', new RegExp(`/blobs/${twice.layers[0]?.digest}`))).toHaveLength(1)
  const layers = JSON.parse(
    await bare.ok('image', 'inspect', '--format', '{{json .RootFS.Layers}}', bench.ref),
  ) as string[]
  expect(layers).toEqual([sha256(plain), sha256(plain)])
})

test('pull finds the image of this platform when it lies in an index in an index', async ({ bare, bench }) => {
  const platform = { os: 'linux', architecture: process.arch === 'arm64' ? 'arm64' : 'amd64' }
  const inner = toBlob(index(descriptor(good.manifest, `${OCI}.manifest.v1+json`, { platform })))
  bench.proxy.setFaults(
    {
      path: /\/manifests\/1$/,
      action: answer(
        200,
        { 'content-type': `${OCI}.index.v1+json` },
        toBlob(index(descriptor(inner, `${OCI}.index.v1+json`))).bytes,
      ),
    },
    ...serve(good.config, goodLayer),
    {
      path: new RegExp(`/manifests/${inner.digest}$`),
      action: answer(200, { 'content-type': `${OCI}.index.v1+json` }, inner.bytes),
    },
    {
      path: new RegExp(`/manifests/${good.manifest.digest}$`),
      action: answer(200, { 'content-type': `${OCI}.manifest.v1+json` }, good.manifest.bytes),
    },
  )
  expect(await bench.pull()).toMatchObject({ code: 0 })
  expect(await bare.ok('image', 'inspect', '--format', '{{.Digest}}', bench.ref)).toBe(good.manifest.digest)
})
