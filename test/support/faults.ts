// What can go wrong between a client and a registry, as actions of the fault proxy. Each is one thing, exactly.

import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { PassThrough } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { type Exchange, type FaultAction, pass } from './fault-proxy.js'

/** Right headers, `bytes` of the body, then the connection is reset. */
export function resetAfter(bytes: number): FaultAction {
  return breakAfter(bytes, (response) => response.socket?.resetAndDestroy())
}

/** Right headers, `bytes` of the body, then the connection is closed as if that was all. */
export function closeAfter(bytes: number): FaultAction {
  return breakAfter(bytes, (response) => response.socket?.end())
}

/** Right headers and `bytes` of the body; then nothing more comes, until the client gives up. */
export function holdAfter(bytes: number): FaultAction {
  return breakAfter(bytes, () => undefined)
}

/** A body of unknown length that ends, properly, after `bytes`. */
export function endAfter(bytes: number): FaultAction {
  return breakAfter(bytes, (response) => response.end(), { 'content-length': undefined })
}

/** `bytes` at a time, with a pause before each. */
export function trickle(bytes: number, pauseMs: number): FaultAction {
  return async (exchange) => {
    const answer = await startAnswer(exchange)
    for await (const chunk of answer) {
      for (let at = 0; at < (chunk as Buffer).length && !exchange.response.destroyed; at += bytes) {
        await delay(pauseMs)
        await send(exchange.response, (chunk as Buffer).subarray(at, at + bytes))
      }
    }
    exchange.response.end()
  }
}

/** One bit is another, at this byte of the body. */
export function flipBit(at: number): FaultAction {
  return async (exchange) => {
    let position = 0
    for await (const chunk of await startAnswer(exchange)) {
      const bytes = Buffer.from(chunk as Buffer)
      const index = at - position
      if (index >= 0 && index < bytes.length) bytes[index] = (bytes[index] ?? 0) ^ 1
      position += bytes.length
      await send(exchange.response, bytes)
    }
    exchange.response.end()
  }
}

/** The header says another length than the body has; a body that is longer is sent as it is. */
export function claimLength(change: (length: number) => number): FaultAction {
  return async (exchange) => {
    const answer = await exchange.forward()
    const length = change(Number(answer.headers['content-length']))
    exchange.response.strictContentLength = false
    exchange.response.writeHead(200, { ...answer.headers, 'content-length': length })
    for await (const chunk of answer) await send(exchange.response, chunk as Buffer)
    exchange.response.socket?.end()
  }
}

/** An answer that the registry never sees the question to. */
export function answer(status: number, headers: OutgoingHttpHeaders = {}, body: string | Buffer = ''): FaultAction {
  return ({ request, response }) => {
    request.resume()
    response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers })
    if (request.method === 'HEAD') response.end()
    else if (body !== '') response.write(body, () => void response.end())
    else response.end()
  }
}

/** To the same path at another server. */
export function redirectTo(url: string, status = 307): FaultAction {
  return (exchange) =>
    answer(status, { location: new URL(exchange.request.url ?? '', url).href })(exchange) as undefined
}

/** To itself, for ever. */
export const redirectLoop: FaultAction = (exchange) =>
  answer(307, { location: exchange.request.url ?? '' })(exchange) as undefined

/** The connection is reset before a single byte of an answer. */
export const resetAtOnce: FaultAction = ({ response }) => void response.socket?.resetAndDestroy()

/** The registry gets `bytes` of what the client sends; then both connections break. */
export function resetUploadAfter(bytes: number): FaultAction {
  return async ({ request, response, forward }) => {
    const part = new PassThrough()
    forward(part).catch(() => undefined)
    let left = bytes
    for await (const chunk of request) {
      const kept = (chunk as Buffer).subarray(0, left)
      left -= kept.length
      part.write(kept)
      if (left === 0) break
    }
    // What was sent has arrived before the connection breaks.
    await delay(50)
    part.destroy(new Error('cut'))
    response.socket?.resetAndDestroy()
  }
}

/** Passes the answer on when `open` resolves. */
export function holdUntil(open: Promise<unknown>): FaultAction {
  return async (exchange) => {
    await open
    await pass(exchange)
  }
}

function breakAfter(bytes: number, end: (response: ServerResponse) => void, headers: OutgoingHttpHeaders = {}) {
  return async (exchange: Exchange): Promise<void> => {
    const { response } = exchange
    const answer = await startAnswer(exchange, headers)
    let left = bytes
    for await (const chunk of answer) {
      const part = (chunk as Buffer).subarray(0, left)
      left -= part.length
      await send(response, part)
      if (left === 0) break
    }
    end(response)
  }
}

async function startAnswer(exchange: Exchange, headers: OutgoingHttpHeaders = {}): Promise<IncomingMessage> {
  const answer = await exchange.forward()
  const all = Object.entries({ ...answer.headers, ...headers }).filter(([, value]) => value !== undefined)
  exchange.response.writeHead(answer.statusCode ?? 502, Object.fromEntries(all) as OutgoingHttpHeaders)
  exchange.response.flushHeaders()
  return answer
}

/** Returns when the kernel has the bytes, or nobody wants them any more. */
async function send(response: ServerResponse, bytes: Buffer): Promise<void> {
  if (bytes.length === 0 || response.destroyed) return
  await new Promise<void>((resolve) => {
    response.once('close', resolve)
    response.write(bytes, () => {
      response.off('close', resolve)
      resolve()
    })
  })
}
