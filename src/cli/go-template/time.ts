// Go's time.Time and time.Duration as templates have them: they print as Go prints them, and a time has its methods. Always in UTC.

import { goDuration } from '../go-duration.js'
import { goTime } from '../human.js'
import { printable, type Struct } from './values.js'

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
]
const NANOSECOND_DIGITS = 9
const ZERO_TIME = '0001-01-01T00:00:00Z'

/** `rfc3339`: what JSON shows. */
export function timeValue(rfc3339: string): Struct {
  const time = toTime(rfc3339)
  const { date } = time
  const seconds = Math.floor(date.getTime() / 1000)
  const methods = {
    Unix: () => seconds,
    UnixMilli: () => date.getTime(),
    UnixNano: () => `${seconds === 0 ? '' : seconds}${time.fraction}`,
    IsZero: () => date.getTime() === Date.parse(ZERO_TIME),
    Year: () => date.getUTCFullYear(),
    Month: () => MONTHS[date.getUTCMonth()],
    Day: () => date.getUTCDate(),
    Weekday: () => DAYS[date.getUTCDay()],
    Hour: () => date.getUTCHours(),
    Minute: () => date.getUTCMinutes(),
    Second: () => date.getUTCSeconds(),
    Format: (layout: unknown) => formatTime(time, String(layout)),
    String: () => goTime(rfc3339),
    UTC: () => value,
    Local: () => value,
  }
  const value: Struct = printable(goTime(rfc3339), rfc3339, methods)
  return value
}

export function durationValue(durationNs: number): Struct {
  const seconds = durationNs / 1e9
  return printable(goDuration(durationNs), durationNs, {
    Seconds: () => seconds,
    Minutes: () => seconds / 60,
    Hours: () => seconds / 3600,
    Milliseconds: () => Math.trunc(durationNs / 1e6),
    Nanoseconds: () => durationNs,
    String: () => goDuration(durationNs),
  })
}

interface Time {
  readonly date: Date
  /** Nanoseconds, nine digits. */
  readonly fraction: string
}

function toTime(rfc3339: string): Time {
  const fraction = /\.(\d+)/.exec(rfc3339)?.[1] ?? ''
  return { date: new Date(rfc3339), fraction: fraction.padEnd(NANOSECOND_DIGITS, '0').slice(0, NANOSECOND_DIGITS) }
}

/** The words of a layout that stand for parts of a time (Go's time package, "Layout"), longer ones first. */
const LAYOUT =
  /January|Jan|Monday|Mon|MST|2006|-07:00|-0700|-07|Z07:00|Z0700|[.,]0+(?!\d)|[.,]9+(?!\d)|01|02|03|04|05|06|15|_2|PM|pm|1|2|3|4|5/g

function formatTime(time: Time, layout: string): string {
  return layout.replace(LAYOUT, (word) => formatPart(word, time))
}

const two = (value: number): string => String(value).padStart(2, '0')

function formatPart(word: string, { date, fraction }: Time): string {
  const [hour, minute, second] = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()]
  const [month, day, hour12] = [date.getUTCMonth() + 1, date.getUTCDate(), hour % 12 === 0 ? 12 : hour % 12]
  const year = String(date.getUTCFullYear()).padStart(4, '0')
  const parts: Readonly<Record<string, string>> = {
    ...{
      January: MONTHS[month - 1] ?? '',
      Jan: (MONTHS[month - 1] ?? '').slice(0, 3),
      '01': two(month),
      '1': `${month}`,
    },
    ...{ Monday: DAYS[date.getUTCDay()] ?? '', Mon: (DAYS[date.getUTCDay()] ?? '').slice(0, 3) },
    ...{ '2006': year, '06': year.slice(-2), '02': two(day), '2': `${day}`, _2: `${day}`.padStart(2) },
    ...{
      '15': two(hour),
      '03': two(hour12),
      '3': `${hour12}`,
      PM: hour < 12 ? 'AM' : 'PM',
      pm: hour < 12 ? 'am' : 'pm',
    },
    ...{ '04': two(minute), '4': `${minute}`, '05': two(second), '5': `${second}` },
    ...{ MST: 'UTC', 'Z07:00': 'Z', Z0700: 'Z', '-07:00': '+00:00', '-0700': '+0000', '-07': '+00' },
  }
  return parts[word] ?? formatFraction(word, fraction)
}

/** `.000` has as many digits; `.999` as many but for zeros at the end. */
function formatFraction(word: string, fraction: string): string {
  const digits = fraction.slice(0, word.length - 1)
  if (word[1] === '0') return `${word[0]}${digits}`
  const significant = digits.replace(/0+$/, '')
  return significant === '' ? '' : `${word[0]}${significant}`
}
