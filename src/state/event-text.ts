// What stands in each of a container's events: its id, image, name and labels. Kept in a file of its own, since the monitor, which reads
// no JSON, copies it into the events it writes (PROTOCOL.md, event_file).

import path from 'node:path'
import type { ContainerRecord } from '../model/container.js'
import type { Event } from '../model/event.js'
import { writeFileAtomic } from '../platform/files.js'

export type EventSubject = Pick<Event, 'ID' | 'Image' | 'Name' | 'Attributes'>

export function toEventSubject({ id, name, plan }: ContainerRecord): EventSubject {
  return { ID: id, Image: plan.image.name, Name: name, Attributes: plan.labels }
}

export const eventTextPath = (dir: string): string => path.join(dir, 'event')

/** Whenever the name changes, too. The members of a JSON object, without its braces. */
export function writeEventText(dir: string, record: ContainerRecord): void {
  const text = JSON.stringify(toEventSubject(record)).slice(1, -1)
  writeFileAtomic(eventTextPath(dir), text, { durable: false })
}
