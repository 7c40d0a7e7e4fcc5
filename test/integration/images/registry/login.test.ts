// Who we are, told to those who may know: passwords, tokens, and the servers that give them.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { expect } from 'vitest'
import { HostError } from '../../../../src/model/errors.js'
import { sha256 } from '../../../../src/platform/digest.js'
import { test } from '../../../support/home.js'
import { openFor, sourceOf } from '../../../support/open-repository.js'
import { hasRegistry, startRegistry } from '../../../support/registry.js'
import { startTokenServer, type TokenServer, type TokenServerOptions } from '../../../support/token-server.js'
import { serve } from '../../../support/web-server.js'

const blob = Buffer.from('blob')
const upload = { digest: sha256(blob), size: blob.length, open: sourceOf(blob) }
const credentials = { username: 'me', password: 'pass:word' }

async function withTokens(
  options: TokenServerOptions,
  use: (host: string, tokens: TokenServer) => Promise<void>,
): Promise<void> {
  const tokens = await startTokenServer(options)
  const registry = await startRegistry({ token: tokens })
  try {
    await use(registry.host, tokens)
  } finally {
    await registry.stop()
    await tokens.stop()
  }
}

test.skipIf(!hasRegistry)(
  'a registry with passwords takes the right one, and the error of a wrong one does not show it',
  async ({ home }) => {
    const registry = await startRegistry({ htpasswd: { user: 'me', password: 'pass:word' } })
    try {
      const name = `${registry.host}/a`
      const right = openFor('push', home.facts(), name, { credentials })
      await right.putBlob(upload)
      expect(await right.hasBlob(upload.digest)).toBe(true)
      for (const options of [{}, { credentials: { username: 'me', password: 'wrong-one' } }]) {
        const refused = openFor('push', home.facts(), name, options).putBlob(upload)
        await expect(refused).rejects.toThrow(HostError)
        await expect(refused).rejects.toMatchObject({ hint: `lichen login ${registry.host}` })
        await expect(refused).rejects.not.toThrow(/wrong-one/)
      }
    } finally {
      await registry.stop()
    }
  },
)

test.skipIf(!hasRegistry)('the credentials file is used when nothing else was said', async ({ home }) => {
  const registry = await startRegistry({ htpasswd: { user: 'me', password: 'pass:word' } })
  try {
    const auth = Buffer.from('me:pass:word').toString('base64')
    const authfile = home.write('auth.json', { auths: { [registry.host]: { auth } } })
    await openFor('push', home.facts(), `${registry.host}/a`, { authfile }).putBlob(upload)
  } finally {
    await registry.stop()
  }
})

test.skipIf(!hasRegistry)('strangers get one token for many requests', async ({ home }) => {
  await withTokens({}, async (host, tokens) => {
    const repository = openFor('push', home.facts(), `${host}/a/b`)
    await repository.putBlob(upload)
    await Promise.all([1, 2, 3].map(() => repository.hasBlob(upload.digest)))
    expect(tokens.requests).toEqual([
      { method: 'GET', user: undefined, service: 'lichen test registry', scopes: ['repository:a/b:pull,push'] },
    ])
  })
})

test.skipIf(!hasRegistry)(
  'a token that expires is fetched anew, before and after the registry has noticed',
  async ({ home }) => {
    // docker-registry takes a token for a minute more than it lives: these are refused at once
    await withTokens({ lifetimeSeconds: 2 }, async (host, tokens) => {
      const repository = openFor('push', home.facts(), `${host}/a`)
      await repository.hasBlob(upload.digest)
      await new Promise((resolve) => setTimeout(resolve, 2100))
      await repository.putBlob(upload)
      expect(tokens.requests.length).toBeGreaterThanOrEqual(2)
    })
  },
)

test.skipIf(!hasRegistry)('users get what they may, and mounting asks for both repositories', async ({ home }) => {
  await withTokens({ users: { me: 'pass:word' } }, async (host, tokens) => {
    await openFor('push', home.facts(), `${host}/a`, { credentials }).putBlob(upload)
    expect(await openFor('push', home.facts(), `${host}/b`, { credentials }).mountBlob(upload.digest, 'a')).toBe(true)
    expect(tokens.requests.at(-1)).toMatchObject({
      user: 'me',
      scopes: ['repository:b:pull,push', 'repository:a:pull'],
    })
    const stranger = openFor('pull', home.facts(), `${host}/a`).hasBlob(upload.digest)
    await expect(stranger).rejects.toThrow(/^look for blob: .*: the registry wants a login$/)
    const wrong = { credentials: { username: 'me', password: 'wrong-one' } }
    const refused = openFor('pull', home.facts(), `${host}/a`, wrong).hasBlob(upload.digest)
    await expect(refused).rejects.toThrow(`log in: ${host}: the user name or password is wrong`)
  })
})

/** A registry that takes `good` tokens only, of the token server at `realm`. */
function guard(realm: string, good: () => string) {
  return ({ headers }: IncomingMessage, response: ServerResponse) => {
    if (headers.authorization === `Bearer ${good()}`) response.writeHead(200).end()
    else response.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}",service="s"` }).end()
  }
}

test('a token refused in the middle is fetched anew once; one refused from the start is not', async ({ home }) => {
  let count = 0
  let good = 1
  const tokens = await serve(
    (_, response) => void response.end(JSON.stringify({ access_token: `t${++count}`, expires_in: 300 })),
  )
  const { host } = await serve(guard(`http://${tokens.host}/`, () => `t${good}`))
  const repository = openFor('pull', home.facts(), `${host}/a`)
  for (const _ of [1, 2]) expect(await repository.hasBlob(upload.digest)).toBe(true)
  good = 2
  expect(await repository.hasBlob(upload.digest)).toBe(true)
  expect(count).toBe(2)
  good = 99
  await expect(repository.hasBlob(upload.digest)).rejects.toThrow(/the registry wants a login$/)
  expect(count).toBe(3)
})

test('an identity token is changed into a token by POST', async ({ home }) => {
  const bodies: string[] = []
  const tokens = await serve(async (request, response) => {
    for await (const chunk of request) bodies.push(String(chunk))
    response.end(JSON.stringify({ access_token: 'fresh' }))
  })
  const { host } = await serve(guard(`http://${tokens.host}/`, () => 'fresh'))
  const authfile = home.write('auth.json', { auths: { [host]: { identitytoken: 'id-secret' } } })
  expect(await openFor('pull', home.facts(), `${host}/a`, { authfile }).hasBlob(upload.digest)).toBe(true)
  expect(tokens.requests).toEqual(['POST /'])
  expect(Object.fromEntries(new URLSearchParams(bodies.join('')))).toEqual({
    grant_type: 'refresh_token',
    refresh_token: 'id-secret',
    client_id: 'lichen',
    service: 's',
    scope: 'repository:a:pull',
  })
})

test('a password goes to no token server over plain HTTP when the registry is elsewhere', async ({ home }) => {
  const { host } = await serve(guard('http://auth.example.com/token', () => 'none'))
  const asking = openFor('pull', home.facts(), `${host}/a`, { credentials }).hasBlob(upload.digest)
  await expect(asking).rejects.toThrow(
    `log in: ${host}: its token server http://auth.example.com/token speaks plain HTTP`,
  )
})

for (const [what, answer, cause] of [
  ['says nothing useful', '{}', 'the answer has no token'],
  ['says what is no JSON', 'oops', 'the answer is not JSON'],
  ['gives what cannot be a header', '{"token":"a\\nb: c"}', 'the answer has no token'],
] as const) {
  test(`a token server that ${what} is named in the error`, async ({ home }) => {
    const tokens = await serve((_, response) => void response.end(answer))
    const { host } = await serve(guard(`http://${tokens.host}/t?x=secret`, () => 'none'))
    const asking = openFor('pull', home.facts(), `${host}/a`).hasBlob(upload.digest)
    await expect(asking).rejects.toThrow(`get token: http://${tokens.host}/t: ${cause}`)
  })
}

test('a server that a redirect leads to cannot have our password by asking for it', async ({ home }) => {
  const thief = await serve((_, response) => {
    response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${thief.host}/token"` }).end()
  })
  const { host } = await serve((request, response) => {
    if (request.headers.authorization === undefined)
      response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
    else response.writeHead(307, { location: `http://${thief.host}/blob` }).end()
  })
  const asking = openFor('pull', home.facts(), `${host}/a`, { credentials }).hasBlob(upload.digest)
  await expect(asking).rejects.toThrow(`${thief.host}: 401 Unauthorized`)
  expect(thief.requests).toEqual(['HEAD /blob'])
  expect(thief.headers[0]).not.toHaveProperty('authorization')
})
