// Manifests and tags: what is taken from a registry for what it says it is, and what is not.

import type { OutgoingHttpHeaders } from 'node:http'
import { expect } from 'vitest'
import { DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST } from '../../../../src/images/media-types.js'
import { BadInputError, HostError, NotFoundError } from '../../../../src/model/errors.js'
import { sha256 } from '../../../../src/platform/digest.js'
import { type Home, test } from '../../../support/home.js'
import { openFor } from '../../../support/open-repository.js'
import { hasRegistry, startRegistry } from '../../../support/registry.js'
import { serve } from '../../../support/web-server.js'

const config = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: sha256(Buffer.from('{}')), size: 2 }
const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers: [] }))

/** What getManifest() makes of an answer. */
async function fetchAs(home: Home, body: Buffer | string, headers: OutgoingHttpHeaders, reference = 'latest') {
  const { host } = await serve((_, response) => void response.writeHead(200, headers).end(body))
  return await openFor('pull', home.facts(), `${host}/a`).getManifest(reference)
}

const typed = (type: string) => ({ 'content-type': type })

test.skipIf(!hasRegistry)('putManifest() and getManifest() keep every byte, by tag and by digest', async ({ home }) => {
  const registry = await startRegistry()
  try {
    const name = `${registry.host}/some/where`
    const push = openFor('push', home.facts(), name)
    await push.putBlob({
      digest: config.digest,
      size: 2,
      open: async function* open() {
        yield Buffer.from('{}')
      },
    })
    const sent = { bytes: manifest, digest: sha256(manifest), mediaType: OCI_MANIFEST }
    for (const reference of ['two', 'one', sent.digest]) await push.putManifest(reference, sent)
    const pull = openFor('pull', home.facts(), name)
    for (const reference of ['one', sent.digest]) expect(await pull.getManifest(reference)).toEqual(sent)
    expect(await pull.listTags()).toEqual(['one', 'two'])
    await expect(pull.getManifest('none')).rejects.toThrow(
      new NotFoundError(`fetch manifest: ${name}:none: the registry has no such image`),
    )
    const nowhere = openFor('pull', home.facts(), `${registry.host}/nowhere`).listTags()
    await expect(nowhere).rejects.toThrow(/: the registry has no such repository$/)
    const missing = { ...sent, bytes: Buffer.from(manifest.toString().replaceAll(config.digest, sha256(manifest))) }
    const refused = push.putManifest('x', { ...missing, digest: sha256(missing.bytes) })
    await expect(refused).rejects.toThrow(/^send manifest: .*:x: 400 Bad Request: blob unknown to registry$/)
  } finally {
    await registry.stop()
  }
})

test('getManifest() asks for every kind of manifest it understands', async ({ home }) => {
  const { host, headers } = await serve((_, response) => void response.end(manifest))
  await openFor('pull', home.facts(), `${host}/a`).getManifest('latest')
  for (const type of [OCI_INDEX, OCI_MANIFEST, DOCKER_MANIFEST, 'manifest.list.v2'])
    expect(headers[0]?.accept).toContain(type)
})

test('getManifest() takes the type from the header, from the document, or from what is in it', async ({ home }) => {
  const bare = JSON.stringify({ schemaVersion: 2, config, layers: [] })
  const index = JSON.stringify({ schemaVersion: 2, manifests: [] })
  for (const [body, type, expected] of [
    [bare, `${DOCKER_MANIFEST}; charset=utf-8`, DOCKER_MANIFEST],
    [manifest, 'text/plain', OCI_MANIFEST],
    [bare, 'application/json', OCI_MANIFEST],
    [index, 'application/octet-stream', OCI_INDEX],
  ] as const)
    expect((await fetchAs(home, body, typed(type))).mediaType).toBe(expected)
})

test('getManifest() refuses what could be read in two ways', async ({ home }) => {
  await expect(fetchAs(home, manifest, typed(OCI_INDEX))).rejects.toThrow(
    `the registry calls it ${OCI_INDEX}, it calls itself ${OCI_MANIFEST}`,
  )
  for (const type of [OCI_INDEX, OCI_MANIFEST]) {
    const both = JSON.stringify({ schemaVersion: 2, mediaType: type, manifests: [], config, layers: [] })
    await expect(fetchAs(home, both, typed(type))).rejects.toThrow(/both an image and a list of images$/)
  }
})

test('getManifest() refuses bytes that are not those of the digest asked for, or promised', async ({ home }) => {
  const other = sha256(Buffer.from('other'))
  for (const [reference, headers] of [
    [other, {}],
    ['latest', { 'docker-content-digest': other }],
  ] as const) {
    const fetching = fetchAs(home, manifest, headers, reference)
    await expect(fetching).rejects.toThrow(BadInputError)
    await expect(fetching).rejects.toThrow(`its bytes do not match the digest ${other}`)
  }
  const claims = { 'docker-content-digest': sha256(manifest) }
  expect(await fetchAs(home, manifest, claims, sha256(manifest))).toMatchObject({ digest: sha256(manifest) })
})

for (const [what, body, cause] of [
  ['no JSON', '<html>', 'it is not JSON'],
  ['no object', '[]', 'it is not a JSON object'],
  ['in the old format', '{"schemaVersion":1}', "it is in Docker's old format, schema 1"],
  ['larger than any manifest', Buffer.alloc(5_000_000, ' '), 'the answer is larger than 4194304 bytes'],
] as const) {
  test(`getManifest() says so when it is ${what}`, async ({ home }) => {
    await expect(fetchAs(home, body, {})).rejects.toThrow(BadInputError)
    await expect(fetchAs(home, body, {})).rejects.toThrow(cause)
  })
}

test("getManifest() passes a registry's words on, on one line and without control characters", async ({ home }) => {
  const message = `quota\nexceeded\u001b[31m ${'x'.repeat(500)}`
  const { host } = await serve((_, response) => {
    response.writeHead(403).end(JSON.stringify({ errors: [{ code: 'DENIED', message }] }))
  })
  const fetching = openFor('pull', home.facts(), `${host}/a`).getManifest('latest')
  await expect(fetching).rejects.toThrow(HostError)
  await expect(fetching).rejects.toThrow(/: access denied: quota exceeded \[31m x{280,300}…$/)
})

test('listTags() follows the pages, in any way they are linked, but to no other server and not for ever', async ({
  home,
}) => {
  const pages: Record<string, readonly [tags: readonly string[] | null, next?: string]> = {
    '/v2/a/tags/list': [['1', '2'], '</v2/a/tags/list?n=2&last=2>; rel="next"'],
    '/v2/a/tags/list?n=2&last=2': [null, '<list?last=3>; title="x"; rel=next'],
    '/v2/a/tags/list?last=3': [['3']],
    '/v2/b/tags/list': [[], '<http://elsewhere.example/v2/b/tags/list>; rel="next"'],
  }
  const { host } = await serve((request, response) => {
    const [tags, link] = pages[request.url ?? ''] ?? []
    response.writeHead(200, link === undefined ? {} : { link }).end(JSON.stringify({ tags }))
  })
  expect(await openFor('pull', home.facts(), `${host}/a`).listTags()).toEqual(['1', '2', '3'])
  await expect(openFor('pull', home.facts(), `${host}/b`).listTags()).rejects.toThrow(/next page is not at/)
})
