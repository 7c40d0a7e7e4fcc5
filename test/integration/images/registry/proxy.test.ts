// Proxies of the environment: who goes through them, and who does not.

import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { createAgents } from '../../../../src/images/registry/agents.js'
import { exchange } from '../../../../src/images/registry/http.js'
import { makeSelfSigned } from '../../../support/certificates.js'
import { type Home, test } from '../../../support/home.js'
import { readAll } from '../../../support/open-repository.js'
import { serve } from '../../../support/web-server.js'

interface Proxy {
  readonly url: string
  readonly seen: string[]
}

/** Answers plain requests itself, and ends every tunnel at `target`. Wants `user:secret`. */
async function startProxy(target: string): Promise<Proxy> {
  const seen: string[] = []
  const isAllowed = (header: string | undefined) => header === `Basic ${Buffer.from('user:secret').toString('base64')}`
  const server: Server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`)
    response.writeHead(isAllowed(request.headers['proxy-authorization']) ? 200 : 407).end('proxied')
  })
  server.on('connect', (request, socket) => {
    seen.push(`CONNECT ${request.url}`)
    const [host = '', port] = target.split(':')
    const upstream = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      upstream.pipe(socket).pipe(upstream)
    })
    for (const each of [upstream, socket]) each.on('error', () => upstream.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://user:secret@127.0.0.1:${(server.address() as AddressInfo).port}`, seen }
}

/** As if the program had been started with these variables. */
async function withEnvironment<T>(variables: Record<string, string>, use: () => Promise<T>): Promise<T> {
  const before = { ...process.env }
  Object.assign(process.env, variables)
  try {
    return await use()
  } finally {
    for (const name of Object.keys(variables)) {
      if (before[name] === undefined) delete process.env[name]
      else process.env[name] = before[name]
    }
  }
}

function get(home: Home, url: string, env: Record<string, string>) {
  return withEnvironment(env, async () => {
    const agentFor = createAgents({ facts: home.facts(env), verify: false })
    const response = await exchange({ method: 'GET', url: new URL(url), agentFor })
    return { status: response.status, text: (await readAll(response.chunks)).toString() }
  })
}

test('a plain request goes through HTTP_PROXY with its password', async ({ home }) => {
  const { url, seen } = await startProxy('')
  const answer = await get(home, 'http://registry.invalid/v2/', { HTTP_PROXY: url })
  expect(answer).toEqual({ status: 200, text: 'proxied' })
  expect(seen).toEqual(['GET http://registry.invalid/v2/'])
})

test('an HTTPS request goes through a tunnel of HTTPS_PROXY, and is refused where the certificate is', async ({
  home,
}) => {
  const { cert, key } = await selfSigned()
  const { host, requests } = await serve((_, response) => void response.end('direct'), { cert, key })
  const { url, seen } = await startProxy(host)
  expect(await get(home, 'https://registry.invalid/v2/', { HTTPS_PROXY: url })).toEqual({ status: 200, text: 'direct' })
  expect(seen).toEqual(['CONNECT registry.invalid:443'])
  const checked = withEnvironment({ HTTPS_PROXY: url }, () =>
    exchange({
      method: 'GET',
      url: new URL('https://registry.invalid/'),
      agentFor: createAgents({ facts: home.facts({ HTTPS_PROXY: url }) }),
    }),
  )
  await expect(checked).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  expect(requests).toHaveLength(1)
})

test('this host, and what NO_PROXY names, are reached without the proxy', async ({ home }) => {
  const { url, seen } = await startProxy('')
  const { host } = await serve((_, response) => void response.end('direct'))
  expect(await get(home, `http://${host}/`, { HTTP_PROXY: url })).toMatchObject({ text: 'direct' })
  for (const [address, NO_PROXY] of [
    ['192.0.2.1', '10.0.0.0/8,192.0.2.0/24'],
    ['192.0.2.1', '192.0.2.1'],
    ['[100::1]', '100::/64'],
    ['registry.invalid', '.invalid'],
  ] as const) {
    const agent = await withEnvironment({ HTTP_PROXY: url, NO_PROXY }, async () =>
      createAgents({ facts: home.facts({ HTTP_PROXY: url, NO_PROXY }) })(new URL(`http://${address}/`)),
    )
    expect(agent.constructor.name).toBe('Agent')
  }
  expect(
    await get(home, 'http://192.0.3.1/', { HTTP_PROXY: url, NO_PROXY: '192.0.2.0/24,bad/nets,1.2.3.4/99' }),
  ).toMatchObject({
    text: 'proxied',
  })
  expect(seen).toHaveLength(1)
})

async function selfSigned(): Promise<{ cert: Buffer; key: Buffer }> {
  const directory = mkdtempSync(join(tmpdir(), 'lichen-proxy-'))
  try {
    const { cert, key } = await makeSelfSigned(directory, 'proxy')
    return { cert: readFileSync(cert), key: readFileSync(key) }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
