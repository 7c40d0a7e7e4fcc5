// The registry of the tests and what stands in front of it do what their names say: asked with the plainest client there is, and with
// skopeo. A test of lichen that trusts them can be trusted.

import { type IncomingMessage, request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findProgram } from '../../support/facts.js'
import { BLOBS, type FaultAction, type FaultProxy, startFaultProxy, untilQuiet } from '../../support/fault-proxy.js'
import * as faults from '../../support/faults.js'
import { sha256 } from '../../support/image-archive.js'
import { hasImage, imagePath } from '../../support/images.js'
import { mustRun, type ProcessResult, runProcess } from '../../support/process.js'
import { hasRegistry, type Registry, startRegistry, storedUploads } from '../../support/registry.js'
import { startTokenServer } from '../../support/token-server.js'

const canRun = hasRegistry && findProgram('skopeo') !== undefined && hasImage('layered.oci.tar')
const source = `oci-archive:${imagePath('layered.oci.tar')}`

function push(registry: Registry, ...flags: string[]): Promise<ProcessResult> {
  const words = ['--insecure-policy', '--quiet', ...flags, source, `docker://${registry.host}/a/b:1`]
  return runProcess(['skopeo', 'copy', ...words])
}

const PLAIN_HTTP = '--dest-tls-verify=false'

describe.skipIf(!canRun)('registry', () => {
  test('registry keeps what is pushed and a mirror of it reads through when neither asks who comes', async () => {
    const registry = await startRegistry()
    const mirror = await startRegistry({ mirrorOf: registry.url })
    expect(await push(registry, PLAIN_HTTP)).toMatchObject({ code: 0 })
    const inspect = (host: string) =>
      mustRun(['skopeo', 'inspect', '--raw', '--tls-verify=false', `docker://${host}/a/b:1`])
    expect(await inspect(mirror.host)).toBe(await inspect(registry.host))
    await mirror.stop()
    await registry.stop()
    await registry.stop()
  })

  test('registry insists on its authority and on a client certificate when it is started so', async () => {
    const server = await startRegistry({ tls: true })
    const mutual = await startRegistry({ tls: 'mutual' })
    expect((await push(server)).stderr).toContain('x509')
    expect(await push(server, '--dest-cert-dir', server.certDir ?? '')).toMatchObject({ code: 0 })
    expect(await push(mutual, '--dest-cert-dir', mutual.certDir ?? '')).toMatchObject({ code: 0 })
    expect((await push(mutual, '--dest-cert-dir', server.certDir ?? '')).code).toBe(1)
    await Promise.all([server.stop(), mutual.stop()])
  })

  test('registry refuses strangers when it has an htpasswd', async () => {
    const registry = await startRegistry({ htpasswd: { user: 'someone', password: 'a:b c' } })
    expect((await push(registry, PLAIN_HTTP)).stderr).toContain('authentication required')
    expect(await push(registry, PLAIN_HTTP, '--dest-creds', 'someone:a:b c')).toMatchObject({ code: 0 })
    await registry.stop()
  })

  test('token server lets strangers pull and users push', async () => {
    const tokens = await startTokenServer({ users: { someone: 'secret' }, anonymousPull: true })
    const registry = await startRegistry({ token: tokens })
    expect((await push(registry, PLAIN_HTTP)).stderr).toContain('denied')
    expect(await push(registry, PLAIN_HTTP, '--dest-creds', 'someone:secret')).toMatchObject({ code: 0 })
    expect(tokens.requests.map(({ user }) => user)).toContain('someone')
    await Promise.all([tokens.stop(), registry.stop()])
  })

  test("token server's tokens end when it says", async () => {
    for (const [lifetimeSeconds, status] of [
      [3600, 404],
      [-60, 401],
    ] as const) {
      const tokens = await startTokenServer({ anonymousPull: true, lifetimeSeconds })
      const registry = await startRegistry({ token: tokens })
      const answer = await fetch(`${tokens.url}?service=any&scope=repository:a/b:pull`)
      const { token } = (await answer.json()) as { token: string }
      const headers = { authorization: `Bearer ${token}` }
      expect((await fetch(`${registry.url}/v2/a/b/tags/list`, { headers })).status).toBe(status)
      await Promise.all([tokens.stop(), registry.stop()])
    }
  })
})

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
  /** The error's code, when the answer broke off. */
  readonly broken: string | undefined
}

function get(url: string, { timeoutMs = 5000 } = {}): Promise<Answer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const end = (broken?: string, answer?: IncomingMessage) => {
      asked.destroy()
      resolve({ status: answer?.statusCode ?? 0, headers: answer?.headers ?? {}, body: Buffer.concat(chunks), broken })
    }
    const asked = request(url, { timeout: timeoutMs }, (answer) => {
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.once('end', () => end(undefined, answer))
      answer.once('error', (error: NodeJS.ErrnoException) => end(error.code, answer))
    })
    asked.once('timeout', () => end('silence'))
    asked.once('error', (error: NodeJS.ErrnoException) => end(error.code))
    asked.end()
  })
}

describe.skipIf(!canRun)('fault proxy', () => {
  let registry: Registry
  let proxy: FaultProxy
  let blob: { readonly url: string; readonly digest: string; readonly size: number }

  beforeAll(async () => {
    registry = await startRegistry()
    proxy = await startFaultProxy(registry.url)
    await push(registry, PLAIN_HTTP)
    const raw = await mustRun(['skopeo', 'inspect', '--raw', '--tls-verify=false', `docker://${registry.host}/a/b:1`])
    const [layer = { digest: '', size: 0 }] = (JSON.parse(raw) as { layers: { digest: string; size: number }[] }).layers
    blob = { ...layer, url: `${proxy.url}/v2/a/b/blobs/${layer.digest}` }
  })

  afterAll(async () => {
    await proxy.stop()
    await registry.stop()
  })

  const withFault = async (action: FaultAction): Promise<Answer> => {
    proxy.reset()
    proxy.setFaults({ path: BLOBS, action })
    return get(blob.url)
  }

  test('fault proxy passes everything on and counts it when no fault is set', async () => {
    proxy.reset()
    const { status, body, broken } = await get(blob.url)
    expect({ status, broken, digest: sha256(body) }).toEqual({ status: 200, broken: undefined, digest: blob.digest })
    await untilQuiet(proxy)
    expect(proxy.sentBytes(BLOBS)).toBe(blob.size)
    expect(proxy.seen('GET|HEAD', BLOBS)).toMatchObject([{ method: 'GET', status: 200 }])
  })

  test.each([
    ['resetAfter', faults.resetAfter(5000), 5000],
    ['closeAfter', faults.closeAfter(5000), 5000],
    ['resetAtOnce', faults.resetAtOnce, 0],
  ] as const)('%s breaks the connection where it is told to', async (_name, action, bytes) => {
    const { body, broken } = await withFault(action)
    expect(broken).toBe('ECONNRESET')
    expect(body.length).toBeLessThanOrEqual(bytes)
    await untilQuiet(proxy)
    expect(proxy.sentBytes(BLOBS)).toBe(bytes)
  })

  test('endAfter ends a body properly and too early', async () => {
    expect(await withFault(faults.endAfter(5000))).toMatchObject({
      status: 200,
      broken: undefined,
      body: { length: 5000 },
    })
  })

  test('holdAfter says nothing more after what it was told to send', async () => {
    proxy.setFaults({ path: BLOBS, action: faults.holdAfter(5000) })
    expect((await get(blob.url, { timeoutMs: 300 })).broken).toBe('silence')
  })

  test('flipBit changes one byte and nothing else', async () => {
    const { body, broken } = await withFault(faults.flipBit(70_000))
    expect({ broken, length: body.length }).toEqual({ broken: undefined, length: blob.size })
    expect(sha256(body)).not.toBe(blob.digest)
    body[70_000] = (body[70_000] ?? 0) ^ 1
    expect(sha256(body)).toBe(blob.digest)
  })

  test('claimLength says another length than the body has', async () => {
    const longer = await withFault(faults.claimLength((length) => length + 10))
    expect(longer).toMatchObject({ broken: 'ECONNRESET', body: { length: blob.size } })
    const shorter = await withFault(faults.claimLength((length) => length - 10))
    expect(shorter.body.length).toBe(blob.size - 10)
  })

  test('trickle sends everything, slowly', async () => {
    const { body } = await withFault(faults.trickle(200_000, 5))
    expect(sha256(body)).toBe(blob.digest)
  })

  test('answer and redirects never reach the registry', async () => {
    expect(await withFault(faults.answer(429, { 'retry-after': '1' }, 'later'))).toMatchObject({
      status: 429,
      headers: { 'retry-after': '1' },
      broken: undefined,
    })
    const elsewhere = await withFault(faults.redirectTo('http://localhost:1/'))
    expect(elsewhere).toMatchObject({ status: 307 })
    expect(elsewhere.headers.location).toBe(blob.url.replace(proxy.url, 'http://localhost:1'))
    expect((await withFault(faults.redirectLoop)).headers.location).toBe(new URL(blob.url).pathname)
  })

  test('a fault happens as often as it is told to, after as many as it lets pass', async () => {
    proxy.reset()
    proxy.setFaults({ path: BLOBS, after: 1, times: 2, action: faults.answer(500) })
    const statuses: number[] = []
    for (let n = 0; n < 5; n++) statuses.push((await get(blob.url)).status)
    expect(statuses).toEqual([200, 500, 500, 200, 200])
  })

  // docker-registry 2.8 does not go on with a chunk that was cut: its upload state says another offset than the file has.
  test('resetUploadAfter breaks an upload, which docker-registry then gives up', async () => {
    proxy.reset()
    const begun = await fetch(`${proxy.url}/v2/a/c/blobs/uploads/`, { method: 'POST' })
    const place = begun.headers.get('location') ?? ''
    expect(place).toContain(proxy.host)
    proxy.setFaults({ method: 'PATCH', path: /uploads/, times: 1, action: faults.resetUploadAfter(1000) })
    await expect(fetch(place, { method: 'PATCH', body: Buffer.alloc(50_000) })).rejects.toThrow()
    await expect.poll(() => storedUploads(registry, 'a/c')).toEqual([1000])
    expect((await fetch(place)).status).toBe(404)
  })
})
