// GET of an address the user names (`import URL`). Credentials in it never reach a message.

import { HostError, NotFoundError, UsageError } from '../../model/errors.js'
import type { Chunks } from '../../platform/byte-streams.js'
import type { HostFacts } from '../../platform/host-facts.js'
import { createAgents } from './agents.js'
import { ConnectionFailure, redactUrl } from './connection-failure.js'
import { exchange, type HttpResponse } from './http.js'

export interface Download {
  readonly chunks: Chunks
}

/** Follows redirects; the bytes come as the server keeps them. Throws NotFoundError for 404, HostError when the server cannot be reached or refuses. */
export async function download(facts: HostFacts, url: string): Promise<Download> {
  const shown = redactUrl(url)
  const { address, headers } = splitCredentials(url)
  const response = await exchange({ method: 'GET', url: address, headers, agentFor: createAgents({ facts }) }).catch(
    (error: unknown) => {
      throw explain(error, shown, 'is the address right, and the network up?')
    },
  )
  if (response.status !== 200) {
    response.close()
    const message = `download: ${shown}: the server answers ${response.status}`
    throw response.status === 404 ? new NotFoundError(message) : new HostError(message)
  }
  return { chunks: explainBreaks(response, shown) }
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

/** A connection that breaks in the middle is an error of its own, not a short file. */
async function* explainBreaks(response: HttpResponse, shown: string): AsyncGenerator<Buffer> {
  try {
    yield* response.chunks
  } catch (error) {
    throw explain(error, shown, 'the connection broke; try again')
  }
}

function explain(error: unknown, shown: string, hint: string): unknown {
  return error instanceof ConnectionFailure ? new HostError(`download: ${shown}: ${error.message}`, { hint }) : error
}
