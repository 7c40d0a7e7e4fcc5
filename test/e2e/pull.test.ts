// `pull`, and the pull that `run` and `create` do: what is asked for, what is printed, what is in the store afterwards.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { isLichen } from '../support/facts.js'
import { BLOBS, startFaultProxy } from '../support/fault-proxy.js'
import { holdUntil } from '../support/faults.js'
import { layer, toBlob } from '../support/image-archive.js'
import { test } from '../support/interop-test.js'
import type { Lichen } from '../support/lichen.js'
import { listOf, putImage, putManifest } from '../support/put-image.js'
import type { Registry } from '../support/registry.js'
import { waitFor } from '../support/wait-for.js'

const TLS = '--tls-verify=false'
const NEVER_THERE = '127.0.0.1:1/never/there'
const other = process.arch === 'arm64' ? 'amd64' : 'arm64'
const own = process.arch === 'arm64' ? 'arm64' : 'amd64'

const tree = (text: string) => ({ layers: [layer({ 'etc/text': text }), layer({ 'etc/more': 'more' })] })
const label = (lichen: Lichen, name: string) => lichen.ok('image', 'inspect', '--format', '{{.Architecture}}', name)
const ids = async (lichen: Lichen) =>
  (await lichen.ok('images', '-q', '--no-trunc')).split('\n').filter((line) => line !== '')

test('pull prints the ID on standard output and everything else on standard error', async ({
  bare: lichen,
  registry,
}) => {
  await putImage(registry.host, 'app', 'v1', tree('one'))
  const { code, stdout, stderr } = await lichen('pull', TLS, `${registry.host}/app:v1`)
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^[0-9a-f]{64}\n$/) as string })
  expect(stderr).toContain(`${registry.host}/app:v1`)
  expect(await ids(lichen)).toEqual([`sha256:${stdout.trim()}`])
  expect(await lichen('pull', '-q', TLS, `${registry.host}/app:v1`)).toMatchObject({ code: 0, stdout, stderr: '' })
})

test('pull of several names goes on after one that is not there', async ({ bare: lichen, registry }) => {
  const { host } = registry
  await putImage(host, 'app', 'v1', tree('one'))
  await putImage(host, 'app', 'v2', tree('two'))
  const { code, stdout, stderr } = await lichen('pull', TLS, `${host}/app:v1`, `${host}/app:none`, `${host}/app:v2`)
  expect(code).toBe(125)
  expect(stderr).toMatch(/Error: .*app:none/)
  if (isLichen) expect(stdout.trim().split('\n')).toHaveLength(2)
})

// podman 4.3.1 forgets --tls-verify on the way
test.runIf(isLichen)('pull -a brings every tag of a repository', async ({ bare: lichen, registry }) => {
  for (const tag of ['a', 'b', 'c']) await putImage(registry.host, 'deep/app', tag, tree(tag))
  await lichen.ok('pull', '-a', TLS, `${registry.host}/deep/app`)
  expect(await ids(lichen)).toHaveLength(3)
})

test('pull takes the image for this platform from a list, or for the one asked for', async ({
  bare: lichen,
  registry,
}) => {
  const name = await putBoth(registry)
  await lichen.ok('pull', TLS, name)
  expect(await label(lichen, name)).toBe(own)
  await lichen.ok('pull', TLS, '--platform', `linux/${other}`, name)
  expect(await label(lichen, name)).toBe(other)
  await lichen.ok('pull', TLS, '--arch', own, name)
  expect(await label(lichen, name)).toBe(own)
  const { code, stderr } = await lichen('pull', TLS, '--platform', 'linux/s390x', name)
  expect(code).toBe(125)
  if (isLichen) expect(stderr).toContain(`Hint: it has linux/${own}, linux/${other}`)
})

test('an image pulled by the digest of its list is found by it again', async ({ bare: lichen, registry }) => {
  const name = await putBoth(registry)
  const digest = toBlob(await documentOf(registry)).digest
  const pinned = `${name.replace(/:both$/, '')}@${digest}`
  await lichen.ok('pull', TLS, pinned)
  expect(await label(lichen, pinned)).toBe(own)
  expect(await lichen.ok('image', 'inspect', '--format', '{{json .RepoDigests}}', pinned)).toContain(digest)
  await registry.stop()
  await lichen.ok('create', '--name', 'pinned', pinned, 'x')
})

test('a tag that moved leaves its old image without a name', async ({ bare: lichen, registry }) => {
  const name = `${registry.host}/app:v1`
  for (const text of ['one', 'two']) {
    await putImage(registry.host, 'app', 'v1', tree(text))
    await lichen.ok('pull', TLS, name)
  }
  expect(await ids(lichen)).toHaveLength(2)
  expect((await lichen.ok('images', '-q', '--filter', 'dangling=true')).split('\n')).toHaveLength(1)
})

// podman has them since 5.4
test.runIf(isLichen)('the policies decide when the registry is asked', async ({ bare: lichen, registry }) => {
  const name = `${registry.host}/app:v1`
  await putImage(registry.host, 'app', 'v1', tree('one'))
  const pull = async (policy: string) => (await lichen('pull', '-q', TLS, '--policy', policy, name)).code
  const text = async () => (await lichen.ok('images', '-q', '--no-trunc', '--filter', `reference=${name}`)).trim()
  expect(await pull('never')).toBe(125)
  expect(await pull('missing')).toBe(0)
  const first = await text()
  await putImage(registry.host, 'app', 'v1', tree('two'))
  expect([await pull('missing'), await pull('never'), await text()]).toEqual([0, 0, first])
  expect([await pull('newer'), (await text()) === first]).toEqual([0, false])
  await registry.stop()
  expect([await pull('newer'), await pull('missing'), await pull('always')]).toEqual([0, 0, 125])
})

test('run and create pull what is not here, once', async ({ bare: lichen, registry }) => {
  const name = `${registry.host}/app:v1`
  await putImage(registry.host, 'app', 'v1', tree('one'))
  await lichen.ok('create', TLS, name, 'x')
  await registry.stop()
  await lichen.ok('create', TLS, name, 'x')
  expect((await lichen('create', TLS, '--pull', 'always', name, 'x')).code).toBe(125)
  expect((await lichen('create', '--pull', 'never', `${NEVER_THERE}:v1`, 'x')).code).toBe(125)
  expect((await lichen.ok('ps', '-aq')).split('\n')).toHaveLength(2)
})

async function documentOf({ host }: Registry): Promise<object> {
  // one after the other: the registry forgets a blob that two bring at the same time
  const manifests = []
  for (const architecture of [own, other])
    manifests.push(await putImage(host, 'app', architecture, { ...tree(architecture), config: { architecture } }))
  return listOf(manifests.map((manifest, at) => ({ manifest, platform: `linux/${[own, other][at]}` })))
}

/** Returns the name of a list of two images. */
async function putBoth(registry: Registry): Promise<string> {
  const { host } = registry
  const mediaType = 'application/vnd.oci.image.index.v1+json'
  await putManifest(toBlob(await documentOf(registry)), { host, path: 'app', reference: 'both', mediaType })
  return `${host}/app:both`
}

// What is fetched ahead lies there when its turn to be unpacked comes.
test.runIf(isLichen)(
  'blobs are fetched ahead of the unpacking when the settings allow more transfers',
  async ({ bare: lichen, registry }) => {
    const layers = ['bottom', 'middle', 'top'].map((text) => layer({ [`etc/${text}`]: text }))
    await putImage(registry.host, 'app', 'v1', { layers })
    const settings = join(lichen.directory, 'lichen.toml')
    writeFileSync(settings, '[pull]\nparallel-downloads = 2\nparallel-unpacks = 1\n')
    let letPass = () => {}
    const others = new Promise<void>((resolve) => (letPass = resolve))
    // the config is the first blob, the bottom layer the second
    const held = { path: BLOBS, after: 1, times: 1, action: holdUntil(others) }
    const proxy = await startFaultProxy(registry.url, held)
    try {
      const env = { LICHEN_CONFIG: settings }
      const pulling = lichen.with({ env }, 'pull', '-q', TLS, `${proxy.host}/app:v1`)
      await waitFor('the other layers', () => proxy.seen('GET', BLOBS).filter(({ isOver }) => isOver).length === 3)
      letPass()
      expect((await pulling).code).toBe(0)
      expect(proxy.seen('GET', BLOBS)).toHaveLength(4)
    } finally {
      await proxy.stop()
    }
  },
)
