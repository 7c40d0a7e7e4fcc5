// Credentials that a program keeps, by docker's protocol, with real programs.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, vi } from 'vitest'
import { eraseFromHelper, requireHelper, storeInHelper } from '../../../src/images/registry/credential-helper.js'
import { findCredentials } from '../../../src/images/registry/credentials.js'
import {
  removeAllCredentials,
  removeCredentials,
  saveCredentials,
} from '../../../src/images/registry/save-credentials.js'
import { repository } from '../../support/facts.js'
import { type Home, test } from '../../support/home.js'

const PATH = `${join(repository, 'test/fixtures/credential-helpers')}:/usr/bin:/bin`
const ALICE = { username: 'alice', password: 's3cret' }

const find = (home: Home, domain: string) => findCredentials(home.facts({ PATH }), { domain, path: 'x' })
const helper = (home: Home, name: string) => requireHelper(home.facts({ PATH }), name, 'the test')
const calls = (home: Home) => readFileSync(join(home.directory, 'keychain/calls'), 'utf8').trim().split('\n')

beforeEach<{ readonly home: Home }>(({ home }) => {
  vi.stubEnv('CREDENTIALS_DIR', join(home.directory, 'keychain'))
})
afterEach(() => void vi.unstubAllEnvs())

describe('findCredentials', () => {
  test('asks the helper of a registry, and not the entry beside it', async ({ home }) => {
    const auths = { 'a.example': { auth: Buffer.from('old:old').toString('base64') } }
    home.write('run/containers/auth.json', { auths, credHelpers: { 'a.example': 'file' } })
    expect(await find(home, 'a.example')).toBeUndefined()
    await storeInHelper(helper(home, 'file'), 'a.example', ALICE)
    expect(await find(home, 'a.example')).toEqual({ kind: 'password', ...ALICE })
    await eraseFromHelper(helper(home, 'file'), 'a.example')
    await eraseFromHelper(helper(home, 'file'), 'a.example')
    expect(await find(home, 'a.example')).toBeUndefined()
  })

  test('asks the store for every registry that has no helper or entry of its own', async ({ home }) => {
    home.write('.docker/config.json', { auths: { 'a.example': {} }, credsStore: 'file' })
    await storeInHelper(helper(home, 'file'), 'a.example', ALICE)
    expect(await find(home, 'a.example')).toEqual({ kind: 'password', ...ALICE })
    expect(await find(home, 'b.example')).toBeUndefined()
  })

  test("asks for docker.io under docker's name and podman's", async ({ home }) => {
    home.write('.docker/config.json', { credsStore: 'file' })
    expect(await find(home, 'docker.io')).toBeUndefined()
    expect(calls(home)).toEqual(['get https://index.docker.io/v1/', 'get docker.io'])
    await storeInHelper(helper(home, 'file'), 'docker.io', ALICE)
    expect(await find(home, 'registry-1.docker.io')).toEqual({ kind: 'password', ...ALICE })
  })

  test('gives an identity token when the user is <token>', async ({ home }) => {
    home.write('run/containers/auth.json', { credHelpers: { 'a.example': 'file' } })
    await storeInHelper(helper(home, 'file'), 'a.example', { username: '<token>', password: 'refresh' })
    expect(await find(home, 'a.example')).toEqual({ kind: 'token', identityToken: 'refresh' })
  })

  test.for([
    ['locked', /docker-credential-locked get: the keychain is locked: a\.example$/],
    ['garbled', /docker-credential-garbled get: its answer is no JSON object with Username and Secret$/],
  ] as const)('says what is wrong when the helper is %s', async ([name, message], { home }) => {
    home.write('run/containers/auth.json', { credHelpers: { 'a.example': name } })
    await expect(find(home, 'a.example')).rejects.toThrow(message)
  })
})

test('storeInHelper tells no secret when the helper fails and repeats it', async ({ home }) => {
  const password = 'pass"word'
  const error = await storeInHelper(helper(home, 'locked'), 'a.example', { username: 'u', password }).then(
    () => undefined,
    (error: Error) => error,
  )
  expect(error?.message).toContain('the keychain is locked')
  expect(error?.message).not.toContain('word')
})

describe('saveCredentials', () => {
  const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as unknown
  const old = { auth: Buffer.from('old:old').toString('base64') }

  test('leaves no older password beside what the helper of the registry has', async ({ home }) => {
    const file = home.write('auth.json', { auths: { 'a.example': old }, credHelpers: { 'a.example': 'file' } })
    const place = { facts: home.facts({ PATH }), file, key: 'a.example' }
    expect(await saveCredentials(place, ALICE)).toBe('docker-credential-file')
    expect(read(file)).toEqual({ auths: {}, credHelpers: { 'a.example': 'file' } })
    expect(await removeCredentials(place)).toBe(true)
    expect(await removeCredentials(place)).toBe(false)
  })

  test('notes what the store has, so that all of it can be removed', async ({ home }) => {
    const file = home.write('auth.json', { auths: { 'b.example': old }, credsStore: 'file' })
    const facts = home.facts({ PATH })
    for (const key of ['a.example', 'docker.io']) await saveCredentials({ facts, file, key, isDockers: true }, ALICE)
    expect(read(file)).toEqual({
      ...{ auths: { 'a.example': {}, 'https://index.docker.io/v1/': {}, 'b.example': old }, credsStore: 'file' },
    })
    await removeAllCredentials(facts, file)
    expect(read(file)).toEqual({ auths: {}, credsStore: 'file' })
    expect(readdirSync(join(home.directory, 'keychain'))).toEqual(['calls'])
  })

  test('writes no password into a file whose store is not installed, and removes one there may be', async ({
    home,
  }) => {
    const file = home.write('auth.json', { auths: { 'a.example': old }, credsStore: 'gone' })
    const place = { facts: home.facts({ PATH }), file, key: 'a.example' }
    await expect(saveCredentials(place, ALICE)).rejects.toThrow('docker-credential-gone: not installed')
    expect(read(file)).toEqual({ auths: { 'a.example': old }, credsStore: 'gone' })
    expect(await removeCredentials(place)).toBe(true)
    expect(read(file)).toEqual({ auths: {}, credsStore: 'gone' })
  })
})
