// What registries have: search by the catalog of a real registry, by a search API, and the tags of a repository.

import { writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { test as base } from '../support/container-test.js'
import { isLichen } from '../support/facts.js'
import { putImage } from '../support/put-image.js'
import { hasRegistry, type Registry, startRegistry } from '../support/registry.js'

const PLAIN_HTTP = '--tls-verify=false'
const test = base.skipIf(!hasRegistry)
const lichenTest = isLichen ? test : ((() => {}) as unknown as typeof test)

const RESULTS = [
  { name: 'alpine', description: 'A small\nsystem \u001b[31mwith a rather long description behind it', star_count: 9 },
  { name: 'some/alpine', description: 'Another', star_count: 2, is_official: true },
  { name: 'some/robot', description: '', star_count: 0, is_automated: true },
]

let registry: Registry
let guarded: Registry
/** Answers the search of API v1, and notes what it was asked. */
let searcher: Server
let searcherHost: string
const asked: string[] = []

beforeAll(async () => {
  if (!hasRegistry) return
  registry = await startRegistry()
  guarded = await startRegistry({ htpasswd: { user: 'alice', password: 'pw' } })
  for (const [path, tags] of Object.entries({ alpine: ['1', '2', 'latest'], 'tools/alpine-x': ['1'], busy: ['1'] }))
    for (const tag of tags) await putImage(registry.host, path, tag, { layers: [] })
  searcher = createServer((request, response) => {
    asked.push(request.url ?? '')
    const isSearch = request.url?.startsWith('/v1/search') === true
    response.writeHead(isSearch || request.url === '/v2/' ? 200 : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify(isSearch ? { results: RESULTS } : {}))
  })
  await new Promise<void>((resolve) => void searcher.listen(0, '127.0.0.1', resolve))
  searcherHost = `127.0.0.1:${(searcher.address() as AddressInfo).port}`
})
afterAll(async () => {
  searcher?.close()
  await registry?.stop()
  await guarded?.stop()
})

/** Lines of cells. */
const table = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.trimEnd().split(/\s{2,}/))

test('search lists the catalog of a registry that has no search', async ({ bare }) => {
  const names = async (...words: string[]) =>
    table(await bare.ok('search', PLAIN_HTTP, ...words)).map(([name]) => name?.replace(`${registry.host}/`, ''))
  expect(await names(`${registry.host}/`)).toEqual(['NAME', 'alpine', 'busy', 'tools/alpine-x'])
  expect(await names(`${registry.host}/alpine`)).toEqual(['NAME', 'alpine', 'tools/alpine-x'])
  expect(await names('--limit', '1', `${registry.host}/`)).toEqual(['NAME', 'alpine'])
  expect(await bare.ok('search', PLAIN_HTTP, `${registry.host}/nothing`)).toBe('')
})

test('search prints the JSON and the fields of podman', async ({ bare }) => {
  const words = ['search', PLAIN_HTTP, `${registry.host}/busy`]
  expect(JSON.parse(await bare.ok(...words, '--format', 'json'))).toEqual([
    {
      ...{ Index: registry.host, Name: `${registry.host}/busy`, Description: '', Stars: 0 },
      ...{ Official: '', Automated: '', Tag: '' },
    },
  ])
  expect(await bare.ok(...words, '--format', '{{.Index}} {{.Stars}} {{.Name}}')).toBe(
    `${registry.host} 0 ${registry.host}/busy`,
  )
})

test('search --list-tags lists the tags of a repository', async ({ bare }) => {
  const name = `${registry.host}/alpine`
  const rows = table(await bare.ok('search', PLAIN_HTTP, '--list-tags', name))
  expect(rows[0]).toEqual(['NAME', 'TAG'])
  expect(rows.slice(1).sort()).toEqual(['1', '2', 'latest'].map((tag) => [name, tag]))
  const [found] = JSON.parse(await bare.ok('search', PLAIN_HTTP, '--list-tags', '--format', 'json', name)) as object[]
  expect(found).toEqual({ Name: name, Tags: rows.slice(1).map(([, tag]) => tag) })
  expect(table(await bare.ok('search', PLAIN_HTTP, '--list-tags', '--limit', '2', name))).toHaveLength(3)
  expect((await bare('search', PLAIN_HTTP, '--list-tags', `${registry.host}/nothing`)).code).toBe(125)
  expect((await bare('search', PLAIN_HTTP, '--list-tags', '--filter', 'stars=1', name)).code).toBe(125)
})

test('search asks the search of a registry that has one, and shows stars when they are wanted', async ({ bare }) => {
  asked.length = 0
  const rows = table(await bare.ok('search', PLAIN_HTTP, '--compatible', '--limit', '7', `${searcherHost}/al&pine`))
  expect(asked).toContainEqual(expect.stringMatching(/^\/v1\/search\?n=7&q=al%26pine$|^\/v1\/search\?q=al%26pine&n=7$/))
  expect(rows[0]).toEqual(['NAME', 'DESCRIPTION', 'STARS', 'OFFICIAL', 'AUTOMATED'])
  expect(rows[2]).toEqual([`${searcherHost}/some/alpine`, 'Another', '2', '[OK]'])
})

test('search keeps what passes the filters', async ({ bare }) => {
  const names = async (...filters: string[]) =>
    (
      await bare.ok(
        'search',
        PLAIN_HTTP,
        ...filters.flatMap((it) => ['-f', it]),
        '--format',
        '{{.Name}}',
        `${searcherHost}/x`,
      )
    )
      .replaceAll(`${searcherHost}/`, '')
      .split('\n')
  expect(await names('stars=2')).toEqual(['alpine', 'some/alpine'])
  expect(await names('is-official')).toEqual(['some/alpine'])
  expect(await names('is-official=false', 'stars=1')).toEqual(['alpine'])
  expect(await names('is-automated=true')).toEqual(['some/robot'])
  for (const filter of ['bogus=1', 'stars', 'stars=many'])
    expect((await bare('search', PLAIN_HTTP, '-f', filter, `${searcherHost}/x`)).code, filter).toBe(125)
})

test('search uses credentials when the registry wants some', async ({ bare }) => {
  const authfile = join(bare.directory, 'auth.json')
  writeFileSync(authfile, JSON.stringify({ auths: {} }))
  const words = ['search', PLAIN_HTTP, '--authfile', authfile, `${guarded.host}/`]
  const stranger = await bare(...words)
  expect(stranger.code).toBe(125)
  const auth = Buffer.from('alice:pw').toString('base64')
  writeFileSync(authfile, JSON.stringify({ auths: { [guarded.host]: { auth } } }))
  expect((await bare(...words)).code).toBe(0)
})

lichenTest(
  'search shows descriptions on one line, cut and without what could write on the terminal',
  async ({ bare }) => {
    const show = (...words: string[]) =>
      bare.ok('search', ...words, '--format', '{{.Description}}', `${searcherHost}/x`)
    expect((await show()).split('\n')[0]).toBe('A small system [31mwith a rather long descri...')
    expect((await show('--no-trunc')).split('\n')[0]).toBe(
      'A small system [31mwith a rather long description behind it',
    )
  },
)

lichenTest('search goes on without a registry that does not answer when another one does', async ({ bare }) => {
  const settings = join(bare.directory, 'lichen.toml')
  writeFileSync(settings, `[registries]\nsearch = ["127.0.0.1:1", "${registry.host}"]\n`)
  const env = { LICHEN_CONFIG: settings }
  const both = await bare.with({ env }, 'search', '--format', '{{.Name}}', 'busy')
  expect(both).toMatchObject({ code: 0, stdout: `${registry.host}/busy\n` })
  expect(both.stderr).toMatch(/^Warning: search: 127\.0\.0\.1:1: connection refused\n$/)
  writeFileSync(settings, '[registries]\nsearch = ["127.0.0.1:1"]\n')
  const none = await bare.with({ env }, 'search', 'busy')
  expect(none.code).toBe(125)
  expect(none.stderr).toMatch(/^Error: search: 127\.0\.0\.1:1: connection refused\nHint: [^\n]+\n$/)
})

lichenTest('search says so when a registry offers none', async ({ bare }) => {
  const result = await bare('search', `${searcherHost}/`)
  expect(result.code).toBe(125)
  expect(result.stderr).toContain(`search: ${searcherHost}: this registry offers no search\nHint: `)
})

lichenTest('search tells how to log in when the registry wants a login', async ({ bare }) => {
  const env = { HOME: bare.directory, REGISTRY_AUTH_FILE: undefined }
  const result = await bare.with({ env }, 'search', `${guarded.host}/`)
  expect(result.stderr).toContain(`Hint: lichen login ${guarded.host}\n`)
})
