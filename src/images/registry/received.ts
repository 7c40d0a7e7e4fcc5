// Reads a stream without losing what has come: when a connection breaks, Node drops whatever nobody has read yet, and it would have to be
// fetched again. So it is taken out of the stream as it comes, and the error told after it.

import type { Readable } from 'node:stream'

/** More than this waits in the connection, where the server feels it. */
const MOST_HELD_BYTES = 1024 * 1024

/** Every byte that came, then the end or the stream's error. Gives up the stream when it is given up itself. */
export async function* readReceived(stream: Readable): AsyncGenerator<Buffer> {
  const held: Buffer[] = []
  let heldBytes = 0
  let end: { readonly error?: unknown } | undefined = findEnd(stream)
  let wake = (): void => undefined
  const finish = (how: { readonly error?: unknown }) => (): void => {
    end ??= how
    wake()
  }
  stream.on('data', (chunk: Buffer) => {
    held.push(chunk)
    heldBytes += chunk.length
    if (heldBytes >= MOST_HELD_BYTES) stream.pause()
    wake()
  })
  stream.once('end', finish({}))
  stream.once('error', (error: unknown) => finish({ error })())
  stream.once('close', finish({ error: cutOff() }))
  try {
    for (;;) {
      const chunk = held.shift()
      if (chunk !== undefined) {
        heldBytes -= chunk.length
        if (heldBytes < MOST_HELD_BYTES) stream.resume()
        yield chunk
      } else if (end === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      } else if ('error' in end) throw end.error
      else return
    }
  } finally {
    stream.destroy()
  }
}

/** A stream that is over tells nobody who comes later. */
function findEnd(stream: Readable): { readonly error?: unknown } | undefined {
  if (stream.readableEnded) return {}
  if (stream.errored !== null) return { error: stream.errored }
  return stream.destroyed ? { error: cutOff() } : undefined
}

function cutOff(): Error {
  return Object.assign(new Error('the connection was closed'), { code: 'ERR_STREAM_PREMATURE_CLOSE' })
}
