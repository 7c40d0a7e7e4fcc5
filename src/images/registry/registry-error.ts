// What a registry or the way to it said no with → one of our errors: one line, and the exact fix where there is one. What a server says
// is shown to people, so it is cut to one printable line.

import { STATUS_CODES } from 'node:http'
import { HostError, type LichenError, NotFoundError } from '../../model/errors.js'
import { isAt } from './agents.js'
import type { ConnectionFailure } from './connection-failure.js'
import { canonicalDomain } from './endpoints.js'
import type { HttpResponse } from './http.js'
import { LoginRefusedError } from './login-refused.js'
import { parseRetryAfter, TransientError } from './retry.js'

/** Of an error's body no more is read. */
export const MAX_ERROR_BYTES = 64 * 1024

export interface Refusal {
  /** The message's beginning, `verb phrase: object`. */
  readonly what: string
  /** The registry, `host[:port]`. */
  readonly host: string
  readonly response: Pick<HttpResponse, 'status' | 'headers' | 'url'>
  readonly body: Buffer
}

/** For an answer that is none of those wanted. Transient where asking again may help. */
export function toRegistryError({ what, host, response, body }: Refusal): LichenError {
  const { status, headers, url } = response
  const { codes, words } = readRegistryErrors(body)
  const because = words === '' ? '' : `: ${words}`
  const isOwn = isAt(url, host)
  const domain = canonicalDomain(host)
  if (isOwn && status === 401) {
    const cause =
      domain === 'docker.io' ? 'access denied, or there is no such repository' : 'the registry wants a login'
    return new LoginRefusedError(`${what}: ${cause}${because}`, { hint: `lichen login ${domain}` })
  }
  if (isOwn && status === 403)
    return new HostError(`${what}: access denied${because}`, {
      hint: `lichen login ${domain}, as a user who may do that`,
    })
  if (isOwn && status === 404)
    return new NotFoundError(`${what}: ${NOT_FOUND[codes[0] ?? ''] ?? 'the registry does not have it'}`)
  const message = `${what}: ${isOwn ? '' : `${url.host}: `}${status} ${STATUS_CODES[status] ?? ''}`.trimEnd() + because
  if (status !== 408 && status !== 429 && (status < 500 || status === 501))
    return new HostError(message, status === 407 ? { hint: PROXY_HINT } : {})
  return new TransientError(message, {
    retryAfterMs: parseRetryAfter(headers.get('retry-after'), Date.now()),
    ...(status === 429
      ? { hint: `the registry limits how much one may ask; lichen login ${domain} may raise it` }
      : {}),
  })
}

const PROXY_HINT = 'the proxy wants credentials: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT'

const NOT_FOUND: Readonly<Record<string, string>> = {
  MANIFEST_UNKNOWN: 'the registry has no such image',
  NAME_UNKNOWN: 'the registry has no such repository',
  BLOB_UNKNOWN: 'the registry has no such blob',
}

/** `{"errors":[{"code","message","detail"}]}` (distribution-spec, Error Codes); anything else says nothing. */
function readRegistryErrors(body: Buffer): { codes: readonly string[]; words: string } {
  let document: unknown
  try {
    document = JSON.parse(body.toString('utf8'))
  } catch {
    return { codes: [], words: '' } // a proxy's page
  }
  const { errors } = (document ?? {}) as { errors?: unknown }
  const list = (Array.isArray(errors) ? errors : []).filter(
    (each): each is object => typeof each === 'object' && each !== null,
  )
  const field = (name: string) =>
    list.map((each) => (each as Record<string, unknown>)[name]).filter((each) => typeof each === 'string')
  const messages = field('message').length > 0 ? field('message') : field('code')
  return { codes: field('code'), words: toLine(messages.join('; ')) }
}

/** One line without control characters: a server must not be able to write on the user's terminal. */
function toLine(text: string): string {
  const line = text.replace(/[\p{C}\s]+/gu, ' ').trim()
  return line.length > 300 ? `${line.slice(0, 300)}…` : line
}

export interface Contact {
  readonly what: string
  /** Whether the server has answered before: then it is there, and will be again. */
  readonly isKnown: boolean
}

/** For no answer at all, or one that broke off. Transient unless the next try must fail as well. */
export function toConnectionError(failure: ConnectionFailure, { what, isKnown }: Contact): HostError {
  const { code, host } = failure
  const place = what.includes(host) ? what : `${what}: ${host}`
  const final = explainCertificate(code, host) ?? explainPlainHttp(failure)
  if (final !== undefined) return new HostError(`${place}: ${final.cause}`, { hint: final.hint })
  const message = `${place}: ${CAUSES[code] ?? toLine(failure.message)}${otherAddress(failure)}`
  const hint = HINTS[code]
  const details = hint === undefined ? {} : { hint }
  const isFinal = code === 'ENOTFOUND' || (!isKnown && UNREACHABLE.includes(code))
  return isFinal ? new HostError(message, details) : new TransientError(message, details)
}

/** Behind a name, or a proxy: who it was that refused. */
function otherAddress({ code, message, host }: ConnectionFailure): string {
  const address = code === 'ECONNREFUSED' ? /ECONNREFUSED (\S+)$/.exec(message)?.[1] : undefined
  return address === undefined || address === host ? '' : ` (${address})`
}

/** Who cannot be reached at all is not asked again unless he has answered before: a wrong address should not take ten seconds. */
const UNREACHABLE = ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'SILENT']

const CAUSES: Readonly<Record<string, string>> = {
  EAI_AGAIN: 'the name cannot be looked up now',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection broke',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'the network is unreachable',
  ENOTFOUND: 'no such host',
  EPIPE: 'the connection broke',
  ERR_STREAM_PREMATURE_CLOSE: 'the connection broke',
  ETIMEDOUT: 'the connection timed out',
}

const HINTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'is the registry running, and the port right?',
  EHOSTUNREACH: 'is the network up?',
  ENETUNREACH: 'is the network up?',
  ENOTFOUND: "is the registry's name right, and the network up?",
  SILENT: 'is a firewall in between? HTTPS_PROXY names a proxy',
}

/** OpenSSL's words for an answer that is not TLS. */
function explainPlainHttp({ code, message, host }: ConnectionFailure): Explanation | undefined {
  const isPlain = code === 'ERR_SSL_WRONG_VERSION_NUMBER' || /wrong version number|packet length too long/.test(message)
  if (!isPlain) return undefined
  return {
    cause: 'the server speaks plain HTTP',
    hint: `allow that with --tls-verify=false, or in lichen.toml: [[registry]] name = "${canonicalDomain(host)}", insecure = true`,
  }
}

interface Explanation {
  readonly cause: string
  readonly hint: string
}

export function explainCertificate(code: string, host: string): Explanation | undefined {
  const directory = `~/.config/containers/certs.d/${canonicalDomain(host)}`
  switch (code) {
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return {
        cause: 'its certificate is signed by an authority that is not trusted here',
        hint: `put the authority's certificate into ${directory}/ca.crt; --tls-verify=false trusts anybody`,
      }
    case 'CERT_HAS_EXPIRED':
      return {
        cause: 'its certificate has expired',
        hint: "is this host's clock right? --tls-verify=false trusts anybody",
      }
    case 'CERT_NOT_YET_VALID':
      return { cause: 'its certificate is not valid yet', hint: "is this host's clock right?" }
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return {
        cause: 'its certificate is for another name',
        hint: 'use the name the certificate is for; --tls-verify=false trusts anybody',
      }
    case 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED':
    case 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE':
    case 'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE':
    case 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA':
      return {
        cause: 'it wants a certificate of ours',
        hint: `put it and its key into ${directory}/client.cert and client.key, or name their directory with --cert-dir`,
      }
    default:
      return undefined
  }
}
