// What login and logout do to files: nothing but their own entry, whoever else writes meanwhile.

import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect } from 'vitest'
import { defaultAuthFile } from '../../../src/images/registry/auth-file.js'
import { removeCredentials, saveCredentials } from '../../../src/images/registry/save-credentials.js'
import { type Home, test } from '../../support/home.js'

const ALICE = { username: 'alice', password: 's3cret' }
const AUTH = { auth: Buffer.from('alice:s3cret').toString('base64') }
const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as unknown
const place = (home: Home, key: string, file = join(home.directory, 'auth.json')) => ({
  facts: home.facts(),
  file,
  key,
})

describe('saveCredentials', () => {
  test('loses no entry when several log in at once', async ({ home }) => {
    const keys = Array.from({ length: 8 }, (_, index) => `r${index}.example`)
    await Promise.all(keys.map((key) => saveCredentials(place(home, key), ALICE)))
    const { auths } = read(join(home.directory, 'auth.json')) as { auths: object }
    expect(Object.keys(auths).sort()).toEqual(keys)
    expect(readdirSync(home.directory).sort()).toEqual(['auth.json', 'run'])
  })

  test('writes through a symbolic link, and makes a file that others could read private', async ({ home }) => {
    const kept = home.write('dotfiles/auth.json', { auths: {}, credsStore: '' })
    const link = join(home.directory, 'auth.json')
    symlinkSync(kept, link)
    await saveCredentials(place(home, 'a.example', link), ALICE)
    expect(read(kept)).toEqual({ auths: { 'a.example': AUTH }, credsStore: '' })
    expect(statSync(kept).mode & 0o777).toBe(0o600)
  })

  test("keeps one entry for docker.io, under docker's name in docker's file", async ({ home }) => {
    const file = home.write('config.json', { auths: { 'index.docker.io': { auth: 'b2xkOm9sZA==' } } })
    await saveCredentials({ ...place(home, 'docker.io', file), isDockers: true }, ALICE)
    expect(read(file)).toEqual({ auths: { 'https://index.docker.io/v1/': AUTH } })
    await saveCredentials(place(home, 'docker.io', file), ALICE)
    expect(read(file)).toEqual({ auths: { 'docker.io': AUTH } })
  })

  test('refuses a damaged file and leaves it as it is', async ({ home }) => {
    const file = home.write('auth.json', '{"auths": {')
    await expect(saveCredentials(place(home, 'a.example', file), ALICE)).rejects.toThrow(/auth\.json: not JSON$/)
    expect(readFileSync(file, 'utf8')).toBe('{"auths": {')
  })

  test('says what is in the way when the file cannot be written', async ({ home }) => {
    home.write('not-a-directory', '')
    const file = join(home.directory, 'not-a-directory/auth.json')
    await expect(saveCredentials(place(home, 'a.example', file), ALICE)).rejects.toMatchObject({
      message: `write: ${file}: its directory is a file`,
      hint: 'name a file of your own with --authfile',
    })
  })
})

test('removeCredentials makes no file where there was none', async ({ home }) => {
  const file = join(home.directory, 'some/auth.json')
  expect(await removeCredentials(place(home, 'a.example', file))).toBe(false)
  expect(() => statSync(dirname(file))).toThrow('ENOENT')
})

test('defaultAuthFile is in the runtime directory, or in the home when there is none', ({ home }) => {
  const { directory } = home
  expect(defaultAuthFile(home.facts())).toBe(join(directory, 'run/containers/auth.json'))
  const none = { XDG_RUNTIME_DIR: join(directory, 'gone') }
  expect(defaultAuthFile(home.facts(none))).toBe(join(directory, '.config/containers/auth.json'))
  mkdirSync(join(directory, 'gone'))
  expect(defaultAuthFile(home.facts(none))).toBe(join(directory, 'gone/containers/auth.json'))
  const { XDG_RUNTIME_DIR: _, ...env } = home.facts().env
  expect(defaultAuthFile({ ...home.facts(), uid: 0, env })).toBe('/run/containers/0/auth.json')
})
