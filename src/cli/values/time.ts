// Points in time for `--since`, `--until` and filters: a duration from now, an RFC 3339 time, or Unix seconds.

import { UsageError } from '../../model/errors.js'
import { parseDurationMs } from './duration.js'

const DATE = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?)?(Z|[+-]\d\d:\d\d)?$/

/** Milliseconds since 1970. A time without a zone is local, as in podman and docker. */
export function parseTime(input: string, nowMs: number = Date.now()): number {
  // before durations: Go's "0" is one, but `--since 0` means everything
  if (/^-?\d+(\.\d+)?$/.test(input)) return Number(input) * 1000
  const durationMs = parseDurationMs(input)
  if (durationMs !== undefined) return nowMs - durationMs
  const timeMs = parseDate(input)
  if (Number.isNaN(timeMs))
    throw new UsageError(
      'unable to interpret time value: it is like 10m (ago), 2026-01-31T12:00:00Z, 2026-01-31 or Unix seconds',
    )
  return timeMs
}

/** For `--until`: there a duration is from now on, as in podman; `-10m` is ten minutes ago. */
export function parseUntil(input: string, nowMs: number = Date.now()): number {
  const isNumber = /^-?\d+(\.\d+)?$/.test(input)
  const durationMs = isNumber ? undefined : parseDurationMs(input)
  return durationMs === undefined ? parseTime(input, nowMs) : nowMs + durationMs
}

/** NaN for what is no date, or no day of the calendar. */
function parseDate(input: string): number {
  const match = DATE.exec(input)
  if (match === null) return Number.NaN
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = ''] = match
  const daysInMonth = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()
  if (Number(day) > daysInMonth) return Number.NaN
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}${zone}`)
}
