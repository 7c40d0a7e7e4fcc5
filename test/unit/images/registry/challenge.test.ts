import { expect, test } from 'vitest'
import { parseChallenges } from '../../../../src/images/registry/challenge.js'

test('parseChallenges() reads the parameters of a token server', () => {
  const header = 'Bearer realm="https://auth.example.com/token",service="example.com",scope="repository:a/b:pull,push"'
  expect(parseChallenges(header)).toEqual([
    {
      scheme: 'bearer',
      parameters: {
        realm: 'https://auth.example.com/token',
        service: 'example.com',
        scope: 'repository:a/b:pull,push',
      },
    },
  ])
})

test('parseChallenges() keeps several challenges apart, whatever their commas and spaces', () => {
  const header = 'Negotiate , basic  Realm = "a, \\"b\\"" ,charset=UTF-8, Bearer realm=x , error="e"'
  expect(parseChallenges(header)).toEqual([
    { scheme: 'negotiate', parameters: {} },
    { scheme: 'basic', parameters: { realm: 'a, "b"', charset: 'UTF-8' } },
    { scheme: 'bearer', parameters: { realm: 'x', error: 'e' } },
  ])
})

test('parseChallenges() takes a token68 for no parameter', () => {
  expect(parseChallenges('NTLM TlRMTVNTUAAC==, Basic realm="x"')).toEqual([
    { scheme: 'ntlm', parameters: {} },
    { scheme: 'basic', parameters: { realm: 'x' } },
  ])
})

test('parseChallenges() gives what came before it stopped understanding', () => {
  expect(parseChallenges('Basic realm="x", "')).toEqual([{ scheme: 'basic', parameters: { realm: 'x' } }])
  for (const header of ['', ' , ', '"', '=x', 'realm="no scheme"']) expect(parseChallenges(header)).toEqual([])
})

test('parseChallenges() is quick with a header made to be slow', () => {
  const startedMs = performance.now()
  parseChallenges(`Basic realm="${'\\'.repeat(50_000)}`)
  parseChallenges(`Basic ${'a '.repeat(50_000)}`)
  expect(performance.now() - startedMs).toBeLessThan(1000)
})
