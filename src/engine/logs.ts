// `logs`: what containers wrote, from their log files; with `follow` until they end.

import path from 'node:path'
import type { ContainerView } from '../model/container.js'
import { UsageError } from '../model/errors.js'
import { type LogBatch, type LogLine, timeOf } from '../model/log.js'
import { isLive } from '../model/status.js'
import type { Store } from '../platform/store.js'
import { watchDirectory } from '../platform/watch-directory.js'
import { readJournal } from '../runtime/journal.js'
import { openLog } from '../runtime/log-file.js'
import { logPath } from '../runtime/words-log.js'
import { containerDir } from '../state/records.js'
import { findContainer } from './find.js'
import { mergeAsTheyCome, mergeByTime } from './merge-logs.js'
import { waitForExit } from './wait.js'

export interface LogsRequest {
  readonly follow: boolean
  readonly sinceMs?: number
  readonly untilMs?: number
  /** Only the last lines of what there is at the beginning. */
  readonly tail?: number
}

/** The end of the year 9999: later ones have longer texts. */
const LAST_MS = 253_402_300_799_999

/**
 * Lines, many at a time: of one container in order; of several merged by time, or as they come with `follow`. Throws NotFoundError before the
 * first line, UsageError for a container whose output is kept nowhere.
 */
export async function* readLogs(store: Store, names: readonly string[], request: LogsRequest): AsyncIterable<LogBatch> {
  const views = await Promise.all(names.map((name) => findContainer(store, name)))
  for (const view of views) refuseUnlogged(view)
  const streams = views.map((view) => readOne(store, view, request))
  if (streams.length === 1 && streams[0] !== undefined) yield* streams[0]
  else yield* request.follow ? mergeAsTheyCome(streams) : mergeByTime(streams)
}

function refuseUnlogged({ record }: ContainerView): void {
  const { driver } = record.plan.log
  if (driver !== 'none' && driver !== 'passthrough' && driver !== 'passthrough-tty') return
  throw new UsageError(
    `read logs: ${record.name}: this container is using the '${driver}' log driver, cannot read logs: this container is not logging output`,
  )
}

async function* readOne(store: Store, view: ContainerView, request: LogsRequest): AsyncIterable<LogBatch> {
  const { record } = view
  const isTimed = request.sinceMs !== undefined || request.untilMs !== undefined
  const file = logPath(record.plan, containerDir(store.paths, record.id))
  const lines = file === undefined ? readJournal(record.id, request) : readFileLines(store, view, { ...request, file })
  const isWanted = timeFilter(request)
  for await (const batch of lines) {
    const wanted = isTimed ? batch.filter(isWanted) : batch
    if (wanted.length > 0) yield { containerName: record.name, containerId: record.id, lines: wanted }
  }
}

interface FileRequest extends LogsRequest {
  readonly file: string
}

async function* readFileLines(
  store: Store,
  view: ContainerView,
  request: FileRequest,
): AsyncIterable<readonly LogLine[]> {
  const { file, follow, tail } = request
  const changes = follow && isLive(view.status) ? followChanges(store, view, file) : undefined
  const isWanted = timeFilter(request)
  const isTimed = request.sinceMs !== undefined || request.untilMs !== undefined
  let log = await openLog(file, isTimed ? undefined : tail)
  try {
    const first = log?.read() ?? []
    if (tail === undefined || !isTimed) yield* first
    else yield await takeLast(first, tail, isWanted)
    while (changes !== undefined && !changes.ended()) {
      await changes.next()
      log ??= await openLog(file)
      if (log !== undefined) yield* log.read()
    }
  } finally {
    changes?.stop()
    await log?.close()
  }
}

/** By the texts of times, which a fraction more or less keeps in order. */
function timeFilter({ sinceMs, untilMs }: LogsRequest): (line: LogLine) => boolean {
  const from = sinceMs === undefined ? '' : toTimeText(sinceMs)
  const upTo = untilMs === undefined ? undefined : `${toTimeText(untilMs)}~`
  return (line) => {
    const time = timeOf(line)
    return time >= from && (upTo === undefined || time <= upTo)
  }
}

/** Without what comes after milliseconds. */
const toTimeText = (ms: number): string =>
  new Date(Math.min(Math.max(ms, 0), LAST_MS)).toISOString().slice(0, -'Z'.length)

async function takeLast(
  batches: AsyncIterable<readonly LogLine[]> | Iterable<readonly LogLine[]>,
  count: number,
  isWanted: (line: LogLine) => boolean,
): Promise<readonly LogLine[]> {
  let kept: LogLine[] = []
  for await (const batch of batches) {
    kept.push(...batch.filter(isWanted))
    if (kept.length > 2 * count + 1024) kept = lastComplete(kept, count) // forget in bulk, not line by line
  }
  return lastComplete(kept, count)
}

/** The last `count` lines, each with the pieces it came in. */
function lastComplete(lines: readonly LogLine[], count: number): LogLine[] {
  let start = lines.length
  for (let left = count; start > 0; start--) {
    const beginsLine = lines[start - 1]?.isComplete === true || start === lines.length
    if (beginsLine && left-- === 0) break
  }
  return lines.slice(start)
}

interface Changes {
  /** Resolves when there may be more to read. */
  next(): Promise<void>
  /** The container has ended, and `next` has said so once: what is in the file now is all. */
  ended(): boolean
  stop(): void
}

/** Watches before the first read, so that nothing written in between is missed. */
function followChanges(store: Store, view: ContainerView, file: string): Changes {
  const aborter = new AbortController()
  const directory = watchDirectory(path.dirname(file), { persistent: false })
  let isOver = false
  const end = () => {
    isOver = true
    directory.notify()
  }
  waitForExit(store, view, { signal: aborter.signal, onlyLast: true }).then(end, end)
  let toldEnd = false
  return {
    async next() {
      await directory.changed()
      toldEnd = isOver
    },
    ended: () => toldEnd,
    stop: () => {
      aborter.abort()
      directory.stop()
    },
  }
}
