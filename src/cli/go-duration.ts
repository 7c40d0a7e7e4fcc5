// Durations as Go prints them (time.Duration.String): `1h2m12.497061672s`, `10ms`, `0s`.

const NS = { h: 3_600_000_000_000, m: 60_000_000_000, s: 1_000_000_000, ms: 1_000_000, µs: 1_000 } as const

export function goDuration(durationNs: number): string {
  const ns = Math.round(durationNs)
  if (ns === 0) return '0s'
  if (ns < NS.µs) return `${ns}ns`
  if (ns < NS.ms) return `${fraction(ns, NS.µs)}µs`
  if (ns < NS.s) return `${fraction(ns, NS.ms)}ms`
  const hours = Math.trunc(ns / NS.h)
  const minutes = Math.trunc((ns % NS.h) / NS.m)
  const seconds = `${fraction(ns % NS.m, NS.s)}s`
  if (hours > 0) return `${hours}h${minutes}m${seconds}`
  return minutes > 0 ? `${minutes}m${seconds}` : seconds
}

/** Exact: the digits after the point are counted, not divided. */
function fraction(ns: number, unit: number): string {
  const digits = String(unit).length - 1
  const rest = String(ns % unit)
    .padStart(digits, '0')
    .replace(/0+$/, '')
  return rest === '' ? String(Math.trunc(ns / unit)) : `${Math.trunc(ns / unit)}.${rest}`
}
