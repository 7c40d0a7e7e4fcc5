// Blobs over connections that break, and servers with their own idea of ranges.

import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { expect } from 'vitest'
import { readBlob } from '../../../../src/images/registry/read-blob.js'
import { openRemote } from '../../../../src/images/registry/remote.js'
import { BadInputError, HostError, NotFoundError } from '../../../../src/model/errors.js'
import { NO_REPORT } from '../../../../src/model/progress.js'
import { sha256 } from '../../../../src/platform/digest.js'
import { test } from '../../../support/home.js'
import { openFor, readAll } from '../../../support/open-repository.js'
import { type Listener, serve } from '../../../support/web-server.js'

const bytes = randomBytes(1_000_000)
const digest = sha256(bytes)
const blob = { digest, size: bytes.length }

/** Sends the blob from where the client wants it, as `how` says. */
function sendRange({ headers }: IncomingMessage, response: ServerResponse, { to = bytes.length } = {}): void {
  const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0)
  const range = { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }
  response.writeHead(from === 0 ? 200 : 206, { 'content-length': bytes.length - from, ...(from === 0 ? {} : range) })
  response.write(bytes.subarray(from, to), () => void (to < bytes.length ? response.destroy() : response.end()))
}

const rangesOf = (headers: readonly IncomingMessage['headers'][]) => headers.map(({ range }) => range)

test('readBlob() goes on where the connection broke, as often as there is progress', async ({ home }) => {
  let requests = 0
  const { host, headers } = await serve((request, response) =>
    sendRange(request, response, { to: ++requests * 150_000 }),
  )
  const repository = openFor('pull', home.facts(), `${host}/a`)
  expect((await readAll(repository.readBlob(blob, 0))).equals(bytes)).toBe(true)
  expect(rangesOf(headers)[1]).toBe('bytes=150000-')
  expect(headers).toHaveLength(7)
  expect(repository.notes).toHaveLength(6)
})

test('readBlob() starts anywhere, and asks for nothing that is there already', async ({ home }) => {
  const { host, headers } = await serve((request, response) => sendRange(request, response))
  const repository = openFor('pull', home.facts(), `${host}/a`)
  expect((await readAll(repository.readBlob(blob, 999_000))).equals(bytes.subarray(999_000))).toBe(true)
  expect(await readAll(repository.readBlob(blob, bytes.length))).toHaveLength(0)
  expect(rangesOf(headers)).toEqual(['bytes=999000-'])
})

for (const [what, answer] of [
  ['knows no ranges', (_, response) => void response.end(bytes)],
  [
    'sends another range than asked for',
    ({ headers }, response) => {
      if (headers.range === undefined) return void response.end(bytes)
      response.writeHead(206, { 'content-range': `bytes 0-99/${bytes.length}` }).end(bytes.subarray(0, 100))
    },
  ],
  [
    'sends a range without saying which',
    ({ headers }, response) => void response.writeHead(headers.range === undefined ? 200 : 206).end(bytes),
  ],
  [
    'refuses ranges',
    ({ headers }, response) => void (headers.range === undefined ? response.end(bytes) : response.writeHead(416).end()),
  ],
] as const satisfies readonly (readonly [string, Listener])[]) {
  test(`readBlob() skips what it has when the server ${what}`, async ({ home }) => {
    const { host } = await serve(answer as Listener)
    const repository = openFor('pull', home.facts(), `${host}/a`)
    expect((await readAll(repository.readBlob(blob, 400_000))).equals(bytes.subarray(400_000))).toBe(true)
  })
}

test('readBlob() refuses more bytes and fewer bytes than the manifest says, without trying again', async ({ home }) => {
  const { host, requests } = await serve((request, response) => {
    if (request.headers.range !== undefined)
      response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end()
    else if (request.url?.includes('/chunked/')) response.write(bytes, () => void response.end())
    else sendRange(request, response)
  })
  for (const [path, size, fromByte] of [
    ['a', bytes.length - 1, 0],
    ['a', bytes.length + 1, 0],
    ['a', 4_000_000_000, 500],
    ['chunked', bytes.length - 1, 0],
  ] as const) {
    const reading = readAll(openFor('pull', home.facts(), `${host}/${path}`).readBlob({ digest, size }, fromByte))
    await expect(reading).rejects.toThrow(BadInputError)
    await expect(reading).rejects.toThrow(/: it has (at least )?1000000 bytes, the manifest says/)
  }
  expect(requests).toHaveLength(4)
})

test('readBlob() gives up when the answer ends early each time', async ({ home }) => {
  const { host, requests } = await serve((_, response) => {
    response.write(bytes.subarray(0, 1000), () => void response.end())
  })
  const reading = readAll(openFor('pull', home.facts(), `${host}/a`, { retries: 2 }).readBlob(blob, 0))
  await expect(reading).rejects.toThrow(`fetch blob: ${host}/a@${digest}: the answer ended early`)
  expect(requests.length).toBeGreaterThanOrEqual(3)
})

test('readBlob() tries again on 408, 429, 5xx and connections that are reset, with a note each', async ({ home }) => {
  const faults = [408, 429, 502, 'reset'] as const
  let requests = 0
  const { host } = await serve((request, response) => {
    const fault = faults[requests++]
    if (fault === undefined) sendRange(request, response)
    else if (fault === 'reset') request.socket.resetAndDestroy()
    else response.writeHead(fault, { 'retry-after': '0' }).end()
  })
  const repository = openFor('pull', home.facts(), `${host}/a`, { retries: 4 })
  expect(await readAll(repository.readBlob(blob, 0))).toHaveLength(bytes.length)
  expect(repository.notes.map((note) => note.replace(/^.*: /, ''))).toEqual([
    '408 Request Timeout',
    '429 Too Many Requests',
    '502 Bad Gateway',
    'the connection broke',
  ])
})

test('readBlob() says what a registry lacks, and what a storage behind it refuses', async ({ home }) => {
  const storage = await serve((_, response) => void response.writeHead(403).end('<Error>expired</Error>'))
  const { host } = await serve((request, response) => {
    if (request.url?.startsWith('/v2/gone/')) response.writeHead(404).end()
    else response.writeHead(307, { location: `http://${storage.host}/x?sig=secret` }).end()
  })
  const read = (path: string) => readAll(openFor('pull', home.facts(), `${host}/${path}`).readBlob(blob, 0))
  await expect(read('gone')).rejects.toThrow(NotFoundError)
  await expect(read('gone')).rejects.toThrow(/the registry does not have it$/)
  await expect(read('there')).rejects.toThrow(HostError)
  await expect(read('there')).rejects.toThrow(new RegExp(`: ${storage.host}: 403 Forbidden$`))
})

test('readBlob() leaves a connection that drips, and goes on with another one', async ({ home }) => {
  let requests = 0
  const { host } = await serve((request, response) => {
    if (++requests > 1) return sendRange(request, response)
    response.writeHead(200, { 'content-length': bytes.length })
    let at = 0
    const dripping = setInterval(() => response.write(bytes.subarray(at, ++at)), 5)
    response.on('close', () => clearInterval(dripping))
  })
  const notes: string[] = []
  const remote = openRemote({
    facts: home.facts(),
    endpoint: { host, path: 'a', insecure: false, isMirror: false },
    options: { retryDelayMs: 1 },
    report: { ...NO_REPORT, onNote: (text) => void notes.push(text) },
    scopes: [],
  })
  const reading = readBlob(remote, { path: 'a', blob, fromByte: 0 }, { windowMs: 60, leastBytesPerS: 1000 })
  expect((await readAll(reading)).equals(bytes)).toBe(true)
  expect(notes).toEqual([expect.stringMatching(/fewer than 1000 bytes came in a second$/)])
})

test('readBlob() closes its connection when nobody wants the rest', async ({ home }) => {
  let isClosed = false
  const { host } = await serve((_, response) => {
    response.on('close', () => {
      isClosed = true
    })
    response.writeHead(200, { 'content-length': bytes.length }).write(bytes.subarray(0, 1000))
  })
  for await (const _ of openFor('pull', home.facts(), `${host}/a`).readBlob(blob, 0)) break
  await expect.poll(() => isClosed).toBe(true)
})
