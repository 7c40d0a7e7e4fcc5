// `events`: what happened, from the event log; then what happens, until nobody wants to know any more.

import { type FileHandle, open } from 'node:fs/promises'
import { errorCode } from '../model/errors.js'
import type { Event } from '../model/event.js'
import type { Store } from '../platform/store.js'
import { watchDirectory } from '../platform/watch-directory.js'
import { eventLogPath, listLogsAside } from '../state/event-logs.js'

export interface EventsRequest {
  readonly sinceMs?: number
  readonly untilMs?: number
  /** Go on with what happens from now on (until `untilMs`, if there is one). */
  readonly follow: boolean
  readonly isWanted: (event: Event) => boolean
}

const CHUNK_BYTES = 64 * 1024
/** No timer of Node's is longer. */
const LONGEST_WAIT_MS = 2 ** 31 - 1

/** Without `sinceMs` and with `follow`, only what happens from now on (as podman). Ends when the caller stops asking. */
export async function* readEvents(store: Store, request: EventsRequest): AsyncIterable<Event> {
  const { sinceMs, untilMs = Infinity, follow, isWanted } = request
  const isFollowing = follow && untilMs > Date.now()
  const from = sinceMs ?? (isFollowing ? Date.now() : -Infinity)
  const changes = isFollowing ? watchLog(store, untilMs) : undefined
  const logs = openLogs(store)
  const isInTime = ({ Time }: Event) => Date.parse(Time) >= from && Date.parse(Time) <= untilMs
  try {
    do for await (const event of logs.read()) if (isInTime(event) && isWanted(event)) yield event
    while ((await changes?.next()) === true)
  } finally {
    changes?.stop()
    await logs.close()
  }
}

interface OpenLog {
  readonly handle: FileHandle
  readonly inode: number
  position: number
  rest: Buffer
}

/** Every log there is and will be, each read on from where the last call ended: also one put aside in between, or written to after that. */
function openLogs(store: Store): { read(): AsyncIterable<Event>; close(): Promise<void> } {
  let known: OpenLog[] = []
  return {
    async *read() {
      const listed = await openListed(store)
      const fresh = listed.filter(({ inode }) => known.every((log) => log.inode !== inode))
      for (const { handle } of listed.filter((log) => !fresh.includes(log))) await handle.close()
      // one that is known stays open while it is listed: closed and forgotten it would be read again from its beginning
      const gone = known.filter(({ inode }) => listed.every((log) => log.inode !== inode))
      known = [...known, ...fresh]
      for (const log of known) yield* readOn(log)
      for (const { handle } of gone) await handle.close()
      known = known.filter((log) => !gone.includes(log))
    },
    async close() {
      for (const { handle } of known) await handle.close()
    },
  }
}

/** Oldest first. The one being written is opened before the others are looked for: put aside in between it would be among neither. */
async function openListed(store: Store): Promise<OpenLog[]> {
  const current = await openLog(eventLogPath(store.paths))
  const aside: OpenLog[] = []
  for (const file of listLogsAside(store.paths)) {
    const log = await openLog(file)
    if (log?.inode === current?.inode) await log?.handle.close()
    else if (log !== undefined) aside.push(log)
  }
  return current === undefined ? aside : [...aside, current]
}

async function openLog(file: string): Promise<OpenLog | undefined> {
  try {
    const handle = await open(file, 'r')
    return { handle, inode: (await handle.stat()).ino, position: 0, rest: Buffer.alloc(0) }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

async function* readOn(log: OpenLog): AsyncIterable<Event> {
  for (;;) {
    const { bytesRead, buffer } = await log.handle.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, log.position)
    if (bytesRead === 0) return
    log.position += bytesRead
    const bytes = Buffer.concat([log.rest, buffer.subarray(0, bytesRead)])
    const end = bytes.lastIndexOf(0x0a) + 1
    for (const line of bytes.toString('utf8', 0, end).split('\n')) {
      const event = parseEvent(line)
      if (event !== undefined) yield event
    }
    log.rest = bytes.subarray(end)
  }
}

/** Undefined for what is no event: half a line after a full disk. */
function parseEvent(line: string): Event | undefined {
  if (line === '') return undefined
  try {
    return JSON.parse(line) as Event
  } catch {
    return undefined
  }
}

interface Changes {
  /** Resolves when there may be more; false: the time is over, and all has been read that there was then. */
  next(): Promise<boolean>
  stop(): void
}

function watchLog(store: Store, untilMs: number): Changes {
  const directory = watchDirectory(store.paths.events)
  const end = setTimeout(directory.notify, Math.min(untilMs - Date.now(), LONGEST_WAIT_MS))
  let isLast = false
  return {
    async next() {
      if (isLast) return false
      if (Date.now() < untilMs) await directory.changed()
      isLast = Date.now() >= untilMs
      return true
    },
    stop() {
      directory.stop()
      clearTimeout(end)
    },
  }
}
