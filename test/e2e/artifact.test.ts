// `artifact …`: files to real registries and back, byte for byte, also through lines that break; and artifacts of other tools' making.

import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { findProgram, isLichen } from '../support/facts.js'
import { BLOBS, type FaultProxy, startFaultProxy } from '../support/fault-proxy.js'
import { flipBit, holdAfter, resetAfter } from '../support/faults.js'
import { type Blob, descriptor, toBlob } from '../support/image-archive.js'
import { test as base } from '../support/interop-test.js'
import type { Lichen } from '../support/lichen.js'
import { mustRun } from '../support/process.js'
import { listOf, putBlob, putImage, putManifest } from '../support/put-image.js'
import { hasRegistry } from '../support/registry.js'
import { waitFor } from '../support/wait-for.js'

interface Bench {
  readonly proxy: FaultProxy
  /** Writes a file and returns its path. */
  readonly write: (name: string, bytes: Buffer | string) => string
}

const withBench = base.extend<{ readonly bench: Bench }>({
  bench: async ({ bare, registry }, use) => {
    const proxy = await startFaultProxy(registry.url)
    const write = (name: string, bytes: Buffer | string) => {
      const file = join(bare.directory, name)
      writeFileSync(file, bytes)
      return file
    }
    try {
      await use({ proxy, write })
    } finally {
      await proxy.stop()
    }
  },
})
const noTest = (() => {}) as unknown as typeof withBench
// Debian's podman knows no artifacts
const test = isLichen ? withBench.skipIf(!hasRegistry) : noTest
const skopeoTest = isLichen ? withBench.skipIf(!hasRegistry || findProgram('skopeo') === undefined) : noTest

const BIG = randomBytes(2_000_000)
const BLOB_DIR = 'artifacts/blobs/sha256'
const ONE_ERROR = /^Error: [^\n]+\n(Hint: [^\n]+\n)?$/

/** `HOST/models:1` with a text and two million random bytes, pushed, and removed here. Returns the digest. */
async function pushModels(lichen: Lichen, host: string, { write }: Bench): Promise<string> {
  const files = [write('README.md', '# model\n'), write('model.bin', BIG)]
  const hex = await lichen.ok('artifact', 'add', '--type', 'application/x-model', `${host}/models:1`, ...files)
  const digestFile = join(lichen.directory, 'digest')
  await lichen.ok('artifact', 'push', '--quiet', '--digestfile', digestFile, `${host}/models:1`)
  expect(readFileSync(digestFile, 'utf8')).toBe(`sha256:${hex}`)
  expect(await lichen.ok('artifact', 'rm', '--all')).toBe(`Deleted: ${hex}`)
  expect(readdirSync(join(lichen.root, BLOB_DIR))).toEqual([])
  return hex
}

async function expectModels(lichen: Lichen, name: string): Promise<void> {
  const out = join(lichen.directory, 'out')
  mkdirSync(out)
  await lichen.ok('artifact', 'extract', name, out)
  expect(readdirSync(out).sort()).toEqual(['README.md', 'model.bin'])
  expect(readFileSync(join(out, 'model.bin')).equals(BIG)).toBe(true)
}

function expectNothingOf({ root }: Lichen): void {
  expect(readdirSync(join(root, 'staging'))).toEqual([])
  expect(readdirSync(join(root, BLOB_DIR))).toEqual([])
}

test('an artifact comes back from a registry as it went there', async ({ bare: lichen, registry, bench }) => {
  const hex = await pushModels(lichen, registry.host, bench)
  const { code, stdout } = await lichen('artifact', 'pull', `${registry.host}/models:1`)
  expect({ code, stdout }).toEqual({ code: 0, stdout: `${hex}\n` })
  expect(await lichen.ok('artifact', 'inspect', '-f', '{{.Manifest.ArtifactType}} {{.TotalSizeBytes}}', hex)).toBe(
    `application/x-model ${BIG.length + 8}`,
  )
  await expectModels(lichen, hex.slice(0, 12))
  expect(await lichen.ok('artifact', 'ls', '--format', '{{.Repository}} {{.Tag}} {{.Digest}} {{.Size}}')).toBe(
    `${registry.host}/models 1 ${hex.slice(0, 12)} 2MB`,
  )
  expect(readdirSync(join(lichen.root, 'downloads'))).toEqual([])
  expect(await lichen.ok('images', '-a', '-q')).toBe('')
})

skopeoTest(
  'skopeo copies an artifact of ours, and every file is in it',
  async ({ bare: lichen, registry, bench, scratch }) => {
    await pushModels(lichen, registry.host, bench)
    const target = scratch()
    const words = [
      '--insecure-policy',
      '-q',
      '--src-tls-verify=false',
      `docker://${registry.host}/models:1`,
      `dir:${target}`,
    ]
    await mustRun(['skopeo', 'copy', ...words])
    expect(readFileSync(join(target, toBlob(BIG).digest.slice(7))).equals(BIG)).toBe(true)
  },
)

test('an artifact of another tool, with a config of its own and without titles, is pulled', async ({
  bare: lichen,
  registry: { host },
}) => {
  const config = toBlob({ name: 'chart', version: '1.0.0' })
  const chart = toBlob(Buffer.from('chart'))
  const manifest = toBlob({
    schemaVersion: 2,
    config: descriptor(config, 'application/vnd.cncf.helm.config.v1+json'),
    layers: [descriptor(chart, 'application/vnd.cncf.helm.chart.content.v1.tar+gzip')],
  })
  for (const blob of [config, chart]) await putBlob(host, 'chart', blob)
  await putManifest(manifest, { host, path: 'chart', reference: 'v1' })
  expect(await lichen.ok('artifact', 'pull', '-q', `${host}/chart:v1`)).toBe(manifest.digest.slice(7))
  const file = join(lichen.directory, 'chart.tgz')
  await lichen.ok('artifact', 'extract', `${host}/chart:v1`, file)
  expect(readFileSync(file, 'utf8')).toBe('chart')
  await lichen.ok('artifact', 'push', '-q', `${host}/chart:v1`)
})

test('a list and an image that is not there are refused', async ({ bare: lichen, registry: { host } }) => {
  const manifest: Blob = await putImage(host, 'app', 'v1', { layers: [] })
  const index = toBlob(listOf([{ manifest, platform: 'linux/amd64' }]))
  await putManifest(index, {
    host,
    path: 'app',
    reference: 'list',
    mediaType: 'application/vnd.oci.image.index.v1+json',
  })
  const { code, stdout, stderr } = await lichen('artifact', 'pull', `${host}/app:list`)
  expect({ code, stdout, stderr }).toEqual({
    code: 125,
    stdout: '',
    stderr: `Error: pull artifact: ${host}/app:list: it is no artifact but application/vnd.oci.image.index.v1+json\n`,
  })
  for (const verb of ['push', 'inspect', 'rm']) {
    const result = await lichen('artifact', verb, `${host}/app:none`)
    expect(result.code).toBe(125)
    expect(result.stderr).toMatch(/^Error: find artifact: [^\n]+: not in the local store\n/)
  }
  expect((await lichen('artifact', 'rm', '--ignore', 'none')).code).toBe(0)
})

test('a pull survives a broken connection, and keeps nothing of bytes that are wrong', async ({
  bare: lichen,
  registry,
  bench,
}) => {
  await pushModels(lichen, registry.host, bench)
  const { proxy } = bench
  const pull = () => lichen('artifact', 'pull', '--quiet', '--retry-delay', '20ms', `${proxy.host}/models:1`)
  proxy.setFaults({ path: BLOBS, action: flipBit(3) })
  const wrong = await pull()
  expect({ code: wrong.code, stdout: wrong.stdout }).toEqual({ code: 125, stdout: '' })
  expect(wrong.stderr).toMatch(ONE_ERROR)
  expect(wrong.stderr).toContain('digest')
  expectNothingOf(lichen)
  expect(await lichen.ok('artifact', 'ls', '-n')).toBe('')
  proxy.setFaults({ path: BLOBS, times: 2, action: resetAfter(1000) })
  expect((await pull()).code).toBe(0)
  await expectModels(lichen, `${proxy.host}/models:1`)
})

test('a pull that was killed goes on where it stopped', async ({ bare: lichen, registry, bench }) => {
  await pushModels(lichen, registry.host, bench)
  const { proxy } = bench
  const HALF = BIG.length / 2
  proxy.setFaults({ path: new RegExp(toBlob(BIG).digest), action: holdAfter(HALF) })
  const pulling = lichen.start('artifact', 'pull', '--quiet', `${proxy.host}/models:1`)
  const part = join(lichen.root, 'downloads', toBlob(BIG).digest.slice(7))
  await waitFor('half of the file', () => statSync(part, { throwIfNoEntry: false })?.size === HALF)
  pulling.kill('SIGKILL')
  await pulling.ended
  expect(await lichen.ok('artifact', 'ls', '-n')).toBe('')
  proxy.reset()
  await lichen.ok('artifact', 'pull', '--quiet', `${proxy.host}/models:1`)
  expect(proxy.sentBytes(BLOBS)).toBeLessThan(BIG.length - HALF + 1000)
  await expectModels(lichen, `${proxy.host}/models:1`)
  expect(readdirSync(join(lichen.root, 'downloads'))).toEqual([])
})
