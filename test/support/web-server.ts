// A web server that does exactly what a test says, on a free loopback port; gone when the test is.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export interface WebServer {
  /** `127.0.0.1:PORT`. */
  readonly host: string
  /** `METHOD PATH`, in order. */
  readonly requests: readonly string[]
  /** Headers of the requests, in order. */
  readonly headers: readonly IncomingMessage['headers'][]
  /** How many were made. */
  connections(): number
}

/** An error of it breaks the connection. */
export type Listener = (request: IncomingMessage, response: ServerResponse) => unknown

export async function serve(listener: Listener, tls?: ServerOptions): Promise<WebServer> {
  const requests: string[] = []
  const headers: IncomingMessage['headers'][] = []
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    requests.push(`${request.method} ${request.url}`)
    headers.push(request.headers)
    Promise.resolve(listener(request, response)).catch(() => void response.destroy())
  }
  const server: Server = tls === undefined ? createServer(answer) : createTlsServer(tls, answer)
  let connections = 0
  server.on('connection', () => connections++)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => void server.close(resolve))
  })
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    headers,
    connections: () => connections,
  }
}
