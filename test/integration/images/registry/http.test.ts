// One exchange: redirects, silence, bounds.

import { expect } from 'vitest'
import { createAgents } from '../../../../src/images/registry/agents.js'
import { ConnectionFailure, redactUrl } from '../../../../src/images/registry/connection-failure.js'
import { exchange, readDocument } from '../../../../src/images/registry/http.js'
import { BadInputError } from '../../../../src/model/errors.js'
import { type Home, test } from '../../../support/home.js'
import { readAll } from '../../../support/open-repository.js'
import { serve } from '../../../support/web-server.js'

function get(home: Home, url: string, more: { silenceMs?: number } = {}) {
  const headers = { authorization: 'Basic c2VjcmV0' }
  return exchange({
    method: 'GET',
    url: new URL(url),
    headers,
    agentFor: createAgents({ facts: home.facts() }),
    ...more,
  })
}

test('exchange() follows redirects of the same server with the Authorization header', async ({ home }) => {
  const { host, headers } = await serve((request, response) => {
    if (request.url === '/end') response.end('found')
    else
      response.writeHead(302, { location: request.url === '/' ? 'middle' : `http://${request.headers.host}/end` }).end()
  })
  const response = await get(home, `http://${host}/`)
  expect((await readAll(response.chunks)).toString()).toBe('found')
  expect(headers.map(({ authorization }) => authorization)).toEqual(Array(3).fill('Basic c2VjcmV0'))
})

test('exchange() gives the Authorization header to no other server, and not back to the first one', async ({
  home,
}) => {
  const second = await serve(
    (_, response) => void response.writeHead(307, { location: `http://${first.host}/end` }).end(),
  )
  const first = await serve((request, response) => {
    if (request.url === '/end') response.end()
    else response.writeHead(307, { location: `http://user:pw@${second.host}/` }).end()
  })
  await readAll((await get(home, `http://${first.host}/`)).chunks)
  expect(second.headers[0]).not.toHaveProperty('authorization')
  expect(first.headers[0]).toHaveProperty('authorization')
  expect(first.headers[1]).not.toHaveProperty('authorization')
})

for (const [what, location] of [
  ['go in a circle', '/?token=secret'],
  ['are endless', 'next'],
  ['lead to no web address', 'file:///etc/passwd'],
  ['lead nowhere', 'http://'],
] as const) {
  test(`exchange() gives up when redirects ${what}, without the query in the error`, async ({ home }) => {
    const { host, requests } = await serve((request, response) => {
      const target = location === 'next' ? `${request.url}x` : location
      response.writeHead(307, { location: target }).end()
    })
    const following = get(home, `http://${host}/?token=secret`)
    await expect(following).rejects.toThrow(BadInputError)
    await expect(following).rejects.toThrow(/^follow redirects: http:/)
    await expect(following).rejects.not.toThrow('secret')
    expect(requests.length).toBeLessThan(13)
  })
}

test('exchange() sends what changes something to another place only where the method stays', async ({ home }) => {
  for (const [status, expected] of [
    [302, 302],
    [307, 200],
  ] as const) {
    const received: string[] = []
    const { host } = await serve(async (request, response) => {
      for await (const chunk of request) received.push(String(chunk))
      if (request.url === '/') response.writeHead(status, { location: '/there' }).end()
      else response.end()
    })
    const response = await exchange({
      method: 'PUT',
      url: new URL(`http://${host}/`),
      body: () => Buffer.from('body'),
      agentFor: createAgents({ facts: home.facts() }),
    })
    response.close()
    expect(response.status).toBe(expected)
    expect(received).toEqual(status === 307 ? ['body', 'body'] : ['body'])
  }
})

test('exchange() gives up on a server that is silent before the answer, or in its middle', async ({ home }) => {
  const { host } = await serve((request, response) => {
    if (request.url === '/half') response.writeHead(200, { 'content-length': 10 }).write('half')
  })
  const failure = { name: 'ConnectionFailure', code: 'SILENT', message: 'nothing came for 0.05 s', host }
  await expect(get(home, `http://${host}/`, { silenceMs: 50 })).rejects.toMatchObject(failure)
  const response = await get(home, `http://${host}/half`, { silenceMs: 50 })
  await expect(readAll(response.chunks)).rejects.toMatchObject(failure)
})

test('exchange() takes no time of ours for silence of the server', async ({ home }) => {
  const { host } = await serve((_, response) => void response.end(Buffer.alloc(1_000_000)))
  const response = await get(home, `http://${host}/`, { silenceMs: 30 })
  let bytes = 0
  for await (const chunk of response.chunks) {
    if (bytes === 0) await new Promise((resolve) => setTimeout(resolve, 100))
    bytes += chunk.length
  }
  expect(bytes).toBe(1_000_000)
})

test('exchange() tells a body that breaks off from a short one', async ({ home }) => {
  const { host } = await serve((request, response) => {
    if (request.url === '/length') response.writeHead(200, { 'content-length': 1000 })
    response.write('some', () => void response.destroy())
  })
  for (const path of ['length', 'chunked']) {
    const response = await get(home, `http://${host}/${path}`)
    await expect(readAll(response.chunks)).rejects.toThrow(ConnectionFailure)
  }
})

test('exchange() keeps connections for the next request, whether or not there was a body to read', async ({ home }) => {
  const server = await serve((request, response) => {
    request.resume()
    if (request.method === 'HEAD') response.writeHead(200, { 'content-length': 1000 }).end()
    else response.writeHead(request.method === 'PUT' ? 201 : 204, { 'content-length': 0 }).end()
  })
  const agentFor = createAgents({ facts: home.facts() })
  for (const method of ['HEAD', 'PUT', 'DELETE', 'HEAD'] as const) {
    const response = await exchange({ method, url: new URL(`http://${server.host}/`), agentFor })
    response.close()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  expect(server.connections()).toBe(1)
})

test('exchange() stops sending when the server has answered and does not want the rest', async ({ home }) => {
  const { host } = await serve((_, response) => void response.writeHead(413, { 'content-length': 0 }).end())
  let isClosed = false
  async function* endless(): AsyncGenerator<Buffer> {
    try {
      for (;;) yield Buffer.alloc(65536)
    } finally {
      isClosed = true
    }
  }
  const request = {
    method: 'PATCH',
    url: new URL(`http://${host}/`),
    agentFor: createAgents({ facts: home.facts() }),
  } as const
  const response = await exchange({ ...request, headers: { 'content-length': String(2 ** 40) }, body: endless })
  expect(response.status).toBe(413)
  response.close()
  await expect.poll(() => isClosed).toBe(true)
})

test('exchange() passes an error of the body it was to send on as it is', async ({ home }) => {
  const { host } = await serve((request) => void request.resume())
  const broken = Object.assign(new Error('EIO: disk'), { code: 'EIO' })
  const sending = exchange({
    method: 'PUT',
    url: new URL(`http://${host}/`),
    headers: { 'content-length': '10' },
    // biome-ignore lint/correctness/useYield: it fails before
    body: async function* fail() {
      throw broken
    },
    agentFor: createAgents({ facts: home.facts() }),
  })
  await expect(sending).rejects.toBe(broken)
})

test('readDocument() takes no more than it is allowed, and not for ever', async ({ home }) => {
  const { host } = await serve((request, response) => {
    if (request.url === '/large') return void response.end(Buffer.alloc(100_000))
    const dripping = setInterval(() => response.write('.'), 5)
    response.on('close', () => clearInterval(dripping))
  })
  const large = await get(home, `http://${host}/large`)
  await expect(readDocument(large, { maxBytes: 99_999 })).rejects.toThrow(/larger than 99999 bytes/)
  const slow = await get(home, `http://${host}/slow`)
  const reading = readDocument(slow, { maxBytes: 1000, deadlineMs: 60 })
  await expect(reading).rejects.toMatchObject({ code: 'SLOW', message: 'the answer took longer than 0.06 s' })
})

test('redactUrl() keeps nothing that may be secret', () => {
  expect(redactUrl('https://user:pw@host:1/path?sig=secret#part')).toBe('https://host:1/path')
  expect(redactUrl('not one: secret')).toBe('bad URL')
})
