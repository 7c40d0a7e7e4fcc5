// Certificates of one test run: an authority, a server's for 127.0.0.1 and localhost, and a client's. Made by openssl, EC keys (quick).

import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mustRun } from './process.js'

export interface Certificates {
  readonly caFile: string
  readonly serverCert: string
  readonly serverKey: string
  /** As `--cert-dir` and certs.d want it: `ca.crt`. */
  readonly certDir: string
  /** That with `client.cert` and `client.key`. */
  readonly mutualDir: string
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']

/** A key and a certificate that signs itself; returns the paths. */
export async function makeSelfSigned(directory: string, name: string): Promise<{ cert: string; key: string }> {
  const [cert, key] = [join(directory, `${name}.crt`), join(directory, `${name}.key`)]
  await mustRun(['openssl', 'req', '-x509', ...NEW_KEY, '-subj', `/CN=lichen ${name}`, '-keyout', key, '-out', cert])
  return { cert, key }
}

export async function makeCertificates(directory: string): Promise<Certificates> {
  const [certDir, mutualDir] = [join(directory, 'cert-dir'), join(directory, 'mutual-dir')]
  for (const each of [certDir, mutualDir]) mkdirSync(each)
  const ca = await makeSelfSigned(directory, 'ca')
  const server = await makeSigned(directory, { name: 'server', ca, usage: 'serverAuth' })
  const client = await makeSigned(directory, { name: 'client', ca, usage: 'clientAuth' })
  for (const each of [certDir, mutualDir]) copyFileSync(ca.cert, join(each, 'ca.crt'))
  copyFileSync(client.cert, join(mutualDir, 'client.cert'))
  copyFileSync(client.key, join(mutualDir, 'client.key'))
  return { caFile: ca.cert, serverCert: server.cert, serverKey: server.key, certDir, mutualDir }
}

interface Order {
  readonly name: string
  readonly ca: { readonly cert: string; readonly key: string }
  readonly usage: 'serverAuth' | 'clientAuth'
}

async function makeSigned(directory: string, { name, ca, usage }: Order): Promise<{ cert: string; key: string }> {
  const [request, extensions] = [join(directory, `${name}.csr`), join(directory, `${name}.ext`)]
  const [cert, key] = [join(directory, `${name}.crt`), join(directory, `${name}.key`)]
  writeFileSync(extensions, `subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=${usage}\n`)
  await mustRun(['openssl', 'req', ...NEW_KEY.slice(0, -2), '-subj', `/CN=${name}`, '-keyout', key, '-out', request])
  const sign = ['-CA', ca.cert, '-CAkey', ca.key, '-CAcreateserial', '-days', '2', '-extfile', extensions]
  await mustRun(['openssl', 'x509', '-req', '-in', request, ...sign, '-out', cert])
  return { cert, key }
}
