// Polling with a bound, in place of every fixed sleep. Fails with what was waited for and what was seen last.

import { setTimeout as delay } from 'node:timers/promises'

export interface WaitOptions {
  readonly timeoutMs?: number
  readonly intervalMs?: number
}

/** Resolves with the first value of `probe` that is neither undefined nor false; throws after `timeoutMs` (default 15 s). */
export async function waitFor<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  { timeoutMs = 15_000, intervalMs = 20 }: WaitOptions = {},
): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const value = await probe()
    if (value !== undefined && value !== false) return value
    if (Date.now() > deadline) throw new Error(`wait for ${what}: not within ${timeoutMs} ms`)
    await delay(intervalMs)
  }
}
