// An HTTP proxy in front of a real registry: passes everything on, remembers every request, and where a fault is set lets that happen
// instead (the faults themselves are in faults.ts). Bodies are streamed both ways.

import { Agent, createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { waitFor } from './wait-for.js'

export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Sends the request on (once), with `body` in place of its own; resolves with the registry's answer, not yet read. */
  forward(body?: NodeJS.ReadableStream): Promise<IncomingMessage>
}

export type FaultAction = (exchange: Exchange) => Promise<void> | void

export interface Fault {
  /** Default GET. */
  readonly method?: string
  readonly path: RegExp
  /** How many matching requests pass before it happens. Default 0. */
  readonly after?: number
  /** How often it happens. Default: always. */
  readonly times?: number
  /** Counted for each path by itself. */
  readonly perPath?: boolean
  readonly action: FaultAction
}

export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  /** 0 until answered. */
  status: number
  /** Of the answer's body, handed to the kernel so far. */
  sentBytes: number
  /** Answered or broken off. */
  isOver: boolean
}

export interface FaultProxy {
  readonly host: string
  readonly url: string
  readonly requests: readonly SeenRequest[]
  /** Requests with this method (`GET`, or `GET|HEAD`) and path. */
  seen(method: string, path: RegExp): SeenRequest[]
  /** Of all answers to GETs of this path. */
  sentBytes(path: RegExp): number
  setFaults(...faults: Fault[]): void
  /** Forgets requests and faults. */
  reset(): void
  stop(): Promise<void>
}

export const BLOBS = /\/blobs\/sha256:/
export const MANIFESTS = /\/manifests\//

/** `target`: a registry's URL, plain HTTP. */
export async function startFaultProxy(target: string, ...faults: Fault[]): Promise<FaultProxy> {
  const requests: SeenRequest[] = []
  const agent = new Agent({ keepAlive: true })
  let pending: PendingFault[] = faults.map(arm)
  const server = createServer((request, response) => {
    const seen = watchExchange(request, response)
    requests.push(seen)
    const action = pending.find((fault) => fault.takes(seen))?.action ?? pass
    const forward = (body: NodeJS.ReadableStream = request) => sendOn({ target, agent, request, body })
    // Whatever breaks here, the client sees a broken connection, as it would with a real proxy.
    Promise.resolve(action({ request, response, forward })).catch(() => void response.destroy())
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const seen = (method: string, path: RegExp) =>
    requests.filter((request) => method.split('|').includes(request.method) && path.test(request.path))
  return {
    host,
    url: `http://${host}`,
    requests,
    seen,
    sentBytes: (path) => seen('GET', path).reduce((sum, request) => sum + request.sentBytes, 0),
    setFaults: (...next) => {
      pending = next.map(arm)
    },
    reset: () => {
      pending = []
      requests.length = 0
    },
    stop: async () => {
      server.closeAllConnections()
      agent.destroy()
      await new Promise((resolve) => void server.close(resolve))
    },
  }
}

/** Waits until every request seen so far is over: what a killed client asked for is then counted. */
export async function untilQuiet(proxy: FaultProxy): Promise<void> {
  await waitFor('the end of every request', () => proxy.requests.every((request) => request.isOver))
}

interface PendingFault {
  takes(request: SeenRequest): boolean
  readonly action: FaultAction
}

function arm(fault: Fault): PendingFault {
  const { method = 'GET', path, after = 0, times = Number.POSITIVE_INFINITY, perPath = false, action } = fault
  const matches = new Map<string, number>()
  const takes = (request: SeenRequest): boolean => {
    if (request.method !== method || !path.test(request.path)) return false
    const counted = perPath ? request.path : ''
    const count = (matches.get(counted) ?? 0) + 1
    matches.set(counted, count)
    return count > after && count <= after + times
  }
  return { takes, action }
}

function watchExchange(request: IncomingMessage, response: ServerResponse): SeenRequest {
  const { method = '', url = '', headers } = request
  const seen: SeenRequest = { method, path: url, headers, status: 0, sentBytes: 0, isOver: false }
  const { write } = response
  response.write = function count(this: ServerResponse, chunk: unknown, ...rest: unknown[]) {
    seen.sentBytes += Buffer.byteLength(chunk as Buffer | string)
    return (write as (...args: unknown[]) => boolean).call(this, chunk, ...rest)
  } as ServerResponse['write']
  response.once('close', () => {
    seen.status = response.headersSent ? response.statusCode : 0
    seen.isOver = true
  })
  return seen
}

interface Sending {
  readonly target: string
  readonly agent: Agent
  readonly request: IncomingMessage
  readonly body: NodeJS.ReadableStream
}

/** The client's own Host is kept: where the registry says "go on there", it names this proxy. */
function sendOn({ target, agent, request, body }: Sending): Promise<IncomingMessage> {
  const { method, url = '/', headers } = request
  return new Promise((resolve, reject) => {
    const upstream = httpRequest(new URL(url, target), { method, headers, agent })
    upstream.once('response', resolve)
    upstream.once('error', reject)
    pipeline(body, upstream).catch(reject)
  })
}

/** The registry's answer as it is. */
export const pass: FaultAction = async ({ request, response, forward }) => {
  const answer = await forward()
  response.writeHead(answer.statusCode ?? 502, answer.headers)
  if (request.method === 'HEAD') response.end()
  else await pipeline(answer, response)
}
