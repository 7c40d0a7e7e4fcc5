// HTTP(S) for everything that comes from elsewhere. The one door to node-fetch. Credentials in a URL never reach a message.

import { BadInputError, HostError, NotFoundError } from '../../model/errors.js'
import type { Chunks } from '../../platform/byte-streams.js'

export interface Download {
  readonly chunks: Chunks
  /** undefined: the server does not say. */
  readonly sizeBytes?: number
}

/** A server that sends nothing for this long is gone. */
const HEADERS_TIMEOUT_MS = 60_000

/** GET. Follows redirects. Throws NotFoundError for 404, HostError when the server cannot be reached or refuses. */
export async function download(url: string): Promise<Download> {
  const { default: fetch } = await import('node-fetch')
  const shown = redactUrl(url)
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), HEADERS_TIMEOUT_MS)
  const response = await fetch(url, { signal: controller.signal, compress: false } as object).catch(
    (cause: unknown) => {
      throw new HostError(`download: ${shown}: ${describe(cause)}`, {
        cause,
        hint: 'is the address right, and the network up?',
      })
    },
  )
  clearTimeout(timer)
  if (response.status === 404) throw new NotFoundError(`download: ${shown}: 404 ${response.statusText}`)
  if (!response.ok) throw new HostError(`download: ${shown}: ${response.status} ${response.statusText}`)
  if (response.body === null) throw new BadInputError(`download: ${shown}: the answer is empty`)
  const length = Number(response.headers.get('content-length') ?? Number.NaN)
  const chunks = explainBreaks(response.body as unknown as Chunks, shown)
  return Number.isSafeInteger(length) ? { chunks, sizeBytes: length } : { chunks }
}

/** A connection that breaks in the middle is an error of its own, not a short file. */
async function* explainBreaks(body: Chunks, shown: string): AsyncGenerator<Buffer> {
  try {
    yield* body
  } catch (cause) {
    throw new HostError(`download: ${shown}: ${describe(cause)}`, { cause, hint: 'the connection broke; try again' })
  }
}

/** Without user, password and query: those may hold secrets. */
export function redactUrl(url: string): string {
  try {
    const parsed = new URL(url)
    return `${parsed.protocol}//${parsed.host}${parsed.pathname}`
  } catch {
    return 'bad URL'
  }
}

function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  if (cause.name === 'AbortError') return `no answer within ${HEADERS_TIMEOUT_MS / 1000} s`
  // node-fetch: "request to URL failed, reason: WHY"; the URL in it is not redacted
  return cause.message.replace(/^.*reason: /, '').replace(/https?:\/\/\S+/g, (url) => redactUrl(url))
}
