// One bearer token from a registry's token server. Distribution's "Token Authentication" (GET, with Basic or as a stranger) and its
// OAuth2 form (POST, for identity tokens).

import { BadInputError, HostError } from '../../model/errors.js'
import { isLoopback } from './agents.js'
import type { Challenge } from './challenge.js'
import { ConnectionFailure, redactUrl } from './connection-failure.js'
import type { Credentials } from './credentials.js'
import { exchange, type HttpRequest, type HttpResponse, readDocument } from './http.js'
import { LoginRefusedError } from './login-refused.js'
import { toConnectionError, toRegistryError } from './registry-error.js'

export interface TokenOrder {
  readonly challenge: Challenge
  readonly scopes: readonly string[]
  readonly credentials: Credentials | undefined
  /** The registry, as people log in to it. */
  readonly domain: string
  readonly agentFor: HttpRequest['agentFor']
  /** Credentials may travel in the clear. */
  readonly insecure: boolean
}

export interface Token {
  readonly value: string
  readonly lifetimeMs: number
}

const MAX_TOKEN_BYTES = 1024 * 1024
/** The specification's, for a server that does not say. */
const LIFETIME_S = 60

/** Throws HostError when the credentials are wrong, and errors as registry-error.ts makes them. */
export async function fetchToken(order: TokenOrder): Promise<Token> {
  const realm = readRealm(order)
  const what = `get token: ${redactUrl(realm.href)}`
  const { response, body } = await ask(order, realm).catch((error: unknown) => {
    if (!(error instanceof ConnectionFailure)) throw error
    throw toConnectionError(error, { what, isKnown: true })
  })
  if (response.status === 200) return parseToken(body, realm)
  if (
    order.credentials !== undefined &&
    (response.status === 401 || response.status === 403 || response.status === 400)
  )
    throw new LoginRefusedError(`log in: ${order.domain}: the user name or password is wrong`, {
      hint: `lichen login ${order.domain}`,
    })
  throw toRegistryError({ what, host: realm.host, response, body })
}

async function ask(order: TokenOrder, realm: URL): Promise<{ response: HttpResponse; body: Buffer }> {
  const response = await exchange({ ...toRequest(order, realm), agentFor: order.agentFor })
  return { response, body: await readDocument(response, { maxBytes: MAX_TOKEN_BYTES }) }
}

function readRealm({ challenge, credentials, domain, insecure }: TokenOrder): URL {
  const text = challenge.parameters.realm ?? ''
  const realm = URL.canParse(text) ? new URL(text) : undefined
  if (realm === undefined || !/^https?:$/.test(realm.protocol))
    throw new BadInputError(`log in: ${domain}: the registry names no token server`)
  if (credentials !== undefined && realm.protocol === 'http:' && !insecure && !isLoopback(realm.hostname))
    throw new HostError(`log in: ${domain}: its token server ${redactUrl(text)} speaks plain HTTP`, {
      hint: 'a password would be readable on the way; --tls-verify=false allows that',
    })
  return realm
}

function toRequest(order: TokenOrder, realm: URL): Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body'> {
  const { challenge, scopes, credentials } = order
  const { service } = challenge.parameters
  const words = new URLSearchParams(service === undefined ? {} : { service })
  if (credentials?.kind === 'token') {
    words.set('grant_type', 'refresh_token')
    words.set('refresh_token', credentials.identityToken)
    words.set('client_id', 'lichen')
    words.set('scope', scopes.join(' '))
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    return { method: 'POST', url: realm, headers, body: () => Buffer.from(words.toString()) }
  }
  for (const scope of scopes) words.append('scope', scope)
  if (credentials !== undefined) words.set('account', credentials.username)
  const url = new URL(realm)
  for (const [name, value] of words) url.searchParams.append(name, value)
  return { method: 'GET', url, headers: credentials === undefined ? {} : { authorization: toBasic(credentials) } }
}

export function toBasic({ username, password }: { username: string; password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

function parseToken(body: Buffer, realm: URL): Token {
  const bad = (cause: string) => new BadInputError(`get token: ${redactUrl(realm.href)}: ${cause}`)
  let answer: { token?: unknown; access_token?: unknown; expires_in?: unknown } | null
  try {
    answer = JSON.parse(body.toString('utf8')) as typeof answer
  } catch {
    throw bad('the answer is not JSON') // the parser's words would show a piece of it
  }
  const value = answer?.token || answer?.access_token
  // it becomes a header
  if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) throw bad('the answer has no token')
  const seconds = typeof answer?.expires_in === 'number' && answer.expires_in > 0 ? answer.expires_in : LIFETIME_S
  return { value, lifetimeMs: seconds * 1000 }
}
