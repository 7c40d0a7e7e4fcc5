// Go's time.ParseDuration: `300ms`, `1.5h`, `2h45m`. Also a bare number where podman takes one.

import { UsageError } from '../../model/errors.js'

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

/** Milliseconds, possibly with a fraction; undefined when it is no duration. */
export function parseDurationMs(input: string): number | undefined {
  const match = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h))+|0)$/.exec(input)
  if (match === null) return undefined
  let total = 0
  for (const [, amount, unit] of (match[2] as string).matchAll(/([\d.]+)(ns|us|µs|ms|s|m|h)/g))
    total += Number(amount) * (UNIT_MS[unit as string] as number)
  return match[1] === '-' ? -total : total
}

/** Milliseconds, none below zero. */
export function parseDuration(input: string): number {
  const ms = parseDurationMs(input)
  if (ms === undefined || ms < 0) throw invalidDuration(input)
  return ms
}

/** `wait --interval`: a duration, or a bare number of milliseconds. */
export function parseInterval(input: string): number {
  const ms = /^\d+$/.test(input) ? Number(input) : parseDurationMs(input)
  if (ms === undefined || ms < 0) throw invalidDuration(input)
  return ms
}

const invalidDuration = (input: string): UsageError =>
  new UsageError(`time: invalid duration "${input}": one is like 250ms, 1.5s or 2h45m`)
