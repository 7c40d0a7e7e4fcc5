// `push` to a real registry: what is sent and what is not, under which names, and what is left when it fails.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { isLichen } from '../support/facts.js'
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.js'
import { answer } from '../support/faults.js'
import { hasImage, imagePath } from '../support/images.js'
import { test as base, readManifest } from '../support/interop-test.js'
import { LAYERED } from '../support/peers.js'
import { hasRegistry } from '../support/registry.js'
import { waitFor } from '../support/wait-for.js'

const PLAIN_HTTP = '--tls-verify=false'
const UPLOADS = /\/blobs\/uploads\//
const MANIFESTS = /\/manifests\//

interface Fixtures {
  /** In front of the registry. */
  readonly proxy: FaultProxy
}

const proxied = base.extend<Fixtures>({
  proxy: async ({ registry }, use: (proxy: FaultProxy) => Promise<void>) => {
    const proxy = await startFaultProxy(registry.url)
    try {
      await use(proxy)
    } finally {
      await proxy.stop()
    }
  },
})
const test = proxied.skipIf(!isLichen || !hasRegistry || !hasImage('layered.oci.tar'))

test('push sends nothing twice: a second one only asks, and sends the manifest', async ({ bare, proxy }) => {
  await bare.ok('load', '--quiet', '--input', imagePath('layered.oci.tar'))
  await bare.ok('push', '--quiet', PLAIN_HTTP, LAYERED, `${proxy.host}/a:1`)
  expect(proxy.seen('POST', UPLOADS)).toHaveLength(4)
  proxy.reset()
  expect(await bare.ok('push', PLAIN_HTTP, LAYERED, `${proxy.host}/a:2`)).toBe('')
  expect(proxy.seen('POST|PATCH', UPLOADS)).toEqual([])
  expect(proxy.seen('PUT', MANIFESTS)).toHaveLength(1)
  expect((await readManifest(`${proxy.host}/a:1`)).digest).toBe((await readManifest(`${proxy.host}/a:2`)).digest)
})

test('push has the registry link blobs from the other repositories the image is named after', async ({
  bare,
  proxy,
}) => {
  await bare.ok('load', '--quiet', '--input', imagePath('layered.oci.tar'))
  const [there, target] = [`${proxy.host}/first/app:1`, `${proxy.host}/second:1`]
  await bare.ok('push', '--quiet', PLAIN_HTTP, LAYERED, there)
  await bare.ok('tag', LAYERED, there)
  proxy.reset()
  await bare.ok('push', '--quiet', PLAIN_HTTP, LAYERED, target)
  expect(proxy.seen('POST', /uploads\/\?.*mount=/).map(({ status }) => status)).toEqual([201, 201, 201, 201])
  expect(proxy.seen('PUT|PATCH', UPLOADS)).toEqual([])
  expect((await readManifest(target)).digest).toBe((await readManifest(there)).digest)
})

test('push puts the manifest last, after every blob is there', async ({ bare, proxy }) => {
  await bare.ok('load', '--quiet', '--input', imagePath('layered.oci.tar'))
  await bare.ok('push', '--quiet', PLAIN_HTTP, LAYERED, `${proxy.host}/a:1`)
  expect(proxy.requests.at(-1)).toMatchObject({ method: 'PUT', path: '/v2/a/manifests/1', status: 201 })
})

test("push uses the image's own name when no destination is said, and refuses an ID alone", async ({
  bare,
  registry,
}) => {
  await bare.ok('load', '--quiet', '--input', imagePath('layered.oci.tar'))
  const name = `${registry.host}/own/name:7`
  await bare.ok('tag', LAYERED, name)
  await bare.ok('push', '--quiet', PLAIN_HTTP, name)
  expect((await readManifest(name)).digest).toBe(await bare.ok('image', 'inspect', '--format', '{{.Digest}}', name))
  const id = await bare.ok('images', '--quiet')
  const result = await bare('push', PLAIN_HTTP, id.split('\n')[0] ?? '')
  expect(result).toMatchObject({ code: 125, stdout: '' })
  expect(result.stderr).toContain('an ID does not say where to')
})

test('push --all-tags sends every name of the repository, and nothing else', async ({ bare, registry }) => {
  await bare.ok('load', '--quiet', '--input', imagePath('layered.oci.tar'))
  for (const name of ['app:1', 'app:2', 'other:1']) await bare.ok('tag', LAYERED, `${registry.host}/${name}`)
  await bare.ok('push', '--quiet', PLAIN_HTTP, '--all-tags', `${registry.host}/app`)
  const list = async (path: string) => {
    const answer = await fetch(`${registry.url}/v2/${path}/tags/list`)
    return answer.ok ? ((await answer.json()) as { tags: string[] }).tags.sort() : answer.status
  }
  expect(await list('app')).toEqual(['1', '2'])
  expect(await list('other')).toBe(404)
})

test('push --all sends a list with every image it names', async ({ bare, registry }) => {
  await bare.ok('load', '--quiet', '--input', imagePath('layered.oci.tar'))
  await bare.ok('manifest', 'create', 'many')
  await bare.ok('manifest', 'add', 'many', LAYERED)
  await bare.ok('push', '--quiet', PLAIN_HTTP, '--all', 'many', `${registry.host}/many:1`)
  const { mediaType, raw } = await readManifest(`${registry.host}/many:1`)
  expect(mediaType).toBe('application/vnd.oci.image.index.v1+json')
  const [entry] = (JSON.parse(raw) as { manifests: { digest: string }[] }).manifests
  const member = `${registry.url}/v2/many/manifests/${entry?.digest}`
  const accept = 'application/vnd.oci.image.manifest.v1+json'
  expect((await fetch(member, { method: 'HEAD', headers: { accept } })).status).toBe(200)
})

test('push compresses again only what is asked for, and always to the same digest', async ({
  bare,
  registry,
  scratch,
}) => {
  await bare.ok('load', '--quiet', '--input', imagePath('layered.docker.tar'))
  const digestOf = async (tag: string, ...flags: string[]) => {
    const file = join(scratch(), 'digest')
    const ref = `${registry.host}/again:${tag}`
    await bare.ok('push', '--quiet', PLAIN_HTTP, '--digestfile', file, ...flags, LAYERED, ref)
    expect((await readManifest(ref)).digest).toBe(readFileSync(file, 'utf8'))
    return readFileSync(file, 'utf8')
  }
  const gzip = ['--compression-format', 'gzip']
  expect(await digestOf('plain')).toBe(await bare.ok('image', 'inspect', '--format', '{{.Digest}}', LAYERED))
  expect(await digestOf('gzip', ...gzip)).toBe(await digestOf('again', ...gzip))
  expect(await digestOf('best', ...gzip, '--compression-level', '9')).not.toBe(await digestOf('once-more', ...gzip))
})

test("push makes an image of Docker's format OCI's when it is to have zstd layers", async ({ bare, registry }) => {
  await bare.ok('load', '--quiet', '--input', imagePath('layered.oci.tar'))
  const [docker, oci] = [`${registry.host}/a:docker`, `${registry.host}/a:oci`]
  await bare.ok('push', '--quiet', PLAIN_HTTP, '--format', 'docker', LAYERED, docker)
  await bare.ok('pull', '--quiet', PLAIN_HTTP, docker)
  await bare.ok('push', '--quiet', PLAIN_HTTP, docker)
  expect((await readManifest(docker)).mediaType).toBe('application/vnd.docker.distribution.manifest.v2+json')
  await bare.ok('push', '--quiet', PLAIN_HTTP, '--compression-format', 'zstd', docker, oci)
  expect((await readManifest(oci)).mediaType).toBe('application/vnd.oci.image.manifest.v1+json')
})

test('push says before it sends anything that docker format cannot hold zstd layers', async ({ bare, proxy }) => {
  await bare.ok('load', '--quiet', '--input', imagePath('layered.oci.tar'))
  const flags = [PLAIN_HTTP, '--format', 'docker', '--compression-format', 'zstd']
  const result = await bare('push', ...flags, LAYERED, `${proxy.host}/a:1`)
  expect(result).toMatchObject({ code: 125, stdout: '' })
  expect(result.stderr).toMatch(/^Error: .*cannot hold layers with zstd compression\nHint: .*\n$/)
  expect(proxy.requests).toEqual([])
})

for (const [words, message] of [
  [['nosuch'], 'find image: nosuch: not in the local store'],
  [[LAYERED, `127.0.0.1:1/a@sha256:${'0'.repeat(64)}`], 'a digest cannot be chosen'],
  [[LAYERED, 'ostree:x'], 'the transport ostree is not supported'],
  [['--compression-level', '3', LAYERED, '127.0.0.1:1/a'], '--compression-level needs --compression-format'],
] as const) {
  test(`push ${words.join(' ')} fails with 125 and says why`, async ({ bare }) => {
    await bare.ok('load', '--quiet', '--input', imagePath('layered.oci.tar'))
    const result = await bare('push', PLAIN_HTTP, ...words)
    expect(result).toMatchObject({ code: 125, stdout: '' })
    expect(result.stderr).toContain(message)
  })
}

test('push goes on where an upload broke off, and the image is whole', async ({ bare, proxy }) => {
  await bare.ok('load', '--quiet', '--input', imagePath('layered.oci.tar'))
  let broken = 0
  const breakOff = ({ request }: { request: NodeJS.ReadableStream & { destroy(): void } }) => {
    broken++
    request.destroy()
  }
  proxy.setFaults({ method: 'PATCH', path: UPLOADS, times: 2, action: breakOff as never })
  await bare.ok('push', '--quiet', PLAIN_HTTP, '--retry-delay', '10ms', LAYERED, `${proxy.host}/a:1`)
  expect(broken).toBe(2)
  expect((await readManifest(`${proxy.host}/a:1`)).digest).toBe(
    await bare.ok('image', 'inspect', '--format', '{{.Digest}}', LAYERED),
  )
})

test('push that fails shows no image, writes no digest file and leaves nothing half-made', async ({
  bare,
  proxy,
  scratch,
}) => {
  await bare.ok('load', '--quiet', '--input', imagePath('layered.oci.tar'))
  proxy.setFaults({ method: 'PUT', path: UPLOADS, action: answer(500) })
  const digestFile = join(scratch(), 'digest')
  writeFileSync(digestFile, 'what was there')
  const flags = [PLAIN_HTTP, '--retry', '1', '--retry-delay', '10ms', '--digestfile', digestFile]
  const result = await bare('push', '--quiet', ...flags, LAYERED, `${proxy.host}/a:1`)
  expect(result).toMatchObject({ code: 125, stdout: '' })
  expect(result.stderr).toMatch(/^Error: .*500.*\n/m)
  expect(readFileSync(digestFile, 'utf8')).toBe('what was there')
  expect(proxy.seen('PUT', MANIFESTS)).toEqual([])
  expect(readdirSync(join(bare.root, 'staging'))).toEqual([])
})

test('push that is killed leaves only what the next command sweeps, and the next push finishes', async ({
  bare,
  proxy,
}) => {
  await bare.ok('load', '--quiet', '--input', imagePath('layered.oci.tar'))
  proxy.setFaults({ method: 'PUT', path: UPLOADS, action: () => new Promise(() => undefined) })
  const words = ['push', '--quiet', PLAIN_HTTP, '--compression-format', 'zstd', LAYERED, `${proxy.host}/a:1`]
  const pushing = bare.start(...words)
  await waitFor('an upload that hangs', () => proxy.seen('PUT', UPLOADS).length > 0)
  pushing.kill('SIGKILL')
  await pushing.ended
  const staging = join(bare.root, 'staging')
  expect(readdirSync(staging)).toHaveLength(1)
  proxy.setFaults()
  await bare.ok(...words)
  expect(existsSync(staging) && readdirSync(staging)).toEqual([])
  expect((await readManifest(`${proxy.host}/a:1`)).layers).toHaveLength(3)
})

test('push and a removal of the image at the same time send a whole image', async ({ bare, proxy }) => {
  await bare.ok('load', '--quiet', '--input', imagePath('layered.oci.tar'))
  let isRemoved: Promise<unknown> | undefined
  proxy.setFaults({
    method: 'POST',
    path: UPLOADS,
    action: async ({ forward, response }) => {
      isRemoved ??= bare.ok('rmi', LAYERED)
      await isRemoved
      const { statusCode, headers } = await forward()
      response.writeHead(statusCode ?? 0, headers).end()
    },
  })
  await bare.ok('push', '--quiet', PLAIN_HTTP, LAYERED, `${proxy.host}/a:1`)
  expect(await bare.ok('images', '--quiet')).toBe('')
  await bare.ok('pull', '--quiet', PLAIN_HTTP, `${proxy.host}/a:1`)
  expect(await bare.ok('run', '--rm', `${proxy.host}/a:1`, 'echo', 'whole')).toBe('whole')
})
