import { expect, test } from 'vitest'
import { ConnectionFailure } from '../../../../src/images/registry/connection-failure.js'
import { toConnectionError, toRegistryError } from '../../../../src/images/registry/registry-error.js'
import { TransientError } from '../../../../src/images/registry/retry.js'
import { NotFoundError } from '../../../../src/model/errors.js'

const HUB = 'registry-1.docker.io'

interface Answer {
  readonly host?: string
  readonly from?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: object | string
}

function refuse(status: number, { host = HUB, from = host, headers = {}, body = '' }: Answer = {}) {
  const url = new URL(`https://${from}/v2/a?sig=secret`)
  const response = { status, url, headers: { get: (name: string) => headers[name] ?? null } }
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  return toRegistryError({ what: 'fetch: a', host, response, body: bytes })
}

test('toRegistryError() says of docker.io that a repository may not exist, which it never does', () => {
  expect(refuse(401)).toMatchObject({
    message: 'fetch: a: access denied, or there is no such repository',
    hint: 'lichen login docker.io',
  })
  expect(refuse(401, { host: 'example.com:5000' })).toMatchObject({
    message: 'fetch: a: the registry wants a login',
    hint: 'lichen login example.com:5000',
  })
})

test('toRegistryError() tells what is not there by what the registry calls it', () => {
  for (const [code, cause] of [
    ['MANIFEST_UNKNOWN', 'the registry has no such image'],
    ['NAME_UNKNOWN', 'the registry has no such repository'],
    ['SOMETHING', 'the registry does not have it'],
  ] as const) {
    const error = refuse(404, { body: { errors: [{ code }] } })
    expect(error).toBeInstanceOf(NotFoundError)
    expect(error.message).toBe(`fetch: a: ${cause}`)
  }
})

test('toRegistryError() calls transient what may pass, with the patience asked for and the way to a higher limit', () => {
  const limited = refuse(429, { headers: { 'retry-after': '7' }, body: { errors: [{ code: 'TOOMANYREQUESTS' }] } })
  expect(limited).toBeInstanceOf(TransientError)
  expect(limited).toMatchObject({
    message: 'fetch: a: 429 Too Many Requests: TOOMANYREQUESTS',
    retryAfterMs: 7000,
    hint: 'the registry limits how much one may ask; lichen login docker.io may raise it',
  })
  for (const status of [408, 500, 502, 503, 504, 599]) expect(refuse(status)).toBeInstanceOf(TransientError)
  for (const status of [400, 405, 413, 501]) expect(refuse(status)).not.toBeInstanceOf(TransientError)
})

test('toRegistryError() gives the hint that fits a proxy, and none of login for another server', () => {
  expect(refuse(407).hint).toMatch(/^the proxy wants credentials/)
  const storage = refuse(403, { from: 'storage.example', body: '<xml>' })
  expect(storage.message).toBe('fetch: a: storage.example: 403 Forbidden')
  expect(storage.hint).toBeUndefined()
})

for (const body of ['null', '[]', '{"errors":{}}', '{"errors":[null,"x",{"message":5}]}', '\u0000']) {
  test(`toRegistryError() is not confused by the body ${JSON.stringify(body)}`, () => {
    expect(refuse(400, { body }).message).toBe('fetch: a: 400 Bad Request')
  })
}

function fail(code: string, { message = '', isKnown = false, host = HUB } = {}) {
  return toConnectionError(new ConnectionFailure(code, message, host), { what: 'fetch: a', isKnown })
}

test('toConnectionError() names who did not answer: behind a proxy or a name, the address too', () => {
  expect(fail('ECONNREFUSED', { message: 'connect ECONNREFUSED 192.0.2.1:3128' }).message).toBe(
    'fetch: a: registry-1.docker.io: connection refused (192.0.2.1:3128)',
  )
  const direct = fail('ECONNREFUSED', { message: 'connect ECONNREFUSED 127.0.0.1:1', host: '127.0.0.1:1' })
  expect(direct.message).toBe('fetch: a: 127.0.0.1:1: connection refused')
})

test('toConnectionError() lets nobody wait for a server that was never there, but for one that was', () => {
  for (const code of ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'SILENT']) {
    expect(fail(code)).not.toBeInstanceOf(TransientError)
    expect(fail(code, { isKnown: true })).toBeInstanceOf(TransientError)
  }
  for (const code of ['ECONNRESET', 'EPIPE', 'EAI_AGAIN', 'SLOW', 'HPE_INVALID_CONSTANT'])
    expect(fail(code)).toBeInstanceOf(TransientError)
  for (const code of ['ENOTFOUND', 'CERT_HAS_EXPIRED', 'SELF_SIGNED_CERT_IN_CHAIN', 'ERR_TLS_CERT_ALTNAME_INVALID'])
    expect(fail(code, { isKnown: true })).not.toBeInstanceOf(TransientError)
})
