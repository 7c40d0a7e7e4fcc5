// A real registry for tests: Debian's docker-registry as a child of the test, on a free loopback port, its storage in a directory of
// its own. Never the machine's service. Ends with `stop`, and with the test's process whatever happens to that.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Certificates, makeCertificates } from './certificates.js'
import { findProgram } from './facts.js'
import { mustRun, type RunningProcess, startProcess } from './process.js'
import type { TokenServer } from './token-server.js'

export interface RegistryOptions {
  /** HTTPS with a certificate of our own authority; `mutual`: clients need one too. */
  readonly tls?: boolean | 'mutual'
  readonly htpasswd?: { readonly user: string; readonly password: string }
  /** Bearer tokens of this server are asked for; it decides who may what. */
  readonly token?: TokenServer
  /** Reads through to another registry (its URL); nothing can be pushed then. */
  readonly mirrorOf?: string
  readonly deleteEnabled?: boolean
}

export interface Registry {
  /** `127.0.0.1:PORT`, the domain of image names. */
  readonly host: string
  readonly url: string
  /** With `tls`: the authority's certificate, and a directory for `--cert-dir` (`ca.crt`, with `mutual` also `client.cert` and `client.key`). */
  readonly caFile: string | undefined
  readonly certDir: string | undefined
  readonly storage: string
  /** Everything it has logged so far; a request is a line with `http.request.method` and `http.request.uri`. */
  log(): string
  /** Idempotent. Returns when the process is gone and the storage removed. */
  stop(): Promise<void>
}

export const hasRegistry = findProgram('docker-registry') !== undefined

/** Ready for requests when it returns. Several at once never meet. */
export async function startRegistry(options: RegistryOptions = {}): Promise<Registry> {
  const directory = mkdtempSync(join(tmpdir(), 'lichen-registry-'))
  const storage = join(directory, 'storage')
  mkdirSync(storage)
  const certificates = options.tls ? await makeCertificates(directory) : undefined
  const config = join(directory, 'config.yml')
  // JSON is YAML
  writeFileSync(config, JSON.stringify(await configOf(options, { directory, storage, certificates })))
  const running = startProcess([...DIES_WITH_US, 'docker-registry', 'serve', config], { timeoutMs: DAY_MS })
  const stop = async () => {
    running.kill('SIGKILL')
    await running.ended
    rmSync(directory, { recursive: true, force: true })
  }
  const host = await readAddress(running).catch(async (error: Error) => {
    await stop()
    throw error
  })
  return {
    host,
    url: `${certificates === undefined ? 'http' : 'https'}://${host}`,
    caFile: certificates?.caFile,
    certDir: certificates && (options.tls === 'mutual' ? certificates.mutualDir : certificates.certDir),
    storage,
    log: () => running.printed().stderr,
    stop,
  }
}

const DAY_MS = 86_400_000
const DIES_WITH_US = ['setpriv', '--pdeathsig', 'KILL', '--']

async function readAddress(running: RunningProcess): Promise<string> {
  const failed = running.ended.then(({ stderr }) => {
    throw new Error(`start docker-registry: ${stderr}`)
  })
  const [, host = ''] = await Promise.race([failed, running.expectError(/listening on (127\.0\.0\.1:\d+)/)])
  return host
}

interface Places {
  readonly directory: string
  readonly storage: string
  readonly certificates: Certificates | undefined
}

async function configOf(options: RegistryOptions, { directory, storage, certificates }: Places): Promise<object> {
  const { htpasswd, token, mirrorOf, deleteEnabled = false } = options
  const tls = certificates && {
    certificate: certificates.serverCert,
    key: certificates.serverKey,
    ...(options.tls === 'mutual' ? { clientcas: [certificates.caFile] } : {}),
  }
  return {
    version: '0.1',
    log: { accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: storage },
      delete: { enabled: deleteEnabled },
      maintenance: { uploadpurging: { enabled: false } },
    },
    http: { addr: '127.0.0.1:0', ...(tls ? { tls } : {}) },
    ...(mirrorOf === undefined ? {} : { proxy: { remoteurl: mirrorOf } }),
    ...(htpasswd ? { auth: { htpasswd: { realm: 'lichen', path: await writeHtpasswd(directory, htpasswd) } } } : {}),
    ...(token ? { auth: { token: token.registryAuth } } : {}),
  }
}

async function writeHtpasswd(directory: string, { user, password }: { user: string; password: string }) {
  const file = join(directory, 'htpasswd')
  // bcrypt at its cheapest: it is asked at every request
  writeFileSync(file, await mustRun(['htpasswd', '-B', '-C', '4', '-b', '-n', user, password]))
  return file
}

/** The sizes of the uploads that were begun in a repository and neither finished nor given up. */
export function storedUploads({ storage }: Registry, repository: string): number[] {
  const uploads = join(storage, 'docker/registry/v2/repositories', repository, '_uploads')
  return existsSync(uploads) ? readdirSync(uploads).map((name) => statSync(join(uploads, name, 'data')).size) : []
}
