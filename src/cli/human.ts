// Sizes, ages and ids for people's eyes, in the words of docker's go-units as podman uses them. Pure; no Intl (13 ms to load).

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'] as const

/** Three significant digits, powers of 1000: `11.3 kB`. */
export const humanSize = (bytes: number): string => scale(bytes, 3).join(' ')

/** Four of them, or so many, and no space, as go-units has it where nothing is rounded further: `11.31kB`. */
export const exactSize = (bytes: number, digits = 4): string => scale(bytes, digits).join('')

/** The same in powers of 1024: `11.05KiB`. */
export const binarySize = (bytes: number): string => {
  const [size, unit] = scale(bytes, 4, 1024)
  return `${size}${unit === 'B' ? 'B' : `${unit.charAt(0).toUpperCase()}iB`}`
}

function scale(bytes: number, digits: number, base = 1000): [number, string] {
  let size = bytes
  let unit = 0
  for (; size >= base && unit < UNITS.length - 1; unit++) size /= base
  return [Number(size.toPrecision(digits)), UNITS[unit] ?? '']
}

const MINUTE = 60
const HOURS_PER_DAY = 24

/** `Less than a second`, `2 minutes`, `About an hour`, `3 weeks`. */
export function humanDuration(durationMs: number): string {
  const seconds = Math.trunc(durationMs / 1000)
  if (seconds < 1) return 'Less than a second'
  if (seconds === 1) return '1 second'
  if (seconds < MINUTE) return `${seconds} seconds`
  const minutes = Math.trunc(seconds / MINUTE)
  if (minutes === 1) return 'About a minute'
  if (minutes < MINUTE) return `${minutes} minutes`
  const hours = Math.trunc(durationMs / 3_600_000 + 0.5)
  if (hours === 1) return 'About an hour'
  if (hours < 2 * HOURS_PER_DAY) return `${hours} hours`
  const days = Math.trunc(hours / HOURS_PER_DAY)
  if (days < 14) return `${days} days`
  if (days < 60) return `${Math.trunc(days / 7)} weeks`
  if (days < 730) return `${Math.trunc(days / 30)} months`
  return `${Math.trunc(durationMs / 3_600_000 / HOURS_PER_DAY / 365)} years`
}

/** `2 minutes ago`. */
export const humanAge = (timeMs: number, nowMs: number): string => `${humanDuration(nowMs - timeMs)} ago`

/** The 12 digits of an id that lists show. */
export const shortId = (id: string): string => id.replace(/^sha256:/, '').slice(0, 12)

/** Go's time.Time as a string, in UTC: `2026-11-21 23:37:09.449965384 +0000 UTC`. Nanoseconds are kept where the time is in UTC already. */
export function goTime(rfc3339: string): string {
  const utc = rfc3339.endsWith('Z') ? rfc3339 : new Date(rfc3339).toISOString()
  const [, date = '', time = '', fraction = ''] = /^(.{10})T(.{8})(\.\d+)?Z$/.exec(utc) ?? []
  return `${date} ${time}${fraction.replace(/\.?0+$/, '')} +0000 UTC`
}
