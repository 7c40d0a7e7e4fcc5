// HTTP(S) for everything that comes from elsewhere. The one door to node-fetch. Credentials in a URL never reach a message.

import { HostError, NotFoundError, UsageError } from '../../model/errors.js'
import type { Chunks } from '../../platform/byte-streams.js'

export interface Download {
  readonly chunks: Chunks
}

/** A server that sends nothing for this long is gone. */
const SILENCE_TIMEOUT_MS = 60_000

/** GET. Follows redirects; the bytes come as the server keeps them. Throws NotFoundError for 404, HostError when the server cannot be reached or refuses. */
export async function download(url: string): Promise<Download> {
  const { default: fetch } = await import('node-fetch')
  const shown = redactUrl(url)
  const { address, headers } = splitCredentials(url)
  const silence = startSilenceTimer()
  const response = await fetch(address, { headers, signal: silence.signal, compress: false }).catch(
    (error: unknown) => {
      silence.stop()
      throw new HostError(`download: ${shown}: ${describe(error)}`, {
        hint: 'is the address right, and the network up?',
      })
    },
  )
  if (!response.ok || response.body === null) {
    silence.stop()
    const message = `download: ${shown}: ${response.status} ${response.statusText}`
    throw response.status === 404 ? new NotFoundError(message) : new HostError(message)
  }
  return { chunks: explainBreaks(response.body as unknown as Chunks, shown, silence) }
}

/** Credentials belong into a header; a redirect to another host does not get them. */
function splitCredentials(url: string): { address: URL; headers: Record<string, string> } {
  if (!URL.canParse(url)) throw new UsageError('download: the address is no valid URL')
  const address = new URL(url)
  const { username, password } = address
  if (username === '' && password === '') return { address, headers: {} }
  address.username = ''
  address.password = ''
  const pair = `${decodePercent(username)}:${decodePercent(password)}`
  return { address, headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` } }
}

/** `%40` → `@`; left as it is where it is no escape. */
function decodePercent(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('utf8'))
}

interface SilenceTimer {
  readonly signal: AbortSignal
  readonly refresh: () => void
  readonly stop: () => void
}

function startSilenceTimer(): SilenceTimer {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), SILENCE_TIMEOUT_MS)
  return { signal: controller.signal, refresh: () => void timer.refresh(), stop: () => clearTimeout(timer) }
}

/** A connection that breaks in the middle is an error of its own, not a short file. */
async function* explainBreaks(body: Chunks, shown: string, silence: SilenceTimer): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of body) {
      silence.refresh()
      yield chunk
    }
  } catch (error) {
    throw new HostError(`download: ${shown}: ${describe(error)}`, { hint: 'the connection broke; try again' })
  } finally {
    silence.stop()
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

/** The library's errors name the whole address: only their reason is passed on, and never they themselves. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'AbortError') return `nothing came for ${SILENCE_TIMEOUT_MS / 1000} s`
  return error.message.replace(/^.*reason: /, '').replace(/https?:\/\/\S+/g, (url) => redactUrl(url))
}
