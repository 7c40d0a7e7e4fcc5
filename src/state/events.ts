// The event log: events/log, one JSON object a line, appended by every verb and by monitors, read by `events`. A full log is renamed, so
// that whoever is writing to it in that moment writes to the renamed one, and nothing is lost.

import { closeSync, fstatSync, openSync, readdirSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import path from 'node:path'
import type { ContainerRecord } from '../model/container.js'
import { errorCode } from '../model/errors.js'
import type { Event } from '../model/event.js'
import type { StorePaths } from '../platform/paths.js'
import { toEventSubject } from './event-text.js'

const FULL_BYTES = 1024 * 1024
/** Of logs put aside, the newest are kept. */
const KEPT = 4
const ASIDE = /^log\.\d+$/

export const eventLogPath = (paths: StorePaths): string => path.join(paths.events, 'log')

type Told = Omit<Event, 'Time'>

/**
 * Appends what just happened, in one write(2) to a file opened with O_APPEND: lines of many writers never mix. What cannot be written (a full
 * disk, a read-only store) is not: an event is no reason for a verb to fail.
 */
export function appendEvent(paths: StorePaths, told: Told): void {
  const { Type, Status, ...rest } = told
  const line = `${JSON.stringify({ Type, Status, Time: new Date().toISOString(), ...rest })}\n`
  try {
    const fd = openSync(eventLogPath(paths), 'a', 0o600)
    try {
      writeSync(fd, line)
      const { size, ino } = fstatSync(fd)
      if (size > FULL_BYTES) putAside(paths, ino)
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    if (errorCode(error) === undefined) throw error
  }
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

/**
 * Without a lock: the new name is free for certain, so that of two who do this at once the second puts a short log aside, and overwrites none.
 */
function putAside(paths: StorePaths, inode: number): void {
  const log = eventLogPath(paths)
  if (statSync(log, { throwIfNoEntry: false })?.ino !== inode) return
  const aside = listAside(paths)
  const next = Number(aside.at(-1)?.slice('log.'.length) ?? 0)
  renameSync(log, path.join(paths.events, `log.${String(Math.max(Date.now(), next + 1)).padStart(16, '0')}`))
  for (const old of aside.slice(0, Math.max(0, aside.length + 1 - KEPT)))
    rmSync(path.join(paths.events, old), { force: true })
}

function listAside(paths: StorePaths): string[] {
  return readdirSync(paths.events)
    .filter((name) => ASIDE.test(name))
    .sort()
}

/** All there is, oldest first: those put aside, then the one being written, which need not be there. */
export function listEventLogs(paths: StorePaths): string[] {
  return [...listAside(paths).map((name) => path.join(paths.events, name)), eventLogPath(paths)]
}
