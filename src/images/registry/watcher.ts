// Follows one exchange with a server, and aborts it when what it waits for does not come. What our own side takes its time for does
// not count: a slow disk is not the server's fault.

import { Readable } from 'node:stream'
import type { Chunks } from '../../platform/byte-streams.js'
import { ConnectionFailure, toConnectionFailure } from './connection-failure.js'

export interface Watcher {
  /** For the exchange: it is to end when this says so. */
  readonly signal: AbortSignal
  /** Waits for the server, but not for ever. */
  readonly during: <T>(waiting: Promise<T>) => Promise<T>
  /** A body to send: each chunk taken shows that the server still listens. */
  readonly toStream: (chunks: Chunks) => Readable
  /** A server may answer before it has everything. False: there was nothing left to stop. */
  readonly stopSending: () => boolean
  /** What the exchange failed with: ConnectionFailure, or the error of the body that was to be sent, as it is. */
  readonly explain: (error: unknown) => unknown
}

export function createWatcher(host: string, silenceMs: number): Watcher {
  const controller = new AbortController()
  const body = createBody(() => timer?.refresh())
  let timer: NodeJS.Timeout | undefined
  let isSilent = false
  return {
    signal: controller.signal,
    toStream: body.toStream,
    stopSending: body.stop,
    during: async (waiting) => {
      timer = setTimeout(() => {
        isSilent = true
        controller.abort()
      }, silenceMs)
      try {
        return await waiting
      } finally {
        clearTimeout(timer)
      }
    },
    explain: (error) => {
      if (body.failure() !== undefined) return body.failure()
      if (isSilent) return new ConnectionFailure('SILENT', `nothing came for ${silenceMs / 1000} s`, host)
      return toConnectionFailure(error, host)
    },
  }
}

interface Body {
  readonly toStream: Watcher['toStream']
  readonly stop: Watcher['stopSending']
  /** What its source has thrown. */
  readonly failure: () => unknown
}

function createBody(onTaken: () => void): Body {
  let sending: Readable | undefined
  let failure: unknown
  async function* send(chunks: Chunks): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of chunks) {
        onTaken()
        yield chunk
      }
    } catch (error) {
      failure = error
      throw error
    }
    sending = undefined
  }
  return {
    toStream: (chunks) => {
      sending = Readable.from(send(chunks), { objectMode: false })
      return sending
    },
    stop: () => {
      sending?.destroy()
      return sending !== undefined
    },
    failure: () => failure,
  }
}

/** An answer's bytes. Throws what `explain` makes of a break: never a short body. */
export async function* watchChunks(chunks: Chunks, watcher: Watcher): AsyncGenerator<Buffer> {
  const iterator = chunks[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await watcher.during(iterator.next())
      if (next.done === true) return
      yield next.value
    }
  } catch (error) {
    throw watcher.explain(error)
  } finally {
    await iterator.return?.()
  }
}
