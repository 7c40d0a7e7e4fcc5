// One registry server: HTTPS or HTTP, logging in, errors in our words. Every request to a registry goes through here. Credentials go to
// this server (and its token server), never to another one that a redirect or a Location names.

import type { ProgressReport } from '../../model/progress.js'
import { readSettings } from '../../platform/settings.js'
import { isAt } from './agents.js'
import { createAuthorizer } from './authorizer.js'
import { type AddressedRequest, type Connection, type ConnectionOptions, openConnection } from './connection.js'
import { ConnectionFailure } from './connection-failure.js'
import { type Credentials, findCredentials } from './credentials.js'
import { canonicalDomain } from './endpoints.js'
import { type HttpResponse, readDocument } from './http.js'
import { MAX_ERROR_BYTES, toConnectionError, toRegistryError } from './registry-error.js'
import { type RetryPolicy, withRetries } from './retry.js'
import { fetchToken } from './token.js'

export interface RemoteOptions extends ConnectionOptions {
  readonly report: ProgressReport
  /** Of every token, `repository:a/b:pull`. */
  readonly scopes: readonly string[]
}

export interface RemoteRequest extends AddressedRequest {
  /** The statuses that are an answer. */
  readonly expects: readonly number[]
  /** An error's beginning, `verb phrase: object`. */
  readonly what: string
  readonly scopes?: readonly string[]
}

export interface Remote {
  readonly host: string
  /** The host as images have it: docker.io. */
  readonly domain: string
  /** One try. Throws TransientError where another may help. The answer is to be read or closed. */
  readonly send: (request: RemoteRequest) => Promise<HttpResponse>
  /** With as many tries as the policy has; for requests whose answer is read by `read`, within the same try. */
  readonly ask: <T>(request: RemoteRequest, read: (response: HttpResponse) => Promise<T> | T) => Promise<T>
  /** Errors of reading an answer, in our words. */
  readonly explain: (error: unknown, what: string) => unknown
  readonly policy: RetryPolicy
}

/** Sends nothing yet. */
export function openRemote(remoteOptions: RemoteOptions): Remote {
  const { facts, endpoint, options, report } = remoteOptions
  const { host } = endpoint
  const connection = openConnection(remoteOptions)
  const sendRaw = createSender(remoteOptions, connection)
  const policy: RetryPolicy = {
    retries: options.retries ?? readSettings(facts).pull.retries,
    ...(options.retryDelayMs === undefined ? {} : { delayMs: options.retryDelayMs }),
    onNote: report.onNote,
  }
  const explain = (error: unknown, what: string): unknown =>
    error instanceof ConnectionFailure
      ? toConnectionError(error, { what, isKnown: connection.isKnown() || error.host !== host })
      : error
  const send = (request: RemoteRequest): Promise<HttpResponse> =>
    sendRaw(request).catch((error: unknown) => {
      throw explain(error, request.what)
    })
  return {
    ...{ host, domain: canonicalDomain(host), policy, explain, send },
    ask: (request, read) =>
      withRetries(policy, async () => {
        const response = await send(request)
        try {
          return await read(response)
        } catch (error) {
          throw explain(error, request.what)
        } finally {
          response.close()
        }
      }),
  }
}

/** Logs in when the registry asks for it; an answer that is none of the wanted is an error. */
function createSender(
  remoteOptions: RemoteOptions,
  connection: Connection,
): (request: RemoteRequest) => Promise<HttpResponse> {
  const { scopes, endpoint } = remoteOptions
  const { host } = endpoint
  const authorizer = createAuthorizer({
    findCredentials: () => findOwnCredentials(remoteOptions),
    fetchToken: (order) => fetchToken({ ...order, domain: canonicalDomain(host), ...connection }),
  })
  return async (request) => {
    const isOwn = typeof request.target === 'string' || isAt(request.target, host)
    for (let logins = 0; ; logins++) {
      const authorization = isOwn ? await authorizer.header([...scopes, ...(request.scopes ?? [])]) : undefined
      const response = await connection.exchange(request, authorization)
      if (request.expects.includes(response.status)) return response
      const body = await readErrorBody(response)
      // whom a redirect led to may not say where our credentials go
      const mayLogIn = response.status === 401 && isOwn && isAt(response.url, host) && logins < 2
      if (mayLogIn && (await authorizer.refused(response.headers.get('www-authenticate'), authorization))) continue
      throw toRegistryError({ what: request.what, host, response, body })
    }
  }
}

/** `--creds` are for the registry that was named, not for its mirrors. */
async function findOwnCredentials({ facts, endpoint, options }: RemoteOptions): Promise<Credentials | undefined> {
  if (options.credentials !== undefined && !endpoint.isMirror) return { kind: 'password', ...options.credentials }
  return await findCredentials(facts, {
    domain: canonicalDomain(endpoint.host),
    path: endpoint.path,
    ...(options.authfile === undefined ? {} : { authfile: options.authfile }),
  })
}

async function readErrorBody(response: HttpResponse): Promise<Buffer> {
  try {
    return await readDocument(response, { maxBytes: MAX_ERROR_BYTES })
  } catch {
    return Buffer.alloc(0) // the status says it all
  }
}
