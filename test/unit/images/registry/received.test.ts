import { PassThrough, Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { readReceived } from '../../../../src/images/registry/received.js'

const KIB = 1024

/** What was read, and the error after it. */
async function readAll(stream: Readable, pauseMs = 0): Promise<{ bytes: number; error: unknown }> {
  let bytes = 0
  try {
    for await (const chunk of readReceived(stream)) {
      bytes += chunk.length
      await delay(pauseMs)
    }
    return { bytes, error: undefined }
  } catch (error) {
    return { bytes, error }
  }
}

test('readReceived() gives everything in order, and ends', async () => {
  const parts = ['one', 'two', 'three'].map((text) => Buffer.from(text))
  const read: Buffer[] = []
  for await (const chunk of readReceived(Readable.from(parts))) read.push(chunk)
  expect(Buffer.concat(read).toString()).toBe('onetwothree')
})

test('readReceived() gives what came before a break to a slow reader, then the break', async () => {
  const stream = new PassThrough()
  const reading = readAll(stream, 5)
  for (let at = 0; at < 10; at++) {
    stream.write(Buffer.alloc(10 * KIB))
    await delay(1)
  }
  stream.destroy(new Error('the cable was pulled'))
  expect(await reading).toEqual({ bytes: 100 * KIB, error: new Error('the cable was pulled') })
})

test('readReceived() lets a sender wait when nobody reads', async () => {
  const stream = new PassThrough()
  const chunks = readReceived(stream)
  const first = chunks.next()
  let taken = 0
  while (stream.write(Buffer.alloc(64 * KIB)) || taken < 32) {
    taken++
    await delay(1)
    if (taken > 100) break
  }
  expect((await first).done).toBe(false)
  expect(stream.isPaused()).toBe(true)
  await chunks.return(undefined)
  expect(stream.destroyed).toBe(true)
})

test('readReceived() tells an end that was there before it, and a stream that was closed', async () => {
  const broken = new PassThrough()
  broken.on('error', () => {})
  broken.destroy(new Error('before'))
  await delay(1)
  expect(await readAll(broken)).toEqual({ bytes: 0, error: new Error('before') })
  const closed = new PassThrough()
  const reading = readAll(closed)
  await delay(1)
  closed.destroy()
  expect(await reading).toMatchObject({ bytes: 0, error: { code: 'ERR_STREAM_PREMATURE_CLOSE' } })
})
