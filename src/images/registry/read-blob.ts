// The bytes of one blob over as many connections as it takes: each goes on where the one before broke. OCI distribution-spec, "Pulling
// blobs"; RFC 9110 §14 (ranges). Sizes are checked here, the digest is the reader's.

import { BadInputError } from '../../model/errors.js'
import type { Descriptor } from '../../model/image.js'
import { ConnectionFailure } from './connection-failure.js'
import type { HttpResponse } from './http.js'
import type { Remote } from './remote.js'
import { startTries } from './retry.js'

export interface Pace {
  /** Measured over this much time spent waiting for bytes … */
  readonly windowMs: number
  /** … a server that sends fewer is as good as gone. */
  readonly leastBytesPerS: number
}

const PACE: Pace = { windowMs: 60_000, leastBytesPerS: 1000 }

export type WantedBlob = Pick<Descriptor, 'digest' | 'size'>

/** Throws BadInputError when the registry has more or fewer bytes than `size`, and what the last try failed with. */
export async function* readBlob(
  remote: Remote,
  { path, blob, fromByte }: { path: string; blob: WantedBlob; fromByte: number },
  pace: Pace = PACE,
): AsyncGenerator<Buffer> {
  const what = `fetch blob: ${remote.domain}/${path}@${blob.digest}`
  const tries = startTries(remote.policy)
  let position = fromByte
  while (position < blob.size) {
    try {
      const response = await requestFrom(remote, { path, blob, position, what })
      for await (const chunk of bytesFrom(response, { blob, position, what, pace })) {
        position += chunk.length
        yield chunk
      }
      if (position < blob.size) throw new ConnectionFailure('SHORT', 'the answer ended early', remote.host)
    } catch (error) {
      await tries.pause(remote.explain(error, what), position - fromByte)
    }
  }
}

interface Start {
  readonly path: string
  readonly blob: WantedBlob
  readonly position: number
  readonly what: string
}

/** A server that knows no ranges answers 200, or refuses the range: then everything is asked for. */
async function requestFrom(remote: Remote, { path, blob, position, what }: Start): Promise<HttpResponse> {
  const all = { method: 'GET', target: `${path}/blobs/${blob.digest}`, what } as const
  if (position === 0) return await remote.send({ ...all, expects: [200] })
  const headers = { range: `bytes=${position}-` }
  const response = await remote.send({ ...all, headers, expects: [200, 206, 416] })
  if (response.status === 200) return response
  const { start, total } = parseContentRange(response)
  if (response.status === 206 && start === position) return response
  response.close()
  if (total !== undefined && total !== blob.size) throw wrongSize(what, blob.size, `${total}`)
  return await remote.send({ ...all, expects: [200] })
}

/** `bytes 5-9/10`, `bytes 5-9/*`, with 416 `bytes *\/10`. */
function parseContentRange({ headers }: HttpResponse): { start?: number; total?: number } {
  const [, start, total] = /^bytes (?:(\d+)-\d+|\*)\/(?:(\d+)|\*)$/.exec(headers.get('content-range') ?? '') ?? []
  return {
    ...(start === undefined ? {} : { start: Number(start) }),
    ...(total === undefined ? {} : { total: Number(total) }),
  }
}

interface Expected {
  readonly blob: WantedBlob
  readonly position: number
  readonly what: string
  readonly pace: Pace
}

/** The answer's bytes from `position` on, whatever it starts with. */
async function* bytesFrom(response: HttpResponse, { blob, position, what, pace }: Expected): AsyncGenerator<Buffer> {
  try {
    let at = response.status === 206 ? position : 0
    checkLength(response, { at, size: blob.size, what })
    for await (const chunk of keepPace(response, pace)) {
      const wanted = chunk.subarray(Math.min(chunk.length, Math.max(0, position - at)))
      at += chunk.length
      if (at > blob.size) throw wrongSize(what, blob.size, `at least ${at}`)
      if (wanted.length > 0) yield wanted
    }
  } finally {
    response.close()
  }
}

/** A length that is wrong from the start would be wrong at every try. */
function checkLength({ headers }: HttpResponse, { at, size, what }: { at: number; size: number; what: string }): void {
  const length = headers.get('content-length')
  if (length !== null && headers.get('content-encoding') === null && at + Number(length) !== size)
    throw wrongSize(what, size, `${at + Number(length)}`)
}

function wrongSize(what: string, size: number, actual: string): BadInputError {
  return new BadInputError(`${what}: it has ${actual} bytes, the manifest says ${size}`)
}

/** Ends a connection that drips. Only time spent waiting for bytes counts: a slow disk of ours is not the server's fault. */
async function* keepPace({ chunks, url }: HttpResponse, { windowMs, leastBytesPerS }: Pace): AsyncGenerator<Buffer> {
  const iterator = chunks[Symbol.asyncIterator]()
  let waitedMs = 0
  let bytes = 0
  try {
    for (;;) {
      const startedMs = performance.now()
      const next = await iterator.next()
      if (next.done === true) return
      waitedMs += performance.now() - startedMs
      bytes += next.value.length
      if (waitedMs >= windowMs) {
        if (bytes < (leastBytesPerS * waitedMs) / 1000)
          throw new ConnectionFailure('SLOW', `fewer than ${leastBytesPerS} bytes came in a second`, url.host)
        waitedMs = bytes = 0
      }
      yield next.value
    }
  } finally {
    await iterator.return?.()
  }
}
