// Trying again: what may be different next time is asked for once more, later each time, at times that differ from the others'
// (jitter), and not before the server has said.

import { HostError, type LichenError } from '../../model/errors.js'

/** An error that may be gone next time. Whoever gives up passes it on as it is. */
export class TransientError extends HostError {
  /** The server asked for this much patience. */
  readonly retryAfterMs: number | undefined

  constructor(message: string, details: { hint?: string; cause?: unknown; retryAfterMs?: number | undefined } = {}) {
    const { retryAfterMs, ...rest } = details
    super(message, rest)
    this.retryAfterMs = retryAfterMs
  }
}

export interface RetryPolicy {
  /** Tries after the first one. */
  readonly retries: number
  /** The same pause each time; undefined: 1 s, doubled each time. */
  readonly delayMs?: number
  readonly onNote: (text: string) => void
  /** Another one in tests. */
  readonly clock?: Clock
}

export interface Clock {
  readonly sleep: (ms: number) => Promise<void>
  /** From 0 to 1. */
  readonly random: () => number
}

const CLOCK: Clock = { sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)), random: Math.random }
const FIRST_DELAY_MS = 1000
const LONGEST_DELAY_MS = 60_000
/** Nobody waits longer for a server's Retry-After. */
const MOST_PATIENCE_MS = 5 * 60_000
/** A break after this much is the first one again: a long download over a bad line has as many tries as it makes progress. */
const PROGRESS_BYTES = 16 * 1024

export interface Tries {
  /** Waits until it is time for the next try. Throws `error` when it is not transient, or when there were enough. `doneBytes`: progress so far. */
  readonly pause: (error: unknown, doneBytes?: number) => Promise<void>
}

export function startTries({ retries, delayMs, onNote, clock = CLOCK }: RetryPolicy): Tries {
  let failures = 0
  let furthestByte = 0
  return {
    pause: async (error, doneBytes = 0) => {
      if (!(error instanceof TransientError)) throw error
      if (doneBytes - furthestByte >= PROGRESS_BYTES) failures = 0
      furthestByte = Math.max(furthestByte, doneBytes)
      if (failures >= retries) throw error
      const ms = Math.max(error.retryAfterMs ?? 0, delayMs ?? jitter(FIRST_DELAY_MS * 2 ** failures, clock))
      if (ms > MOST_PATIENCE_MS && error.retryAfterMs !== undefined) throw tooLong(error, ms)
      failures++
      onNote(`Trying again in ${formatSeconds(ms)}: ${error.message}`)
      await clock.sleep(ms)
    },
  }
}

export async function withRetries<T>(policy: RetryPolicy, attempt: () => Promise<T>): Promise<T> {
  const tries = startTries(policy)
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      await tries.pause(error)
    }
  }
}

/** Three quarters to five quarters of it. */
function jitter(ms: number, { random }: Clock): number {
  return Math.min(ms, LONGEST_DELAY_MS) * (0.75 + random() / 2)
}

function tooLong(error: LichenError, ms: number): HostError {
  return new HostError(error.message, {
    cause: error,
    hint: `the server asks to wait ${formatSeconds(ms)}${error.hint === undefined ? '' : `; ${error.hint}`}`,
  })
}

function formatSeconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 1000)} s`
}

/** `Retry-After: 120`, or a date (RFC 9110 §10.2.3), from `nowMs`. Undefined for anything else. */
export function parseRetryAfter(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000
  const date = /^[A-Z][a-z]{2}/.test(header.trim()) ? Date.parse(header) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs)
}
