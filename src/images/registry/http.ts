// One HTTP(S) exchange. The one door to node-fetch. Follows redirects and gives the Authorization header to nobody but the server it was
// meant for; notices a server that has gone silent. Never tries again (retry.ts does), and no address with its query reaches a message.

import { Readable } from 'node:stream'
import { BadInputError } from '../../model/errors.js'
import type { Chunks } from '../../platform/byte-streams.js'
import type { AgentFor } from './agents.js'
import { ConnectionFailure, redactUrl } from './connection-failure.js'
import { readReceived } from './received.js'
import { createWatcher, watchChunks } from './watcher.js'

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  /** Asked for again where a redirect (307, 308) wants the body at another place. A stream needs a content-length among the headers. */
  readonly body?: () => Buffer | Chunks
  readonly agentFor: AgentFor
  /** How long a server may keep silent. */
  readonly silenceMs?: number
}

export interface HttpResponse {
  readonly status: number
  readonly headers: { readonly get: (name: string) => string | null }
  /** Who has answered, after redirects. */
  readonly url: URL
  /** To be read to the end, or closed. Throws ConnectionFailure when the connection breaks: never a short body. */
  readonly chunks: Chunks
  /** Idempotent. */
  readonly close: () => void
}

const SILENCE_MS = 60_000
const MAX_REDIRECTS = 10

/** The answer whatever its status. Throws ConnectionFailure, and BadInputError for redirects that lead nowhere. */
export async function exchange(request: HttpRequest): Promise<HttpResponse> {
  const seen = new Set<string>()
  let { url, headers = {} } = request
  for (;;) {
    const response = await exchangeOnce({ ...request, url, headers })
    const target = redirectTarget(request.method, response)
    if (target === undefined) return response
    response.close()
    seen.add(url.href)
    if (seen.has(target.href))
      throw new BadInputError(`follow redirects: ${redactUrl(target.href)}: they go in a circle`)
    if (seen.size > MAX_REDIRECTS)
      throw new BadInputError(`follow redirects: ${redactUrl(request.url.href)}: more than ${MAX_REDIRECTS}`)
    if (target.origin !== url.origin) headers = withoutAuthorization(headers)
    url = target
  }
}

/** Only 307 and 308 say that the method stays; what changes something is sent nowhere else for less. */
function redirectTarget(method: string, { status, headers, url }: HttpResponse): URL | undefined {
  const location = headers.get('location')
  const isRead = method === 'GET' || method === 'HEAD'
  const isRedirect =
    status === 307 || status === 308 || (isRead && (status === 301 || status === 302 || status === 303))
  if (!isRedirect || location === null) return undefined
  const target = URL.canParse(location, url.href) ? new URL(location, url) : undefined
  if (target === undefined || !/^https?:$/.test(target.protocol))
    throw new BadInputError(`follow redirects: ${redactUrl(url.href)}: the server names no web address`)
  // credentials in it would be sent as a header of their own
  target.username = ''
  target.password = ''
  return target
}

function withoutAuthorization(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization'))
}

async function exchangeOnce(request: HttpRequest): Promise<HttpResponse> {
  const { default: fetch } = await import('node-fetch')
  const { url, method } = request
  const agent = await request.agentFor(url)
  const watcher = createWatcher(url.host, request.silenceMs ?? SILENCE_MS)
  const body = request.body?.()
  try {
    const response = await watcher.during(
      fetch(url.href, {
        method,
        headers: { 'user-agent': 'lichen', ...request.headers },
        redirect: 'manual',
        compress: false,
        agent,
        signal: watcher.signal,
        ...(body === undefined ? {} : { body: Buffer.isBuffer(body) ? body : watcher.toStream(body) }),
      }),
    )
    const { status, headers } = response
    const stream = (response.body ?? Readable.from([])) as Readable
    const isEmpty = method === 'HEAD' || status === 204 || headers.get('content-length') === '0'
    return {
      status,
      headers,
      url,
      chunks: watchChunks(readReceived(stream), watcher),
      close: () => {
        // an empty body that is read leaves the connection to the next request
        if (!watcher.stopSending() && isEmpty) stream.resume()
        else stream.destroy()
      },
    }
  } catch (error) {
    throw watcher.explain(error)
  }
}

/** A whole body that should be small. Throws BadInputError beyond `maxBytes`, ConnectionFailure when it takes longer than `deadlineMs`. */
export async function readDocument(
  response: HttpResponse,
  { maxBytes, deadlineMs = SILENCE_MS }: { maxBytes: number; deadlineMs?: number },
): Promise<Buffer> {
  const parts: Buffer[] = []
  let bytes = 0
  let isLate = false
  const tooSlow = () =>
    new ConnectionFailure('SLOW', `the answer took longer than ${deadlineMs / 1000} s`, response.url.host)
  const timer = setTimeout(() => {
    isLate = true
    response.close()
  }, deadlineMs)
  try {
    for await (const chunk of response.chunks) {
      bytes += chunk.length
      if (bytes > maxBytes)
        throw new BadInputError(`read: ${redactUrl(response.url.href)}: the answer is larger than ${maxBytes} bytes`)
      parts.push(chunk)
    }
  } catch (error) {
    throw isLate ? tooSlow() : error
  } finally {
    clearTimeout(timer)
  }
  return Buffer.concat(parts)
}
