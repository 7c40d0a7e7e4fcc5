import { describe, expect } from 'vitest'
import { findCredentials } from '../../../src/images/registry/credentials.js'
import { type Home, test } from '../../support/home.js'

const entry = (user: string, password = 'pw') => ({ auth: Buffer.from(`${user}:${password}`).toString('base64') })

/** The user's name, or the token; undefined: none. */
async function whoAmI(home: Home, name: string, { authfile, env = {} }: { authfile?: string; env?: object } = {}) {
  const [domain = '', ...path] = name.split('/')
  const request = { domain, path: path.join('/'), ...(authfile === undefined ? {} : { authfile }) }
  const found = await findCredentials(home.facts(env as Record<string, string>), request)
  return found?.kind === 'token' ? `token ${found.identityToken}` : found?.username
}

describe('findCredentials', () => {
  test('finds none when there is no file', async ({ home }) => {
    expect(await whoAmI(home, 'a.example/x')).toBeUndefined()
  })

  test('reads the places in order, and only where the ones before know nothing', async ({ home }) => {
    const files = [
      'run/containers/auth.json',
      '.config/containers/auth.json',
      '.docker/config.json',
      '.dockercfg',
    ] as const
    for (const [index, file] of [...files.entries()].reverse()) {
      const auths = { 'a.example': entry(file), [`only-${index}.example`]: entry(file) }
      home.write(file, file === '.dockercfg' ? auths : { auths })
      expect(await whoAmI(home, 'a.example/x')).toBe(file)
    }
    for (const [index, file] of files.entries()) expect(await whoAmI(home, `only-${index}.example/x`)).toBe(file)
  })

  test('reads only the file that is named, by a flag before the environment', async ({ home }) => {
    home.write('run/containers/auth.json', { auths: { 'a.example': entry('default') } })
    const named = home.write('named.json', { auths: { 'a.example': entry('named') } })
    const other = home.write('other.json', { auths: { 'b.example': entry('other') } })
    const env = { REGISTRY_AUTH_FILE: named }
    expect(await whoAmI(home, 'a.example/x', { env })).toBe('named')
    expect(await whoAmI(home, 'a.example/x', { env, authfile: other })).toBeUndefined()
    expect(await whoAmI(home, 'b.example/x', { env, authfile: 'other.json' })).toBe('other')
    await expect(whoAmI(home, 'a.example/x', { authfile: 'gone.json' })).rejects.toThrow(/gone\.json: no such file$/)
  })

  test("reads docker's file elsewhere when DOCKER_CONFIG names its directory", async ({ home }) => {
    home.write('.docker/config.json', { auths: { 'a.example': entry('home') } })
    home.write('elsewhere/config.json', { auths: { 'a.example': entry('elsewhere') } })
    expect(await whoAmI(home, 'a.example/x', { env: { DOCKER_CONFIG: `${home.directory}/elsewhere` } })).toBe(
      'elsewhere',
    )
  })

  test('prefers the longest name, and never the beginning of a word', async ({ home }) => {
    const auths = {
      'a.example': entry('host'),
      'a.example/team': entry('team'),
      'a.example/team/app': entry('app'),
      'b.example/team': entry('other'),
    }
    home.write('run/containers/auth.json', { auths })
    const names = [
      'a.example/x',
      'a.example/team/x',
      'a.example/team/app',
      'a.example/teams',
      'b.example/x',
      'a.example',
    ]
    expect(await Promise.all(names.map((name) => whoAmI(home, name)))).toEqual([
      ...['host', 'team', 'app', 'host', undefined, 'host'],
    ])
  })

  test.for(['docker.io', 'index.docker.io', 'https://index.docker.io/v1/', 'registry-1.docker.io'])(
    'knows docker.io under all its names when the file says %s',
    async (key, { home }) => {
      home.write('run/containers/auth.json', { auths: { [key]: entry('hub') } })
      expect(await whoAmI(home, 'docker.io/library/x')).toBe('hub')
      expect(await whoAmI(home, 'registry-1.docker.io/library/x')).toBe('hub')
      expect(await whoAmI(home, 'a.example/x')).toBeUndefined()
    },
  )

  test('reads keys that are URLs as the host in them', async ({ home }) => {
    home.write('run/containers/auth.json', { auths: { 'https://a.example:5000/v2/': entry('url') } })
    expect(await whoAmI(home, 'a.example:5000/x')).toBe('url')
  })

  test('gives the identity token, the plain fields, or a password with colons when the entry has it', async ({
    home,
  }) => {
    home.write('run/containers/auth.json', {
      auths: {
        'token.example': { ...entry('user', ''), identitytoken: 'secret' },
        'plain.example': { username: 'plain', password: 'pw' },
        'colon.example': entry('user', 'p:w:'),
        'empty.example': {},
      },
    })
    expect(await whoAmI(home, 'token.example')).toBe('token secret')
    expect(await whoAmI(home, 'plain.example')).toBe('plain')
    expect(await whoAmI(home, 'empty.example')).toBeUndefined()
    expect(await findCredentials(home.facts(), { domain: 'colon.example', path: '' })).toEqual({
      ...{ kind: 'password', username: 'user', password: 'p:w:' },
    })
  })

  test.for([
    ['is empty', '', undefined],
    ['has no auths', '{"currentContext": "x"}', undefined],
    ['is cut short', '{"auths": {"a.example": {"auth": "c2VjcmV0', 'not JSON'],
    ['is a list', '[]', 'not a JSON object'],
    ['has auths that are none', '{"auths": []}', 'auths is no object'],
    ['has an entry that is none', '{"auths": {"a.example": "c2VjcmV0"}}', 'auths "a.example" is no entry'],
    ['has an auth that is none', '{"auths": {"a.example": {"auth": 1}}}', 'auths "a.example" is no entry'],
    ['has an auth without a colon', '{"auths": {"a.example": {"auth": "c2VjcmV0"}}}', 'auth is not the base64 form'],
    ['has helpers that are none', '{"credHelpers": {"a.example": 1}}', 'credHelpers are no strings'],
    ['names a helper that is a path', '{"credHelpers": {"a.example": "../evil"}}', '"../evil": not a name'],
    [
      'names a helper that is not there',
      '{"credHelpers": {"a.example": "gone"}}',
      'docker-credential-gone: not installed',
    ],
    ['names a store that is not there', '{"credsStore": "gone"}', undefined],
  ] as const)('says so, and no secret, when the file %s', async ([, text, message], { home }) => {
    home.write('run/containers/auth.json', text)
    const asked = whoAmI(home, 'a.example/x')
    if (message === undefined) return expect(await asked).toBeUndefined()
    const error = await asked.then(
      () => undefined,
      (error: Error) => error,
    )
    expect(error?.message).toContain(message)
    expect(`${error?.message}${String(error?.cause)}`).not.toMatch(/c2Vjc|secret/)
  })
})
