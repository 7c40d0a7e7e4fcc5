import { expect, test } from 'vitest'
import {
  parseRetryAfter,
  type RetryPolicy,
  startTries,
  TransientError,
  withRetries,
} from '../../../../src/images/registry/retry.js'
import { HostError } from '../../../../src/model/errors.js'

/** A policy whose clock only writes down how long it was to sleep. */
function policy(said: Partial<RetryPolicy> = {}): RetryPolicy & { readonly slept: number[]; readonly notes: string[] } {
  const slept: number[] = []
  const notes: string[] = []
  const clock = { sleep: async (ms: number) => void slept.push(ms), random: () => 0.5 }
  return { retries: 3, clock, onNote: (text) => notes.push(text), slept, notes, ...said }
}

const transient = new TransientError('fetch: x: 503')
const failing = (error: Error) => () => Promise.reject(error)

test('withRetries() waits longer each time, and then throws the error itself', async () => {
  const said = policy()
  await expect(withRetries(said, failing(transient))).rejects.toBe(transient)
  expect(said.slept).toEqual([1000, 2000, 4000])
  expect(said.notes[1]).toBe('Trying again in 2 s: fetch: x: 503')
})

test('withRetries() spreads the tries of many around the time', async () => {
  const slept = await Promise.all(
    [0, 0.999].map(async (random) => {
      const sleeps: number[] = []
      const clock = { sleep: async (ms: number) => void sleeps.push(ms), random: () => random }
      await withRetries({ ...policy({ retries: 1 }), clock }, failing(transient)).catch(() => undefined)
      return sleeps[0] ?? 0
    }),
  )
  expect(slept[0]).toBe(750)
  expect(slept[1]).toBeCloseTo(1250, -1)
})

test('withRetries() waits as long as was said, when it was said', async () => {
  const said = policy({ delayMs: 20 })
  await withRetries(said, failing(transient)).catch(() => undefined)
  expect(said.slept).toEqual([20, 20, 20])
})

test('withRetries() gives the answer of the try that works, and never repeats what cannot get better', async () => {
  const said = policy()
  let tries = 0
  expect(await withRetries(said, async () => (++tries < 3 ? failing(transient)() : tries))).toBe(3)
  const final = new HostError('no')
  await expect(withRetries(said, failing(final))).rejects.toBe(final)
  expect(said.slept).toHaveLength(2)
})

test('withRetries() does nothing twice with no retries', async () => {
  const said = policy({ retries: 0 })
  await expect(withRetries(said, failing(transient))).rejects.toBe(transient)
  expect(said.slept).toEqual([])
})

test('withRetries() waits for as long as the server asks, but not for hours', async () => {
  const said = policy({ retries: 1 })
  await withRetries(said, failing(new TransientError('busy', { retryAfterMs: 90_000 }))).catch(() => undefined)
  expect(said.slept).toEqual([90_000])
  const long = new TransientError('busy', { retryAfterMs: 3_600_000, hint: 'log in' })
  const giving = withRetries(said, failing(long))
  await expect(giving).rejects.toMatchObject({ message: 'busy', hint: 'the server asks to wait 3600 s; log in' })
  expect(said.slept).toHaveLength(1)
})

test('startTries() counts anew when there was progress, and only then', async () => {
  const said = policy({ retries: 2 })
  const tries = startTries(said)
  for (const megabytes of [1, 2, 3, 4]) await tries.pause(transient, megabytes * 1_000_000)
  expect(said.slept).toEqual([1000, 1000, 1000, 1000])
  await tries.pause(transient, 4_000_100)
  await expect(tries.pause(transient, 4_000_200)).rejects.toBe(transient)
})

test('startTries() takes coming back to the same place for no progress', async () => {
  const tries = startTries(policy({ retries: 2 }))
  await tries.pause(transient, 1_000_000)
  await tries.pause(transient, 500_000)
  await expect(tries.pause(transient, 1_000_000)).rejects.toBe(transient)
})

test('parseRetryAfter() understands seconds and dates, and nothing else', () => {
  const now = Date.parse('2026-01-01T00:00:00Z')
  expect(parseRetryAfter('120', now)).toBe(120_000)
  expect(parseRetryAfter('Thu, 01 Jan 2026 00:01:00 GMT', now)).toBe(60_000)
  expect(parseRetryAfter('Wed, 31 Dec 2025 00:00:00 GMT', now)).toBe(0)
  for (const header of [null, '', 'soon', '-3', '1.5', '2026']) {
    const expected = header === '2026' ? 2_026_000 : undefined
    expect(parseRetryAfter(header, now)).toBe(expected)
  }
})
