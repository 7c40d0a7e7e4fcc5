// Who we are to registries: login and logout against a real registry with passwords, with podman's and docker's files and helpers.

import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { test as base } from '../support/container-test.js'
import { findProgram, isLichen, repository } from '../support/facts.js'
import type { Lichen } from '../support/lichen.js'
import { mustRun, type RunOptions } from '../support/process.js'
import { hasRegistry, type Registry, startRegistry } from '../support/registry.js'
import { startTokenServer } from '../support/token-server.js'

const PLAIN_HTTP = '--tls-verify=false'
const PASSWORD = 'pass:wörd "$x'
const ALICE = ['--username', 'alice', '--password', PASSWORD]
const HELPERS = join(repository, 'test/fixtures/credential-helpers')
const ONE_ERROR = isLichen ? /^Error: [^\n]+\n((Hint:|See) [^\n]+\n)?$/ : /Error: /

const canLogIn = hasRegistry && findProgram('htpasswd') !== undefined
const test = base.skipIf(!canLogIn)
const lichenTest = isLichen ? test : ((() => {}) as unknown as typeof test)

let registry: Registry
beforeAll(async () => {
  if (canLogIn) registry = await startRegistry({ htpasswd: { user: 'alice', password: PASSWORD } })
})
afterAll(async () => await registry?.stop())

interface User {
  readonly options: RunOptions
  /** The file that podman and lichen share. */
  readonly file: string
  run(...args: string[]): ReturnType<Lichen>
  ok(...args: string[]): Promise<string>
  entries(): Readonly<Record<string, { readonly auth?: string }>>
}

/** Somebody with nothing in his home. */
function newUser(lichen: Lichen, env: Readonly<Record<string, string>> = {}): User {
  const home = join(lichen.directory, 'home')
  const runtime = join(home, 'run')
  mkdirSync(runtime, { recursive: true, mode: 0o700 })
  const file = join(runtime, 'containers/auth.json')
  const nothing = { REGISTRY_AUTH_FILE: undefined, DOCKER_CONFIG: undefined, XDG_CONFIG_HOME: undefined }
  const options = { env: { ...nothing, HOME: home, XDG_RUNTIME_DIR: runtime, ...env } }
  const run = (...args: string[]) => lichen.with(options, ...args)
  return {
    options,
    file,
    run,
    ok: async (...args) => {
      const { code, stdout, stderr } = await run(...args)
      expect(code, stderr).toBe(0)
      return stdout
    },
    entries: () => (JSON.parse(readFileSync(file, 'utf8')) as { auths: ReturnType<User['entries']> }).auths,
  }
}

const authOf = (password: string) => Buffer.from(`alice:${password}`).toString('base64')

test("login keeps what the registry takes in podman's file, for the owner alone, and logout removes it", async ({
  bare,
}) => {
  const user = newUser(bare)
  expect(await user.ok('login', PLAIN_HTTP, ...ALICE, registry.host)).toBe('Login Succeeded!\n')
  expect(user.entries()).toEqual({ [registry.host]: { auth: authOf(PASSWORD) } })
  expect(statSync(user.file).mode & 0o777).toBe(0o600)
  expect(await user.ok('login', '--get-login', registry.host)).toBe('alice\n')
  expect(await user.ok('logout', registry.host)).toBe(`Removed login credentials for ${registry.host}\n`)
  expect(user.entries()).toEqual({})
  const again = await user.run('logout', registry.host)
  expect(again.code).toBe(125)
  expect(again.stderr).toContain(`not logged into ${registry.host}`)
  expect((await user.run('login', '--get-login', registry.host)).code).toBe(125)
})

test('login fails with 125 and keeps nothing when the password is wrong', async ({ bare }) => {
  const user = newUser(bare)
  const result = await user.run('login', PLAIN_HTTP, '--username', 'alice', '--password', 'hunter22', registry.host)
  expect(result.code).toBe(125)
  expect(result.stderr).toContain('invalid username/password')
  expect(result.stderr).not.toContain('hunter22')
  expect(() => statSync(user.file)).toThrow('ENOENT')
})

test('login takes the password from standard input and says where it is kept when asked to', async ({ bare }) => {
  const user = newUser(bare)
  const words = ['login', PLAIN_HTTP, '-v', '-u', 'alice', '--password-stdin', registry.host]
  const result = await bare.with({ ...user.options, input: `${PASSWORD}\n` }, ...words)
  expect(result.stdout).toBe(`Used:  ${user.file}\nLogin Succeeded!\n`)
  expect(user.entries()).toEqual({ [registry.host]: { auth: authOf(PASSWORD) } })
})

test('login refuses words that do not go together', async ({ bare }) => {
  const user = newUser(bare)
  for (const words of [
    ['--password-stdin', registry.host],
    ['--password-stdin', ...ALICE, registry.host],
    [PLAIN_HTTP, '--username', 'alice', registry.host],
    ['one.example', 'two.example'],
    ['one.example/image:tag'],
  ]) {
    const result = await user.run('login', ...words)
    expect(result.code, words.join(' ')).toBe(125)
    expect(result.stderr).toMatch(ONE_ERROR)
  }
  expect((await user.run('logout', '--all', registry.host)).code).toBe(125)
})

test('login tries what is known already when nothing is said', async ({ bare }) => {
  const user = newUser(bare)
  await user.ok('login', PLAIN_HTTP, ...ALICE, registry.host)
  expect(await user.ok('login', PLAIN_HTTP, registry.host)).toBe(
    `Authenticating with existing credentials for ${registry.host}\n` +
      `Existing credentials are valid. Already logged in to ${registry.host}\n`,
  )
})

test('login and logout leave everything else in the file as it was', async ({ bare }) => {
  const user = newUser(bare)
  const other = { 'other.example': { auth: authOf('other') } }
  mkdirSync(join(user.file, '..'))
  writeFileSync(user.file, JSON.stringify({ auths: other, HttpHeaders: { 'X-Meta': '1' } }))
  await user.ok('login', PLAIN_HTTP, ...ALICE, `${registry.host}/some/where`)
  expect(user.entries()).toEqual({ ...other, [`${registry.host}/some/where`]: { auth: authOf(PASSWORD) } })
  expect((await user.run('logout', registry.host)).code).toBe(125)
  await user.ok('logout', `${registry.host}/some/where`)
  expect(user.entries()).toEqual(other)
  if (isLichen) expect(JSON.parse(readFileSync(user.file, 'utf8'))).toMatchObject({ HttpHeaders: { 'X-Meta': '1' } })
  expect(await user.ok('logout', '--all')).toBe('Removed login credentials for all registries\n')
  expect(user.entries()).toEqual({})
})

test('login and logout use the file that is named when one is', async ({ bare }) => {
  const user = newUser(bare)
  const file = join(bare.directory, 'some/where/auth.json')
  await user.ok('login', PLAIN_HTTP, '--authfile', file, ...ALICE, registry.host)
  expect(await user.ok('login', '--authfile', file, '--get-login', registry.host)).toBe('alice\n')
  expect((await user.run('login', '--get-login', registry.host)).code).toBe(125)
  await user.ok('logout', '--authfile', file, registry.host)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ auths: {} })
})

test('login gives the credentials to the helper when the file names one', async ({ bare }) => {
  const keychain = join(bare.directory, 'keychain')
  const user = newUser(bare, { PATH: `${HELPERS}:${process.env.PATH}`, CREDENTIALS_DIR: keychain })
  mkdirSync(join(user.file, '..'))
  writeFileSync(user.file, JSON.stringify({ credHelpers: { [registry.host]: 'file' } }))
  const entry = join(keychain, registry.host.replace(':', '_'))
  await user.ok('login', PLAIN_HTTP, ...ALICE, registry.host)
  expect(JSON.parse(readFileSync(entry, 'utf8'))).toEqual({
    ...{ ServerURL: registry.host, Username: 'alice', Secret: PASSWORD },
  })
  expect(readFileSync(user.file, 'utf8')).not.toContain(authOf(PASSWORD))
  expect(await user.ok('login', '--get-login', registry.host)).toBe('alice\n')
  await user.ok('logout', registry.host)
  expect(() => statSync(entry)).toThrow('ENOENT')
})

test('login asks on the terminal, shows no password, and leaves the terminal as it was', async ({ bare }) => {
  const user = newUser(bare)
  const terminal = bare.terminal(['login', PLAIN_HTTP, registry.host], user.options)
  await terminal.expect('Username: ')
  terminal.type('alice\r')
  await terminal.expect('Password: ')
  terminal.type(`${PASSWORD}\r`)
  await terminal.expect('Login Succeeded!')
  const { code, echo, canonical, screen } = await terminal.exit()
  expect({ code, echo, canonical }).toEqual({ code: 0, echo: true, canonical: true })
  expect(screen).toContain('alice')
  expect(screen).not.toContain('pass:')
  expect(user.entries()).toEqual({ [registry.host]: { auth: authOf(PASSWORD) } })
})

lichenTest('login takes a line that is edited, and both answers when they come at once', async ({ bare }) => {
  const user = newUser(bare)
  const terminal = bare.terminal(['login', PLAIN_HTTP, registry.host], user.options)
  await terminal.expect('Username: ')
  terminal.type(`nobody\u0015alicee\u007f\r${PASSWORD}\r`)
  expect((await terminal.exit()).code).toBe(0)
  const known = bare.terminal(['login', PLAIN_HTTP, '--password', PASSWORD, registry.host], user.options)
  await known.expect('Username (alice): ')
  known.type('\r')
  expect((await known.exit()).code).toBe(0)
})

lichenTest('login ends by ctrl-c with the terminal as it was', async ({ bare }) => {
  const user = newUser(bare)
  const terminal = bare.terminal(['login', PLAIN_HTTP, '--username', 'alice', registry.host], user.options)
  await terminal.expect('Password: ')
  terminal.press('pw\u0003')
  const { code, echo, canonical, screen } = await terminal.exit()
  expect({ code, echo, canonical }).toEqual({ code: 130, echo: true, canonical: true })
  expect(screen).not.toContain('pw')
})

test('login tries a password at the token server when the registry sends us there', async ({ bare }) => {
  const tokens = await startTokenServer({ users: { alice: PASSWORD } })
  const behind = await startRegistry({ token: tokens })
  try {
    const user = newUser(bare)
    const wrong = await user.run('login', PLAIN_HTTP, '-u', 'alice', '-p', 'hunter22', behind.host)
    expect(wrong.code).toBe(125)
    expect(wrong.stderr).toContain('invalid username/password')
    expect(await user.ok('login', PLAIN_HTTP, ...ALICE, behind.host)).toBe('Login Succeeded!\n')
    expect(user.entries()).toEqual({ [behind.host]: { auth: authOf(PASSWORD) } })
  } finally {
    await behind.stop()
    await tokens.stop()
  }
})

test('login insists on a certificate it trusts', async ({ bare }) => {
  const secure = await startRegistry({ tls: true, htpasswd: { user: 'alice', password: PASSWORD } })
  try {
    const user = newUser(bare)
    const stranger = await user.run('login', ...ALICE, secure.host)
    expect(stranger.code).toBe(125)
    expect(stranger.stderr).toMatch(/certificate/)
    await user.ok('login', '--cert-dir', secure.certDir ?? '', ...ALICE, secure.host)
  } finally {
    await secure.stop()
  }
})

test('login says who cannot be reached when nobody is there', async ({ bare }) => {
  const result = await newUser(bare).run('login', PLAIN_HTTP, ...ALICE, '127.0.0.1:1')
  expect(result.code).toBe(125)
  expect(result.stderr).toMatch(/127\.0\.0\.1:1: .*connection refused/)
  expect(result.stderr).toMatch(ONE_ERROR)
})

base.skipIf(!canLogIn || findProgram('skopeo') === undefined)(
  'login and skopeo read what the other has written',
  async ({ bare }) => {
    const user = newUser(bare)
    await user.ok('login', PLAIN_HTTP, ...ALICE, registry.host)
    const env = { ...user.options.env }
    expect(await mustRun(['skopeo', 'login', '--get-login', registry.host], { env })).toBe('alice')
    await mustRun(['skopeo', 'logout', registry.host], { env })
    expect((await user.run('login', '--get-login', registry.host)).code).toBe(125)
    await mustRun(['skopeo', 'login', PLAIN_HTTP, ...ALICE, registry.host], { env })
    expect(await user.ok('login', '--get-login', registry.host)).toBe('alice\n')
  },
)

lichenTest("login writes docker's file when that is said", async ({ bare }) => {
  const user = newUser(bare)
  const file = join(bare.directory, 'home/.docker/config.json')
  await user.ok('login', PLAIN_HTTP, '--compat-auth-file', file, ...ALICE, registry.host)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ auths: { [registry.host]: { auth: authOf(PASSWORD) } } })
  expect(await user.ok('login', '--get-login', registry.host)).toBe('alice\n')
  const other = await user.run('logout', registry.host)
  expect(other.code).toBe(125)
  expect(other.stderr).toContain(`lichen logout --authfile ${file} ${registry.host}`)
  await user.ok('logout', '--compat-auth-file', file, registry.host)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ auths: {} })
})

lichenTest('login sends no password to a registry that the settings block', async ({ bare }) => {
  const settings = join(bare.directory, 'lichen.toml')
  writeFileSync(settings, `[[registry]]\nname = "${registry.host}"\nblocked = true\n`)
  const before = registry.log()
  const result = await newUser(bare, { LICHEN_CONFIG: settings }).run('login', ...ALICE, registry.host)
  expect(result.code).toBe(125)
  expect(result.stderr).toContain(`${registry.host}: the registry is blocked\nHint: ${settings} says so`)
  expect(registry.log()).toBe(before)
})
