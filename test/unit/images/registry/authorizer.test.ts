import { expect, test } from 'vitest'
import { createAuthorizer } from '../../../../src/images/registry/authorizer.js'
import type { Credentials } from '../../../../src/images/registry/credentials.js'

const BEARER = 'Bearer realm="https://auth/token",service="s",scope="repository:a/b:pull"'
const PULL = ['repository:a/b:pull']

/** Tokens are called t1, t2 …; they live for a minute of a clock that stands still. */
function setUp(credentials?: Credentials) {
  const asked: (readonly string[])[] = []
  const state = { nowMs: 0, asked, lookedUp: 0, broken: false }
  const authorizer = createAuthorizer({
    nowMs: () => state.nowMs,
    findCredentials: async () => {
      state.lookedUp++
      return credentials
    },
    fetchToken: async ({ scopes }) => {
      asked.push(scopes)
      if (state.broken) throw new Error('no token')
      return { value: `t${asked.length}`, lifetimeMs: 60_000 }
    },
  })
  return { authorizer, state }
}

test('header() is nothing before the registry has asked, and nobody looks for credentials', async () => {
  const { authorizer, state } = setUp()
  expect(await authorizer.header(PULL)).toBeUndefined()
  expect(state).toMatchObject({ asked: [], lookedUp: 0 })
})

test('header() fetches one token for all requests of the same scopes, and another one for others', async () => {
  const { authorizer, state } = setUp()
  expect(await authorizer.refused(BEARER, undefined)).toBe(true)
  const headers = await Promise.all([PULL, PULL, PULL].map(authorizer.header))
  expect(headers).toEqual(['Bearer t1', 'Bearer t1', 'Bearer t1'])
  expect(await authorizer.header([...PULL, 'repository:c:pull'])).toBe('Bearer t2')
  expect(state.asked).toEqual([PULL, [...PULL, 'repository:c:pull']])
  expect(state.lookedUp).toBe(1)
})

test('header() fetches a new token once shortly before the old one expires', async () => {
  const { authorizer, state } = setUp()
  await authorizer.refused(BEARER, undefined)
  await authorizer.header(PULL)
  state.nowMs = 49_000
  expect(await authorizer.header(PULL)).toBe('Bearer t1')
  state.nowMs = 51_000
  expect(await Promise.all([PULL, PULL].map(authorizer.header))).toEqual(['Bearer t2', 'Bearer t2'])
})

test('header() tries again after a token could not be fetched', async () => {
  const { authorizer, state } = setUp()
  await authorizer.refused(BEARER, undefined)
  state.broken = true
  await expect(authorizer.header(PULL)).rejects.toThrow('no token')
  state.broken = false
  expect(await authorizer.header(PULL)).toBe('Bearer t2')
})

test('refused() drops a token that worked before, once for all who used it; a new one that does not work is final', async () => {
  const { authorizer } = setUp()
  await authorizer.refused(BEARER, undefined)
  for (const _ of [1, 2]) await authorizer.header(PULL)
  expect(await Promise.all(['Bearer t1', 'Bearer t1'].map((sent) => authorizer.refused(BEARER, sent)))).toEqual([
    true,
    true,
  ])
  expect(await authorizer.header(PULL)).toBe('Bearer t2')
  expect(await authorizer.refused(BEARER, 'Bearer t2')).toBe(false)
})

test('header() asks for the scope of a repository that the registry keeps under another name', async () => {
  const { authorizer, state } = setUp()
  await authorizer.refused('Bearer realm="https://auth",scope="repository:real/a:pull repository:a/b:pull"', undefined)
  await authorizer.header(['repository:a/b:pull,push'])
  expect(state.asked).toEqual([['repository:a/b:pull,push', 'repository:real/a:pull']])
})

test('header() sends name and password to a registry that wants them, once they were not refused', async () => {
  const { authorizer } = setUp({ kind: 'password', username: 'u', password: 'p:w' })
  expect(await authorizer.refused('Basic realm="x"', undefined)).toBe(true)
  const sent = await authorizer.header(PULL)
  expect(sent).toBe(`Basic ${Buffer.from('u:p:w').toString('base64')}`)
  expect(await authorizer.refused('Basic realm="x"', sent)).toBe(false)
})

test('refused() gives up when a password is wanted and there is none, or nothing is offered that is known', async () => {
  for (const offer of ['Basic realm="x"', 'Negotiate', 'Bearer error="no realm"', null])
    expect(await setUp().authorizer.refused(offer, undefined)).toBe(false)
})

test('refused() prefers a token to a password', async () => {
  const { authorizer } = setUp({ kind: 'password', username: 'u', password: 'p' })
  expect(await authorizer.refused(`Basic realm="x", ${BEARER}`, undefined)).toBe(true)
  expect(await authorizer.header(PULL)).toBe('Bearer t1')
})
