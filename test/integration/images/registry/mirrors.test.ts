// Mirrors: asked first, and never in the way.

import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { sha256 } from '../../../../src/platform/digest.js'
import { type Home, test } from '../../../support/home.js'
import { openFor, readAll } from '../../../support/open-repository.js'
import { serve } from '../../../support/web-server.js'

const bytes = randomBytes(300_000)
const blob = { digest: sha256(bytes), size: bytes.length }
const manifest = JSON.stringify({ schemaVersion: 2, config: {}, layers: [] })
const credentials = { username: 'me', password: 'secret' }

/** A registry with everything; `brokenAt`: its blobs break there. */
function serveAll(brokenAt = bytes.length) {
  return serve((request, response) => {
    if (request.method === 'POST') return void response.writeHead(202, { location: '/up', 'content-length': 0 }).end()
    if (request.url?.includes('/manifests/')) return void response.end(manifest)
    const from = Number(/=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const range = { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }
    response.writeHead(from === 0 ? 200 : 206, { 'content-length': bytes.length - from, ...(from > 0 ? range : {}) })
    response.write(
      bytes.subarray(from, brokenAt),
      () => void (brokenAt < bytes.length ? response.destroy() : response.end()),
    )
  })
}

function configure(home: Home, registry: string, ...mirrors: string[]): void {
  home.write('.config/lichen/lichen.toml', `[[registry]]\nname = "${registry}"\nmirrors = ${JSON.stringify(mirrors)}\n`)
}

test('a mirror serves a pull, and nobody else is asked', async ({ home }) => {
  const [mirror, registry] = [await serveAll(), await serveAll()]
  configure(home, registry.host, mirror.host)
  const repository = openFor('pull', home.facts(), `${registry.host}/a/b`)
  await repository.getManifest('latest')
  expect((await readAll(repository.readBlob(blob, 0))).equals(bytes)).toBe(true)
  expect(mirror.requests).toHaveLength(2)
  expect(registry.requests).toEqual([])
  expect(repository.notes).toEqual([])
})

test('a mirror that lacks the image, fails or is not there is passed over with a note, and the broken one is not asked again', async ({
  home,
}) => {
  const empty = await serve((_, response) => void response.writeHead(404).end())
  const broken = await serve((_, response) => void response.writeHead(500).end())
  const registry = await serveAll()
  configure(home, registry.host, empty.host, broken.host, '127.0.0.1:1')
  const repository = openFor('pull', home.facts(), `${registry.host}/a`, { retries: 1 })
  await repository.getManifest('latest')
  expect((await readAll(repository.readBlob(blob, 0))).equals(bytes)).toBe(true)
  expect(empty.requests).toHaveLength(2)
  expect(broken.requests).toHaveLength(2)
  const over = repository.notes.filter((note) => note.startsWith('Passing over the mirror'))
  expect(over).toHaveLength(4)
  expect(over[0]).toBe(
    `Passing over the mirror ${empty.host}: fetch manifest: ${registry.host}/a:latest: the registry does not have it`,
  )
})

test('the registry goes on where a mirror broke in the middle of a blob', async ({ home }) => {
  const [mirror, registry] = [await serveAll(100_000), await serveAll()]
  configure(home, registry.host, mirror.host)
  const repository = openFor('pull', home.facts(), `${registry.host}/a`, { retries: 0 })
  expect((await readAll(repository.readBlob(blob, 0))).equals(bytes)).toBe(true)
  expect(registry.headers[0]?.range).toBe('bytes=100000-')
})

test("the registry's own error is the last word", async ({ home }) => {
  const empty = await serve((_, response) => void response.writeHead(404).end())
  const registry = await serve((_, response) => void response.writeHead(403).end())
  configure(home, registry.host, empty.host)
  const asking = openFor('pull', home.facts(), `${registry.host}/a`).getManifest('latest')
  await expect(asking).rejects.toThrow(/: access denied$/)
})

test('a push goes to the registry itself', async ({ home }) => {
  const [mirror, registry] = [await serveAll(), await serveAll()]
  configure(home, registry.host, mirror.host)
  await openFor('push', home.facts(), `${registry.host}/a`).hasBlob(blob.digest)
  expect(mirror.requests).toEqual([])
  expect(registry.requests).toHaveLength(1)
})

test("a mirror never sees the registry's credentials, but has its own", async ({ home }) => {
  const mirror = await serve(
    (_, response) => void response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end(),
  )
  const registry = await serveAll()
  configure(home, registry.host, mirror.host)
  const auth = (text: string) => ({ auth: Buffer.from(text).toString('base64') })
  const authfile = home.write('auth.json', { auths: { [registry.host]: auth('me:secret') } })
  for (const options of [{ credentials }, { authfile }])
    await openFor('pull', home.facts(), `${registry.host}/a`, options).getManifest('latest')
  for (const headers of mirror.headers) expect(headers).not.toHaveProperty('authorization')
  home.write('auth.json', { auths: { [registry.host]: auth('me:secret'), [mirror.host]: auth('us:own') } })
  await openFor('pull', home.facts(), `${registry.host}/a`, { authfile }).getManifest('latest')
  expect(mirror.headers.at(-1)?.authorization).toBe(`Basic ${auth('us:own').auth}`)
})
