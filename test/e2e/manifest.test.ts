// `manifest …`: lists of images for several platforms, made here, sent to real registries and read by peers; and lists of peers' making.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { findProgram, isLichen } from '../support/facts.js'
import { startFaultProxy } from '../support/fault-proxy.js'
import { answer } from '../support/faults.js'
import { type Blob, layer, ociArchive, toBlob } from '../support/image-archive.js'
import { test as base, canTrade } from '../support/interop-test.js'
import type { Lichen } from '../support/lichen.js'
import { podman } from '../support/peers.js'
import { runInPodman } from '../support/podman-tree.js'
import { mustRun } from '../support/process.js'
import { listOf, putImage, putManifest } from '../support/put-image.js'
import { hasRegistry, type Registry, startRegistry } from '../support/registry.js'

const test = base.skipIf(!hasRegistry)
const noTest = (() => {}) as unknown as typeof test
const lichenTest = isLichen ? test : noTest
const peerTest = isLichen ? base.skipIf(!canTrade(podman)) : noTest
const passwordTest = isLichen ? base.skipIf(!hasRegistry || findProgram('htpasswd') === undefined) : noTest
const TLS = '--tls-verify=false'
const INDEX = 'application/vnd.oci.image.index.v1+json'
const own = process.arch === 'arm64' ? 'arm64' : 'amd64'
const other = process.arch === 'arm64' ? 'amd64' : 'arm64'
const tree = (text: string, architecture = own) => ({
  layers: [layer({ text }), layer({ both: 'same' })],
  config: { architecture },
})

interface Entry {
  readonly digest: string
  readonly platform: { readonly architecture: string; readonly variant?: string }
  readonly annotations?: Readonly<Record<string, string>>
}
interface List {
  readonly mediaType: string
  readonly manifests: readonly Entry[]
}

const inspect = async (lichen: Lichen, name: string, ...flags: string[]) =>
  JSON.parse(await lichen.ok('manifest', 'inspect', ...flags, name)) as List
const architectures = ({ manifests }: List) => manifests.map(({ platform }) => platform.architecture)

/** `box:own` and `box:other`, for this host's architecture and for another. */
async function loadBoth(lichen: Lichen): Promise<void> {
  for (const [name, arch] of [['own', own] as const, ['other', other] as const]) {
    const archive = join(lichen.directory, `${name}.tar`)
    writeFileSync(archive, ociArchive({ ...tree(name, arch), names: [`localhost/box:${name}`] }))
    await lichen.ok('load', '-q', '-i', archive)
  }
}

/** What a registry has under a tag or digest, byte for byte. */
async function read(registry: Registry, path: string, reference: string): Promise<{ text: string; mediaType: string }> {
  const response = await fetch(`${registry.url}/v2/${path}/manifests/${reference}`, {
    headers: {
      accept:
        'application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json',
    },
  })
  if (!response.ok) throw new Error(`${path}:${reference}: ${response.status}`)
  return { text: await response.text(), mediaType: response.headers.get('content-type') ?? '' }
}

// the words podman has, too
test('a list is made, changed and removed, with an ID that stays and the exit codes of scripts', async ({
  bare: lichen,
}) => {
  await loadBoth(lichen)
  const id = await lichen.ok('manifest', 'create', 'list', 'containers-storage:localhost/box:own')
  expect(id).toMatch(/^[0-9a-f]{64}$/)
  expect((await lichen('manifest', 'create', 'list')).code).toBe(125)
  expect(await lichen.ok('manifest', 'create', '--amend', 'list')).toBe(id)
  const added = ['--annotation', 'a=b', '--os-version', '7', 'list', 'containers-storage:localhost/box:other']
  expect(await lichen.ok('manifest', 'add', ...added)).toBe(id)
  const list = await inspect(lichen, 'list')
  expect(architectures(list)).toEqual([own, other])
  const { digest = '' } = list.manifests[1] ?? {}
  expect(list.manifests[1]).toMatchObject({ platform: { 'os.version': '7' }, annotations: { a: 'b' } })
  expect(await lichen.ok('manifest', 'annotate', '--variant', 'v9', 'list', digest)).toBe(id)
  expect((await inspect(lichen, id)).manifests[1]?.platform).toMatchObject({ architecture: other, variant: 'v9' })
  expect(await lichen.ok('manifest', 'remove', 'list', digest)).toBe(id)
  expect(architectures(await inspect(lichen, 'list'))).toEqual([own])
  expect((await lichen('manifest', 'remove', 'list', digest)).code).toBe(125)
  expect((await lichen('manifest', 'annotate', '--arch', 'arm', 'list', digest)).code).toBe(125)
  expect((await lichen('manifest', 'exists', 'list')).code).toBe(0)
  expect((await lichen('manifest', 'exists', 'none')).code).toBe(1)
  expect((await lichen('manifest', 'exists', 'box:own')).code).toBe(125)
  expect((await lichen('manifest', 'rm', 'none')).code).toBe(1)
  expect((await lichen('manifest', 'rm', 'box:own')).code).toBe(125)
  expect(await lichen.ok('manifest', 'rm', 'list')).toBe(`Untagged: localhost/list:latest\nDeleted: ${id}`)
  expect((await lichen('manifest', 'exists', 'list')).code).toBe(1)
})

test('a pushed list has its images with it, under the digests it says', async ({ bare: lichen, registry }) => {
  await loadBoth(lichen)
  await putImage(registry.host, 'far', 'v1', tree('far', 's390x'))
  const images = ['containers-storage:localhost/box:own', 'containers-storage:localhost/box:other']
  for (const image of images) await lichen.ok('manifest', 'create', '--amend', 'list', image)
  await lichen.ok('manifest', 'add', TLS, 'list', `docker://${registry.host}/far:v1`)
  const digestFile = join(lichen.directory, 'digest')
  const flags = [TLS, '--quiet', '--digestfile', digestFile]
  await lichen.ok('manifest', 'push', ...flags, 'list', `docker://${registry.host}/near:v1`)
  const { text, mediaType } = await read(registry, 'near', 'v1')
  expect({ mediaType, digest: readFileSync(digestFile, 'utf8') }).toEqual({
    mediaType: INDEX,
    digest: toBlob(Buffer.from(text)).digest,
  })
  expect(text).not.toContain('lichen')
  const list = JSON.parse(text) as List
  expect(architectures(list)).toEqual([own, other, 's390x'])
  for (const { digest } of list.manifests) {
    const manifest = await read(registry, 'near', digest)
    const { layers } = JSON.parse(manifest.text) as { layers: { digest: string }[] }
    for (const blob of layers) {
      const response = await fetch(`${registry.url}/v2/near/blobs/${blob.digest}`)
      expect(toBlob(Buffer.from(await response.arrayBuffer())).digest).toBe(blob.digest)
    }
  }
})

lichenTest(
  'images go out as they are stored, and come back by the digest of the list',
  async ({ bare: lichen, registry }) => {
    await loadBoth(lichen)
    const name = `${registry.host}/app:v1`
    await lichen.ok('manifest', 'create', name, 'box:own', 'box:other')
    const stored = (await inspect(lichen, name)).manifests
    await lichen.ok('manifest', 'push', '--rm', name)
    expect((await lichen('manifest', 'exists', name)).code).toBe(1)
    const { text } = await read(registry, 'app', 'v1')
    expect((JSON.parse(text) as List).manifests).toEqual(stored)
    await lichen.ok('rmi', '--all')
    const pinned = `${registry.host}/app@${toBlob(Buffer.from(text)).digest}`
    await lichen.ok('pull', pinned)
    expect(await lichen.ok('image', 'inspect', '--format', '{{.Digest}}', pinned)).toBe(stored[0]?.digest)
  },
)

peerTest('podman and skopeo read a list of ours', async ({ bare: lichen, registry, scratch }) => {
  await loadBoth(lichen)
  await lichen.ok('manifest', 'create', 'list', 'box:own', 'box:other')
  for (const format of ['oci', 'v2s2']) {
    const name = `${registry.host}/app:${format}`
    await lichen.ok('manifest', 'push', '--format', format, 'list', name)
    const raw = await mustRun(['skopeo', 'inspect', '--raw', TLS, `docker://${name}`])
    expect(architectures(JSON.parse(raw) as List)).toEqual([own, other])
    const layout = `oci:${join(scratch(), 'layout')}`
    await mustRun([
      'skopeo',
      '--insecure-policy',
      'copy',
      '-q',
      '--all',
      '--src-tls-verify=false',
      `docker://${name}`,
      layout,
    ])
    const said = await runInPodman(join(scratch(), 'podman'), [
      `engine pull --quiet ${TLS} ${name}`,
      `engine image inspect --format '{{.Architecture}}' ${name}`,
      `engine manifest create copy`,
      `engine manifest add --all ${TLS} copy docker://${name} >&2`,
      `engine manifest inspect copy`,
    ])
    const [, architecture, , ...json] = said.split('\n')
    expect(architecture).toBe(own)
    expect(architectures(JSON.parse(json.join('\n')) as List)).toEqual([own, other])
  }
})

peerTest('a list of podman is pulled, added with --all and copied', async ({ bare: lichen, registry, scratch }) => {
  await loadBoth(lichen)
  const archives = ['own', 'other'].map((name) => join(lichen.directory, `${name}.tar`))
  const from = `${registry.host}/podman:v1`
  await runInPodman(join(scratch(), 'podman'), [
    ...archives.map((archive) => `engine load -q -i ${archive}`),
    'engine manifest create list containers-storage:localhost/box:own',
    'engine manifest add list containers-storage:localhost/box:other',
    `engine manifest push --quiet ${TLS} --all list docker://${from}`,
  ])
  const theirs = await inspect(lichen, `docker://${from}`)
  await lichen.ok('pull', from)
  expect(await lichen.ok('image', 'inspect', '--format', '{{.Digest}}', from)).toBe(theirs.manifests[0]?.digest)
  // not the image that was pulled: all of the list
  await lichen.ok('manifest', 'create', '--all', 'copy', from)
  await lichen.ok('manifest', 'push', 'copy', `${registry.host}/copy:v1`)
  expect(JSON.parse((await read(registry, 'copy', 'v1')).text)).toEqual(theirs)
  expect(architectures(theirs)).toEqual([own, other])
})

lichenTest(
  'an index in an index is flattened with --all; else the image for this host is taken',
  async ({ bare: lichen, registry }) => {
    const put = (text: string, arch: string): Promise<Blob> => putImage(registry.host, 'app', text, tree(text, arch))
    const [first, second, third] = [await put('1', other), await put('2', own), await put('3', 's390x')]
    const inner = toBlob(
      listOf([
        { manifest: second, platform: `linux/${own}` },
        { manifest: third, platform: 'linux/s390x' },
      ]),
    )
    await putManifest(inner, { host: registry.host, path: 'app', reference: inner.digest, mediaType: INDEX })
    const outer = toBlob(
      listOf([
        { manifest: first, platform: `linux/${other}` },
        { manifest: inner, mediaType: INDEX },
      ]),
    )
    await putManifest(outer, { host: registry.host, path: 'app', reference: 'nested', mediaType: INDEX })
    await lichen.ok('manifest', 'create', '--all', 'all', `docker://${registry.host}/app:nested`)
    expect((await inspect(lichen, 'all')).manifests.map(({ digest }) => digest)).toEqual(
      [first, second, third].map(({ digest }) => digest),
    )
    await lichen.ok('manifest', 'create', 'one', `docker://${registry.host}/app:nested`)
    expect((await inspect(lichen, 'one')).manifests.map(({ digest }) => digest)).toEqual([second.digest])
  },
)

lichenTest('images of another registry are copied to where the list goes', async ({ bare: lichen, registry }) => {
  const far = await startRegistry()
  try {
    await putImage(far.host, 'app', 'v1', tree('far'))
    await lichen.ok('manifest', 'create', 'list', `docker://${far.host}/app:v1`)
    const [entry] = (await inspect(lichen, 'list')).manifests
    for (const format of ['oci', 'v2s2']) {
      await lichen.ok('manifest', 'push', '--format', format, 'list', `${registry.host}/app:${format}`)
    }
    expect((await read(registry, 'app', entry?.digest ?? '')).text).toBe((await read(far, 'app', 'v1')).text)
    const docker = JSON.parse((await read(registry, 'app', 'v2s2')).text) as List
    expect(docker.mediaType).toContain('docker')
    await far.stop()
    await lichen.ok('pull', `${registry.host}/app:v2s2`)
  } finally {
    await far.stop()
  }
})

passwordTest(
  "the destination's password is not told to the registries that images come from",
  async ({ bare: lichen, registry }) => {
    const locked = await startRegistry({ htpasswd: { user: 'me', password: 'secret' } })
    const proxy = await startFaultProxy(registry.url)
    try {
      await putImage(registry.host, 'app', 'v1', tree('far'))
      await lichen.ok('manifest', 'create', 'list', `docker://${proxy.host}/app:v1`)
      const push = () => lichen('manifest', 'push', '--creds', 'me:secret', 'list', `${locked.host}/app:v1`)
      expect((await push()).code).toBe(0)
      proxy.setFaults({ path: /./, action: answer(401, { 'www-authenticate': 'Basic realm="give"' }) })
      expect((await push()).code).toBe(125)
      expect(proxy.seen('GET', /manifests/).length).toBeGreaterThan(2)
      expect(proxy.requests.filter(({ headers }) => headers.authorization !== undefined)).toEqual([])
    } finally {
      await proxy.stop()
      await locked.stop()
    }
  },
)

lichenTest(
  'a list is not visible in the registry when one of its images cannot be sent',
  async ({ bare: lichen, registry }) => {
    await loadBoth(lichen)
    await lichen.ok('manifest', 'create', 'list', 'box:own', 'box:other')
    const proxy = await startFaultProxy(registry.url)
    try {
      proxy.setFaults({ method: 'PUT', path: /\/manifests\/sha256/, after: 1, action: answer(403) })
      const { code, stderr } = await lichen('manifest', 'push', '--quiet', 'list', `${proxy.host}/app:v1`)
      expect(code).toBe(125)
      expect(stderr).toMatch(/^Error: [^\n]+\n(Hint: [^\n]+\n)?$/)
      await expect(read(registry, 'app', 'v1')).rejects.toThrow('404')
      proxy.reset()
      await lichen.ok('manifest', 'push', '--quiet', 'list', `${proxy.host}/app:v1`)
      // what was there already was not sent again
      expect(proxy.seen('PATCH|PUT', /\/blobs\/uploads\//).length).toBeLessThan(4)
    } finally {
      await proxy.stop()
    }
  },
)

lichenTest(
  'push --all=false sends the list alone; --compression-format is refused for what is not here',
  async ({ bare: lichen, registry }) => {
    await putImage(registry.host, 'app', 'v1', tree('far'))
    await lichen.ok('manifest', 'create', 'list', `docker://${registry.host}/app:v1`)
    await lichen.ok('manifest', 'push', '--all=false', 'list', `${registry.host}/app:list`)
    expect((await read(registry, 'app', 'list')).mediaType).toBe(INDEX)
    const { code, stderr } = await lichen(
      'manifest',
      'push',
      '--compression-format',
      'zstd',
      'list',
      `${registry.host}/app:x`,
    )
    expect({ code, stderr }).toEqual({
      code: 125,
      stderr: expect.stringMatching(
        /^Error: push list: sha256:\w+: only images of the local store can be compressed/,
      ) as string,
    })
    await loadBoth(lichen)
    await lichen.ok('manifest', 'create', 'local', 'box:own')
    await lichen.ok('manifest', 'push', '--compression-format', 'zstd', 'local', `${registry.host}/app:zstd`)
    const [entry] = (JSON.parse((await read(registry, 'app', 'zstd')).text) as List).manifests
    expect((await read(registry, 'app', entry?.digest ?? '')).text).toContain('tar+zstd')
  },
)

lichenTest(
  'inspect of a single image in a registry shows its manifest and says so',
  async ({ bare: lichen, registry }) => {
    const { bytes } = await putImage(registry.host, 'app', 'v1', tree('x'))
    const { code, stdout, stderr } = await lichen('manifest', 'inspect', `${registry.host}/app:v1`)
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `Warning: ${registry.host}/app:v1 is no list but a single image: this is its manifest\n`,
    })
    expect(JSON.parse(stdout)).toEqual(JSON.parse(bytes.toString()))
    expect(await lichen('manifest', 'inspect', `${registry.host}/app:none`)).toMatchObject({ code: 125, stdout: '' })
  },
)

lichenTest("a local image is never mistaken for a stranger's of the same short name", async ({ bare: lichen }) => {
  await loadBoth(lichen)
  await lichen.ok('manifest', 'create', 'list', 'box:own')
  const { code, stderr } = await lichen('manifest', 'add', 'list', 'containers-storage:box:none')
  expect({ code, stderr }).toMatchObject({
    code: 125,
    stderr: expect.stringContaining('not in the local store') as string,
  })
  expect((await lichen('manifest', 'add', 'list', 'oci:/tmp/x')).stderr).toContain(
    'come from a registry or the local store',
  )
})
