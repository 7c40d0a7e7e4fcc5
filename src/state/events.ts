// The event log: events/log, one JSON object a line, appended by every verb and by monitors, read by `events`.

import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import type { ContainerRecord } from '../model/container.js'
import { errorCode } from '../model/errors.js'
import type { Event } from '../model/event.js'
import type { StorePaths } from '../platform/paths.js'
import { eventLogPath, putAsideIfFull } from './event-logs.js'
import { toEventSubject } from './event-text.js'

const NEWLINE = 0x0a

type Told = Omit<Event, 'Time'>

/**
 * Appends what just happened, in one write(2) to a file opened with O_APPEND: lines of many writers never mix. What cannot be written (a full
 * disk, a read-only store) is not: an event is no reason for a verb to fail.
 */
export function appendEvent(paths: StorePaths, told: Told): void {
  const { Type, Status, ...rest } = told
  const line = `${JSON.stringify({ Type, Status, Time: new Date().toISOString(), ...rest })}\n`
  try {
    const fd = openSync(eventLogPath(paths), 'a+', 0o600)
    try {
      writeSync(fd, endsMidLine(fd) ? `\n${line}` : line)
      putAsideIfFull(paths, fd)
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    if (errorCode(error) === undefined) throw error
  }
}

/** A disk that was full has cut the last line short: the next must not be glued to it. */
function endsMidLine(fd: number): boolean {
  const { size } = fstatSync(fd)
  const last = Buffer.alloc(1)
  return size > 0 && readSync(fd, last, 0, 1, size - 1) === 1 && last[0] !== NEWLINE
}

export interface ImageEvent {
  readonly id?: string
  /** Its name, or the file it came from or went to. */
  readonly name?: string
}

export function appendImageEvent(paths: StorePaths, status: string, { id, name }: ImageEvent): void {
  const subject = { ...(id === undefined ? {} : { ID: id }), ...(name === undefined ? {} : { Name: name }) }
  appendEvent(paths, { Type: 'image', Status: status, ...subject, Attributes: null })
}

/** The same for a container's own event. */
export function appendContainerEvent(
  paths: StorePaths,
  record: ContainerRecord,
  status: string,
  more: Partial<Told> = {},
): void {
  appendEvent(paths, { Type: 'container', Status: status, ...toEventSubject(record), ...more })
}

/** Of what is called by its name: volumes. */
export function appendVolumeEvent(paths: StorePaths, status: string, name: string): void {
  appendEvent(paths, { Type: 'volume', Status: status, Name: name, Attributes: null })
}

export function appendSecretEvent(paths: StorePaths, status: string, { id, name }: Required<ImageEvent>): void {
  appendEvent(paths, { Type: 'secret', Status: status, ID: id, Name: name, Attributes: null })
}
