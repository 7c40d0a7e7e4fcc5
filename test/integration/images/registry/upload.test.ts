// Blobs to a registry: docker-registry itself, behind a proxy that breaks things, and a server that does what others do.

import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { expect } from 'vitest'
import { BadInputError, HostError } from '../../../../src/model/errors.js'
import { sha256 } from '../../../../src/platform/digest.js'
import { startFaultProxy } from '../../../support/fault-proxy.js'
import { answer, resetAtOnce, resetUploadAfter } from '../../../support/faults.js'
import { type Home, test } from '../../../support/home.js'
import { openFor, readAll, sourceOf } from '../../../support/open-repository.js'
import { hasRegistry, startRegistry } from '../../../support/registry.js'
import { serve, type WebServer } from '../../../support/web-server.js'

const bytes = randomBytes(40_000_000)
const digest = sha256(bytes)
const upload = { digest, size: bytes.length, open: sourceOf(bytes) }
const UPLOADS = /\/blobs\/uploads\//

async function withRegistry(use: (proxy: Awaited<ReturnType<typeof startFaultProxy>>) => Promise<void>): Promise<void> {
  const registry = await startRegistry()
  const proxy = await startFaultProxy(registry.url)
  try {
    await use(proxy)
  } finally {
    await proxy.stop()
    await registry.stop()
  }
}

const readBack = (home: Home, name: string) => readAll(openFor('pull', home.facts(), name).readBlob(upload, 0))

test.skipIf(!hasRegistry)('putBlob() sends a blob in one request, and says how far it is', async ({ home }) => {
  await withRegistry(async (proxy) => {
    const repository = openFor('push', home.facts(), `${proxy.host}/a/b`)
    const sent: number[] = []
    expect(await repository.hasBlob(digest)).toBe(false)
    await repository.putBlob({ ...upload, onSent: (total) => void sent.push(total) })
    expect(await repository.hasBlob(digest)).toBe(true)
    expect(sent).toEqual([...sent].sort((a, b) => a - b))
    expect(sent.at(-1)).toBe(bytes.length)
    expect(proxy.seen('POST|PATCH|PUT', UPLOADS).map(({ method }) => method)).toEqual(['POST', 'PATCH', 'PUT'])
    expect((await readBack(home, `${proxy.host}/a/b`)).equals(bytes)).toBe(true)
  })
})

test.skipIf(!hasRegistry)('putBlob() sends what is empty', async ({ home }) => {
  await withRegistry(async (proxy) => {
    const repository = openFor('push', home.facts(), `${proxy.host}/a`)
    const empty = sha256(Buffer.alloc(0))
    await repository.putBlob({ digest: empty, size: 0, open: sourceOf(Buffer.alloc(0)) })
    expect(await repository.hasBlob(empty)).toBe(true)
  })
})

test.skipIf(!hasRegistry)(
  'mountBlob() links a blob of another repository, or begins the upload that follows',
  async ({ home }) => {
    await withRegistry(async (proxy) => {
      await openFor('push', home.facts(), `${proxy.host}/a`).putBlob(upload)
      proxy.reset()
      const other = openFor('push', home.facts(), `${proxy.host}/b`)
      expect(await other.mountBlob(digest, 'a')).toBe(true)
      expect(await other.hasBlob(digest)).toBe(true)
      expect(proxy.seen('PATCH', UPLOADS)).toEqual([])
      const unknown = Buffer.from('unknown')
      expect(await other.mountBlob(sha256(unknown), 'a')).toBe(false)
      await other.putBlob({ digest: sha256(unknown), size: unknown.length, open: sourceOf(unknown) })
      expect(proxy.seen('POST', UPLOADS)).toHaveLength(2)
    })
  },
)

for (const [what, fault] of [
  ['before anything was sent', { method: 'POST', action: resetAtOnce }],
  ['in the middle of the bytes', { method: 'PATCH', action: resetUploadAfter(10_000_000) }],
  ['at the end', { method: 'PUT', action: resetAtOnce }],
  ['with an error of the server', { method: 'PATCH', action: answer(503) }],
] as const) {
  test.skipIf(!hasRegistry)(`putBlob() completes an upload that broke ${what}`, async ({ home }) => {
    await withRegistry(async (proxy) => {
      proxy.setFaults({ ...fault, path: UPLOADS, times: 1 })
      const repository = openFor('push', home.facts(), `${proxy.host}/a`)
      await repository.putBlob(upload)
      expect((await readBack(home, `${proxy.host}/a`)).equals(bytes)).toBe(true)
      expect(repository.notes).toHaveLength(1)
    })
  })
}

test.skipIf(!hasRegistry)('putBlob() sends nothing again when only the last answer was lost', async ({ home }) => {
  await withRegistry(async (proxy) => {
    proxy.setFaults({
      method: 'PUT',
      path: UPLOADS,
      action: async ({ forward, response }) => {
        const { statusCode } = await forward()
        expect(statusCode).toBe(201)
        response.socket?.resetAndDestroy()
      },
    })
    await openFor('push', home.facts(), `${proxy.host}/a`).putBlob(upload)
    expect(proxy.seen('POST', UPLOADS)).toHaveLength(1)
    expect(proxy.seen('PATCH', UPLOADS)).toHaveLength(1)
  })
})

test.skipIf(!hasRegistry)(
  'putBlob() gives up with the last error, and takes no wrong bytes for right',
  async ({ home }) => {
    await withRegistry(async (proxy) => {
      const repository = openFor('push', home.facts(), `${proxy.host}/a`)
      const wrong = repository.putBlob({ ...upload, open: sourceOf(Buffer.alloc(bytes.length)) })
      await expect(wrong).rejects.toThrow(HostError)
      await expect(wrong).rejects.toThrow(
        /^send blob: .*: 400 Bad Request: provided digest did not match uploaded content$/,
      )
      const short = repository.putBlob({ ...upload, open: sourceOf(bytes.subarray(1)) })
      await expect(short).rejects.toThrow(BadInputError)
      proxy.setFaults({ method: 'PATCH', path: UPLOADS, action: answer(500) })
      await expect(repository.putBlob(upload)).rejects.toThrow(/: 500 Internal Server Error$/)
      expect(repository.notes).toHaveLength(3)
    })
  },
)

/** What a registry has got of an upload. */
interface Kept {
  readonly parts: Buffer[]
  length: number
  /** How often it is still to break. */
  breaks: number
}

const keepNothing = (breaks = 0): Kept => ({ parts: [], length: 0, breaks })
const digestOf = ({ parts }: Kept) => sha256(Buffer.concat(parts))

/** As registries that know where an upload is even when it broke, and name a place for it as they like. */
async function serveUploads(
  kept: Kept,
  { largest = Number.POSITIVE_INFINITY, location = '/up?state=1' } = {},
): Promise<WebServer> {
  const progress = () => ({ location, range: `0-${Math.max(0, kept.length - 1)}`, 'content-length': 0 })
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const range = request.headers['content-range']
    if (range !== undefined && Number(range.split('-', 1)[0]) !== kept.length) return response.writeHead(416).end()
    for await (const chunk of request) {
      kept.parts.push(chunk as Buffer)
      kept.length += (chunk as Buffer).length
      if (kept.breaks > 0 && kept.length > 3_000_000) {
        kept.breaks--
        return request.socket.resetAndDestroy()
      }
    }
    return response.writeHead(202, progress()).end()
  }
  return await serve((request, response) => {
    const { method } = request
    if (method === 'HEAD') response.writeHead(404).end()
    else if (method === 'POST') response.writeHead(202, progress()).end()
    else if (method === 'GET') response.writeHead(204, progress()).end()
    else if (method === 'PUT') response.writeHead(201, { 'content-length': 0 }).end()
    else if (Number(request.headers['content-length']) > largest) {
      request.resume()
      response.writeHead(413, { 'content-length': 0 }).end()
    } else void take(request, response)
  })
}

test('putBlob() goes on where the registry says it is', async ({ home }) => {
  const kept = keepNothing(1)
  const { host, requests, headers } = await serveUploads(kept)
  await openFor('push', home.facts(), `${host}/a`).putBlob(upload)
  expect(digestOf(kept)).toBe(digest)
  expect(requests.slice(0, 4)).toEqual([
    'POST /v2/a/blobs/uploads/',
    'PATCH /up?state=1',
    `HEAD /v2/a/blobs/${digest}`,
    'GET /up?state=1',
  ])
  expect(requests.at(-1)).toBe(`PUT /up?state=1&digest=${encodeURIComponent(digest)}`)
  expect(headers[1]).not.toHaveProperty('content-range')
  expect(Number(headers[4]?.['content-range']?.split('-', 1)[0])).toBeGreaterThan(3_000_000)
})

test('putBlob() sends pieces when somebody on the way takes no large requests', async ({ home }) => {
  const kept = keepNothing()
  const { host, requests } = await serveUploads(kept, { largest: 20_000_000 })
  const repository = openFor('push', home.facts(), `${host}/a`)
  await repository.putBlob(upload)
  expect(digestOf(kept)).toBe(digest)
  expect(requests.filter((request) => request.startsWith('PATCH'))).toHaveLength(4)
  expect(repository.notes).toEqual([])
})

test('putBlob() says so when even a piece is too large', async ({ home }) => {
  const { host } = await serveUploads(keepNothing(), { largest: 1000 })
  const sending = openFor('push', home.facts(), `${host}/a`).putBlob(upload)
  await expect(sending).rejects.toThrow(/: a request of \d+ bytes is too large$/)
})

test('putBlob() sends the bytes to another server when told so, but not our password', async ({ home }) => {
  const kept = keepNothing()
  const storage = await serveUploads(kept)
  const { host, headers } = await serve((request, response) => {
    if (request.headers.authorization === undefined)
      response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
    else response.writeHead(202, { location: `http://${storage.host}/up` }).end()
  })
  const credentials = { username: 'u', password: 'secret' }
  await openFor('push', home.facts(), `${host}/a`, { credentials }).putBlob(upload)
  expect(digestOf(kept)).toBe(digest)
  expect(headers.at(-1)?.authorization).toBe(`Basic ${Buffer.from('u:secret').toString('base64')}`)
  for (const each of storage.headers) expect(each).not.toHaveProperty('authorization')
})

test('putBlob() refuses a place that is no web address', async ({ home }) => {
  const { host } = await serveUploads(keepNothing(), { location: 'file:///etc/passwd' })
  const sending = openFor('push', home.facts(), `${host}/a`).putBlob(upload)
  await expect(sending).rejects.toThrow(/the registry does not say where the blob is to be sent$/)
})
