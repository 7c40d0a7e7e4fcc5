// Whom a connection trusts, and what is said when it does not.

import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { sha256 } from '../../../../src/platform/digest.js'
import { type Certificates, makeCertificates, makeSelfSigned } from '../../../support/certificates.js'
import { test } from '../../../support/home.js'
import { openFor } from '../../../support/open-repository.js'
import { mustRun } from '../../../support/process.js'
import { hasRegistry, startRegistry } from '../../../support/registry.js'
import { serve, type WebServer } from '../../../support/web-server.js'

const digest = sha256('anything')
let directory: string
let certificates: Certificates

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'lichen-tls-'))
  certificates = await makeCertificates(directory)
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** A registry that has every blob. */
function serveTls(certificate?: { cert: string; key: string }): Promise<WebServer> {
  const { cert, key } = certificate ?? { cert: certificates.serverCert, key: certificates.serverKey }
  return serve((_, response) => void response.end(), { cert: readFileSync(cert), key: readFileSync(key) })
}

test.skipIf(!hasRegistry)(
  'a registry with an authority of its own is trusted through --cert-dir, and shown our certificate',
  async ({ home }) => {
    for (const tls of [true, 'mutual'] as const) {
      const registry = await startRegistry({ tls })
      try {
        const certDir = registry.certDir ?? ''
        const repository = openFor('pull', home.facts(), `${registry.host}/a`, { certDir })
        expect(await repository.hasBlob(digest)).toBe(false)
        if (tls !== 'mutual') continue
        const stranger = openFor('pull', home.facts({ SSL_CERT_FILE: registry.caFile ?? '' }), `${registry.host}/a`)
        await expect(stranger.hasBlob(digest)).rejects.toThrow(/: it wants a certificate of ours$/)
      } finally {
        await registry.stop()
      }
    }
  },
)

test('an authority is trusted through certs.d, SSL_CERT_FILE or NODE_EXTRA_CA_CERTS', async ({ home }) => {
  const { host } = await serveTls()
  const has = (env: Record<string, string>) => openFor('pull', home.facts(env), `${host}/a`).hasBlob(digest)
  for (const name of ['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS'])
    expect(await has({ [name]: certificates.caFile })).toBe(true)
  const certsD = join(home.directory, '.config/containers/certs.d', host)
  mkdirSync(certsD, { recursive: true })
  copyFileSync(certificates.caFile, join(certsD, 'mine.crt'))
  expect(await has({})).toBe(true)
})

test('an unknown authority is an error that says where to put it, even at this host, unless certificates do not matter', async ({
  home,
}) => {
  const { host } = await serveTls()
  const refused = openFor('pull', home.facts(), `${host}/a`).hasBlob(digest)
  await expect(refused).rejects.toMatchObject({
    message: `look for blob: ${host}/a@${digest}: its certificate is signed by an authority that is not trusted here`,
    hint: `put the authority's certificate into ~/.config/containers/certs.d/${host}/ca.crt; --tls-verify=false trusts anybody`,
  })
  expect(await openFor('pull', home.facts(), `${host}/a`, { tlsVerify: false }).hasBlob(digest)).toBe(true)
})

test('a certificate for another name, or out of date, says so', async ({ home }) => {
  const other = await makeSelfSigned(directory, 'other')
  for (const [certificate, cause] of [
    [other, 'its certificate is for another name'],
    [await makeExpired('old'), 'its certificate has expired'],
  ] as const) {
    const { host } = await serveTls(certificate)
    const refused = openFor('pull', home.facts({ SSL_CERT_FILE: certificate.cert }), `${host}/a`).hasBlob(digest)
    await expect(refused).rejects.toThrow(`${digest}: ${cause}`)
  }
})

/** One that ended before it began. */
async function makeExpired(name: string): Promise<{ cert: string; key: string }> {
  const [cert, key] = [join(directory, `${name}.crt`), join(directory, `${name}.key`)]
  const [request, extensions] = [join(directory, `${name}.csr`), join(directory, `${name}.ext`)]
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  await mustRun(['openssl', 'req', ...ec, '-subj', '/CN=old', '-keyout', key, '-out', request])
  writeFileSync(extensions, 'subjectAltName=IP:127.0.0.1\n')
  const sign = ['-signkey', key, '-days', '-1', '-extfile', extensions]
  await mustRun(['openssl', 'x509', '-req', '-in', request, ...sign, '-out', cert])
  return { cert, key }
}

test('plain HTTP is spoken with this host, or where it was allowed, and nowhere else', async ({ home }) => {
  const server = await serve((_, response) => void response.end())
  for (const options of [{}, { tlsVerify: false }])
    expect(await openFor('pull', home.facts(), `${server.host}/a`, options).hasBlob(digest)).toBe(true)
  const refused = openFor('pull', home.facts(), `${server.host}/a`, { tlsVerify: true }).hasBlob(digest)
  await expect(refused).rejects.toMatchObject({
    message: expect.stringMatching(/: the server speaks plain HTTP$/),
    hint: expect.stringMatching(/^allow that with --tls-verify=false, or in lichen\.toml: /),
  })
  expect(server.requests).toHaveLength(2)
})

test('several first requests at once find out together what a server speaks', async ({ home }) => {
  for (const tls of [false, true]) {
    const server = tls ? await serveTls() : await serve((_, response) => void response.end())
    const facts = home.facts({ SSL_CERT_FILE: certificates.caFile })
    const repository = openFor('pull', facts, `${server.host}/a`)
    expect(await Promise.all([1, 2, 3].map(() => repository.hasBlob(digest)))).toEqual([true, true, true])
    const probes = server.requests.filter((request) => request === 'HEAD /v2/')
    expect(probes).toHaveLength(tls ? 1 : 0)
  }
})

test('a host nobody listens at, or that does not exist, is not asked again and again', async ({ home }) => {
  const ask = (name: string, options = {}) => {
    const repository = openFor('pull', home.facts(), `${name}/a`, options)
    return { asking: repository.hasBlob(digest), notes: repository.notes }
  }
  const first = ask('127.0.0.1:1')
  await expect(first.asking).rejects.toMatchObject({
    message: `look for blob: 127.0.0.1:1/a@${digest}: connection refused`,
    hint: 'is the registry running, and the port right?',
  })
  expect(first.notes).toEqual([])
  const wanted = ask('127.0.0.1:1', { retries: 2 })
  await expect(wanted.asking).rejects.toThrow(/connection refused$/)
  expect(wanted.notes).toHaveLength(2)
  await expect(ask('no-such-host.invalid').asking).rejects.toThrow(/no such host|cannot be looked up/)
})

for (const [what, files, cause] of [
  ['is missing', undefined, /^read certificates: .*: no such directory$/],
  ['has a certificate without its key', { 'client.cert': 'x' }, /client\.cert: there is no client\.key beside it$/],
  ['has a key without its certificate', { 'client.key': 'x' }, /client\.key: there is no client\.cert beside it$/],
  ['has what is no certificate', { 'client.cert': 'x', 'client.key': 'x' }, /^read certificates: for /],
] as const) {
  test(`a --cert-dir that ${what} is an error`, async ({ home }) => {
    for (const [name, text] of Object.entries(files ?? {})) home.write(`certs/${name}`, text)
    const { host } = await serveTls()
    const asking = openFor('pull', home.facts(), `${host}/a`, { certDir: 'certs' }).hasBlob(digest)
    await expect(asking).rejects.toThrow(cause)
  })
}
