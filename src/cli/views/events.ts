// How `events` prints one: podman's line, JSON, or a Go template; and its filters.

import type { Event } from '../../model/event.js'
import { type Filter, passes } from '../../model/filter.js'
import { isJson, unescapeFormat } from '../format.js'
import { compileTemplate } from '../go-template/template.js'
import { writeOut } from '../output.js'
import { filterParser } from '../values/filter.js'

const KINDS = ['container', 'image', 'volume', 'secret', 'network'] as const
/** `event` and `type` compare the event itself, a kind its object's name or the beginning of its id. */
export const parseEventFilter = filterParser(['event', 'type', 'label', ...KINDS], { canNegate: false })

export function passesEventFilters(filters: readonly Filter[], event: Event): boolean {
  return passes(filters, (key, value) => {
    if (key === 'event') return event.Status === value
    if (key === 'type') return event.Type === value
    if (key === 'label') return hasLabel(event, value)
    return event.Type === key && (isNamed(event.Name ?? '', value) || (event.ID?.startsWith(value) ?? false))
  })
}

/** An image is also meant by its name without registry, and without `:latest`. */
function isNamed(name: string, value: string): boolean {
  const bare = name.replace(/:latest$/, '')
  return [name, bare].some((full) => full === value || full.endsWith(`/${value}`))
}

function hasLabel({ Attributes }: Event, label: string): boolean {
  const equals = label.indexOf('=')
  if (equals < 0) return Attributes?.[label] !== undefined
  return Attributes?.[label.slice(0, equals)] === label.slice(equals + 1)
}

export interface EventsFlags {
  readonly format?: string | undefined
  readonly 'no-trunc': boolean
}

/** Returns when the events end or nobody reads any more. */
export async function showEvents(events: AsyncIterable<Event>, flags: EventsFlags): Promise<void> {
  const print = toPrinter(flags)
  for await (const event of events) if (!writeOut(`${print(event)}\n`)) return
}

function toPrinter({ format, 'no-trunc': noTrunc }: EventsFlags): (event: Event) => string {
  if (isJson(format)) return (event) => JSON.stringify(event)
  if (format === undefined) return (event) => toLine(event, noTrunc)
  const template = compileTemplate('events', unescapeFormat(format))
  return (event) => template(toRow(event)).replace(/\n$/, '')
}

/** A field that an event has not is empty, no mistake in the template. */
function toRow(event: Event): Readonly<Record<string, unknown>> {
  const { Attributes, ContainerExitCode = 0, HealthStatus = '', ID = '', Image = '', Name = '', ...rest } = event
  return {
    ...rest,
    Attributes: Attributes ?? {},
    ContainerExitCode,
    HealthStatus,
    ID,
    Image,
    Name,
    Time: goTime(event.Time),
  }
}

function toLine(event: Event, noTrunc: boolean): string {
  const { Type, Status, ID = '', Name = '', Image = '', Attributes } = event
  const id = noTrunc ? ID : ID.slice(0, 12)
  const head = `${goTime(event.Time)} ${Type} ${Status}`
  if (Type !== 'container') return [head, ...[id, Name].filter((word) => word !== '')].join(' ')
  const health = event.HealthStatus === undefined ? [] : [`health_status=${event.HealthStatus}`]
  const labels = Object.entries(Attributes ?? {}).map(([key, value]) => `${key}=${value}`)
  return `${head} ${id} (${[`image=${Image}`, `name=${Name}`, ...health, ...labels].join(', ')})`
}

/** As Go prints a time: `2026-01-31 12:00:00.123456789 +0100 CET`, here in the local zone. */
function goTime(time: string): string {
  const at = new Date(time)
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
  const fraction = /\.(\d*?)0*Z$/.exec(time)?.[1] ?? ''
  const offset = -at.getTimezoneOffset()
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`
  return `${day} ${clock}${fraction === '' ? '' : `.${fraction}`} ${zone} ${zoneName(at, zone)}`
}

function zoneName(at: Date, offset: string): string {
  if (offset === '+0000') return 'UTC'
  const name = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' })
    .formatToParts(at)
    .find(({ type }) => type === 'timeZoneName')
  return name === undefined || name.value.startsWith('GMT') ? offset : name.value
}
