// lichen events

import { asText, list, toggle, value } from '../cli/flags.js'
import { onlySaid } from '../cli/only-said.js'
import { parseTime, parseUntil } from '../cli/values/time.js'
import { parseEventFilter } from '../cli/views/events.js'
import type { Event } from '../model/event.js'
import { BaseCommand } from './base-command.js'

export default class Events extends BaseCommand {
  static override summary = 'Show what happens to containers, images and volumes'
  static override description =
    'Prints what happens from now on, until it is interrupted; with --since also what happened before, with --stream=false only that.'
  static override usage = '[options]'
  static override examples = [
    'lichen events --since 1h --stream=false',
    'lichen events --filter container=web --format json',
  ]
  static override aliases = ['system:events']
  static override flags = {
    filter: list('Only some: event=, type=, container=, image=, volume=, label=', parseEventFilter, { char: 'f' }),
    format: value('"json" or a Go template', asText),
    'no-trunc': toggle('Show whole IDs', { default: true }),
    since: value('From this time on: 10m (ago), 2026-01-31T12:00:00Z or Unix seconds', parseTime, { type: 'time' }),
    stream: toggle('Go on with what happens from now on', { default: true }),
    until: value('Up to this time: 10m (from now), or a time as for --since', parseUntil, { type: 'time' }),
  }
  static override group = 'System' as const

  override async run(): Promise<void> {
    const { flags } = await this.parse(Events)
    const { passesEventFilters, showEvents } = await import('../cli/views/events.js')
    const { readEvents } = await import('../engine/events.js')
    const isWanted = (event: Event) => passesEventFilters(flags.filter, event)
    const request = { follow: flags.stream, isWanted, ...onlySaid({ sinceMs: flags.since, untilMs: flags.until }) }
    await showEvents(readEvents(await this.openEngine(), request), flags)
  }
}
