// The way to one registry server: HTTPS or HTTP, and whom to trust. Knows nothing of logging in, and never tries again.

import type { RegistryOptions } from '../../model/registry.js'
import type { HostFacts } from '../../platform/host-facts.js'
import { createAgents, isAt, isLoopback } from './agents.js'
import { ConnectionFailure } from './connection-failure.js'
import type { Endpoint } from './endpoints.js'
import { exchange, type HttpRequest, type HttpResponse } from './http.js'
import { explainCertificate } from './registry-error.js'

export interface ConnectionOptions {
  readonly facts: HostFacts
  readonly endpoint: Endpoint
  readonly options: RegistryOptions
}

export interface AddressedRequest extends Pick<HttpRequest, 'method' | 'headers' | 'body' | 'silenceMs'> {
  /** Below `/v2/`; or an address the server named. */
  readonly target: string | URL
}

type Scheme = 'https' | 'http'

export interface Connection {
  readonly agentFor: HttpRequest['agentFor']
  readonly insecure: boolean
  /** Throws ConnectionFailure, and what `exchange` of http.ts throws. */
  readonly exchange: (request: AddressedRequest, authorization: string | undefined) => Promise<HttpResponse>
  /** Whether the server is there: it has answered, or the user wants it to be waited for. */
  readonly isKnown: () => boolean
}

/** Sends nothing yet. Plain HTTP only where certificates need not be checked, or nothing leaves this host; and only when HTTPS is not spoken. */
export function openConnection({ facts, endpoint, options }: ConnectionOptions): Connection {
  const { host } = endpoint
  const insecure = !(options.tlsVerify ?? !endpoint.insecure)
  const isThisHost = isLoopback(new URL(`http://${host}`).hostname)
  const mayBePlain = insecure || (options.tlsVerify === undefined && isThisHost)
  const certDir = options.certDir === undefined ? {} : { certDir: options.certDir }
  const agentFor = createAgents({ facts, verify: !insecure, registry: host, ...certDir })
  let hasAnswered = false
  let finding: Promise<Scheme> | undefined
  const send = (request: AddressedRequest, scheme: Scheme): Promise<HttpResponse> =>
    exchange({ ...request, url: toUrl(request.target, scheme, host), agentFor })
  /** Where nobody can listen the first request asks in plain HTTP itself: reading certificates for nothing takes longer than it. */
  const sendFirst = async (request: AddressedRequest): Promise<HttpResponse> => {
    const plain = send(request, 'http')
    finding = plain.then(
      ({ status }) => (status === SPEAKS_TLS ? findScheme(facts, host) : 'http'),
      () => findScheme(facts, host),
    )
    if ((await finding) === 'http') return await plain
    await plain.then(({ close }) => close()).catch(() => undefined)
    return await send(request, 'https')
  }
  const sendNext = async (request: AddressedRequest): Promise<HttpResponse> => {
    finding ??= mayBePlain ? findScheme(facts, host) : Promise.resolve('https')
    return await send(request, await finding)
  }
  return {
    agentFor,
    insecure,
    isKnown: () => hasAnswered || options.retries !== undefined,
    exchange: async (request, authorization) => {
      const headers = { ...request.headers, ...(authorization === undefined ? {} : { authorization }) }
      const isFirst = mayBePlain && isThisHost && finding === undefined
      try {
        const response = await (isFirst ? sendFirst : sendNext)({ ...request, headers })
        hasAnswered = true
        return response
      } finally {
        // who did not listen may be listening next time
        if (!hasAnswered) finding = undefined
      }
    },
  }
}

/** What a server of HTTPS answers to plain HTTP, if anything. */
const SPEAKS_TLS = 400

/** One request that says nothing about us, to whatever certificate: to load the host's authorities for a server without TLS takes longer. */
async function findScheme(facts: HostFacts, host: string): Promise<Scheme> {
  const agentFor = createAgents({ facts, verify: false })
  const request = {
    method: 'HEAD',
    url: new URL(`https://${host}/v2/`),
    agentFor,
    silenceMs: PROBE_SILENCE_MS,
  } as const
  try {
    const response = await exchange(request)
    response.close()
    return 'https'
  } catch (error) {
    if (error instanceof ConnectionFailure) return explainCertificate(error.code, host) === undefined ? 'http' : 'https'
    throw error
  }
}

const PROBE_SILENCE_MS = 10_000

/** A registry behind a proxy that ends TLS may name itself with http: it is still reached as before. */
function toUrl(target: string | URL, scheme: Scheme, host: string): URL {
  if (typeof target === 'string') return new URL(`${scheme}://${host}/v2/${target}`)
  const url = new URL(target)
  if (isAt(url, host)) url.protocol = scheme
  return url
}
