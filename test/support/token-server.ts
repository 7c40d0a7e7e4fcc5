// A token server for docker-registry: says who may pull and push, for how long, and remembers who asked. Distribution's "Token
// Authentication Specification" (GET with Basic) and its OAuth2 form (POST), JSON Web Tokens signed with ES256.

import { createHash, createPrivateKey, createPublicKey, type KeyObject, randomUUID, sign } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { makeSelfSigned } from './certificates.js'

export interface TokenServerOptions {
  /** A token is refused after this. Default 300. */
  readonly lifetimeSeconds?: number
  /** Name → password: these may pull and push. */
  readonly users?: Readonly<Record<string, string>>
  /** Whether strangers may pull. Default: only when there are no users, and then they may push as well. */
  readonly anonymousPull?: boolean
}

export interface TokenRequest {
  readonly method: string
  /** Undefined: a stranger. */
  readonly user: string | undefined
  readonly service: string
  readonly scopes: readonly string[]
}

export interface TokenServer {
  readonly url: string
  /** What docker-registry's configuration says about it. */
  readonly registryAuth: object
  /** In order; wrong passwords too. */
  readonly requests: readonly TokenRequest[]
  stop(): Promise<void>
}

const SERVICE = 'lichen test registry'
const ISSUER = 'lichen test tokens'
/** docker-registry takes a token for this much longer than it says. */
const LEEWAY_SECONDS = 60

export async function startTokenServer(options: TokenServerOptions = {}): Promise<TokenServer> {
  const directory = mkdtempSync(join(tmpdir(), 'lichen-tokens-'))
  const { cert, key } = await makeSelfSigned(directory, 'tokens')
  const signer = createPrivateKey(readFileSync(key))
  const requests: TokenRequest[] = []
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error))
  })
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = await readRequest(request)
    requests.push(asked.told)
    const { user, scopes } = asked.told
    const known = options.users ?? {}
    if (user !== undefined && (known[user] === undefined || known[user] !== asked.password))
      return reply(response, 401, { errors: [{ code: 'UNAUTHORIZED', message: 'wrong user or password' }] })
    const access = scopes.flatMap((scope) => grant(scope, allowedActions(user, options)))
    reply(response, 200, toAnswer(signer, { user, access, lifetimeSeconds: options.lifetimeSeconds ?? 300 }))
  }
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`
  return {
    url,
    registryAuth: { realm: url, service: SERVICE, issuer: ISSUER, rootcertbundle: cert },
    requests,
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => void server.close(resolve))
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

interface Asked {
  readonly told: TokenRequest
  readonly password: string
}

async function readRequest(request: IncomingMessage): Promise<Asked> {
  const method = request.method ?? ''
  const form = method === 'POST' ? new URLSearchParams(await text(request)) : undefined
  const words = form ?? new URL(request.url ?? '', 'http://localhost').searchParams
  const basic = /^Basic (.+)$/.exec(request.headers.authorization ?? '')?.[1]
  const [user, ...password] = Buffer.from(basic ?? '', 'base64')
    .toString()
    .split(':')
  const service = words.get('service') ?? ''
  const scopes = words.getAll('scope').flatMap((scope) => scope.split(' '))
  if (form?.get('grant_type') === 'password')
    return { told: { method, user: form.get('username') ?? '', service, scopes }, password: form.get('password') ?? '' }
  return {
    told: { method, user: basic === undefined ? undefined : user, service, scopes },
    password: password.join(':'),
  }
}

function allowedActions(user: string | undefined, { users, anonymousPull }: TokenServerOptions): string[] {
  if (user !== undefined || users === undefined) return ['pull', 'push', 'delete', '*']
  return anonymousPull === true ? ['pull'] : []
}

/** `repository:a/b:pull,push` → what of it is granted. */
function grant(scope: string, allowed: readonly string[]): object[] {
  const [, type, name, actions = ''] = /^(\w+):(.+):([\w*,]+)$/.exec(scope) ?? []
  return type === undefined
    ? []
    : [{ type, name, actions: actions.split(',').filter((each) => allowed.includes(each)) }]
}

interface Granted {
  readonly user: string | undefined
  readonly access: readonly object[]
  readonly lifetimeSeconds: number
}

function toAnswer(signer: KeyObject, { user = '', access, lifetimeSeconds }: Granted): object {
  const now = Math.floor(Date.now() / 1000)
  const claims = {
    iss: ISSUER,
    sub: user,
    aud: SERVICE,
    exp: now + lifetimeSeconds - LEEWAY_SECONDS,
    nbf: now - 1000,
    iat: now,
    jti: randomUUID(),
    access,
  }
  const header = { typ: 'JWT', alg: 'ES256', kid: libtrustKeyId(signer) }
  const signed = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  const signature = sign('sha256', Buffer.from(signed), { key: signer, dsaEncoding: 'ieee-p1363' })
  const token = `${signed}.${signature.toString('base64url')}`
  return { token, access_token: token, expires_in: lifetimeSeconds, issued_at: new Date(now * 1000).toISOString() }
}

/** libtrust's key id: the first 240 bits of the SHA-256 of the public key, in base32, in groups of four. */
function libtrustKeyId(signer: KeyObject): string {
  const der = createPublicKey(signer).export({ type: 'spki', format: 'der' })
  const bits = [...createHash('sha256').update(der).digest().subarray(0, 30)]
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('')
  const letters = bits.replace(/.{5}/g, (five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(five, 2)] ?? '')
  return (letters.match(/.{4}/g) ?? []).join(':')
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
