// `logs`: what containers wrote, from their log files; with `follow` until they end.

import { watch } from 'node:fs'
import path from 'node:path'
import type { ContainerView } from '../model/container.js'
import type { ContainerLogLine, LogLine } from '../model/log.js'
import { isLive } from '../model/status.js'
import type { Store } from '../platform/store.js'
import { openLog } from '../runtime/log-file.js'
import { containerDir } from '../state/records.js'
import { findContainer } from './find.js'
import { waitForExit } from './wait.js'

export interface LogsRequest {
  readonly follow: boolean
  readonly sinceMs?: number
  readonly untilMs?: number
  /** Only the last lines of what there is at the beginning. */
  readonly tail?: number
}

/** Looking again this often covers file systems whose changes nobody tells (NFS). */
const LOOK_AGAIN_MS = 1000

/** Lines of one container in order; of several merged by time, or as they come with `follow`. Throws NotFoundError before the first line. */
export async function* readLogs(
  store: Store,
  names: readonly string[],
  request: LogsRequest,
): AsyncIterable<ContainerLogLine> {
  const views = await Promise.all(names.map((name) => findContainer(store, name)))
  const streams = views.map((view) => readOne(store, view, request))
  if (streams.length === 1 && streams[0] !== undefined) yield* streams[0]
  else yield* mergeStreams(streams, request.follow)
}

async function* readOne(store: Store, view: ContainerView, request: LogsRequest): AsyncIterable<ContainerLogLine> {
  const file = path.join(containerDir(store.paths, view.record.id), 'ctr.log')
  const changes = request.follow && isLive(view.status) ? followChanges(store, view, file) : undefined
  const log = await openLog(file)
  const containerName = view.record.name
  try {
    const isWanted = timeFilter(request)
    let first: AsyncIterable<LogLine> | Iterable<LogLine> = log?.read() ?? []
    if (request.tail !== undefined) first = await takeLast(first, request.tail, isWanted)
    for await (const line of first) if (isWanted(line)) yield { ...line, containerName }
    while (log !== undefined && changes !== undefined && !changes.ended()) {
      await changes.next()
      for await (const line of log.read()) if (isWanted(line)) yield { ...line, containerName }
    }
  } finally {
    changes?.stop()
    await log?.close()
  }
}

function timeFilter({ sinceMs, untilMs }: LogsRequest): (line: LogLine) => boolean {
  if (sinceMs === undefined && untilMs === undefined) return () => true
  return ({ time }) => {
    const at = Date.parse(time)
    return at >= (sinceMs ?? -Infinity) && at <= (untilMs ?? Infinity)
  }
}

async function takeLast(
  lines: AsyncIterable<LogLine> | Iterable<LogLine>,
  count: number,
  isWanted: (line: LogLine) => boolean,
): Promise<LogLine[]> {
  let kept: LogLine[] = []
  let complete = 0
  for await (const line of lines) {
    if (!isWanted(line)) continue
    kept.push(line)
    if (line.isComplete) complete++
    if (complete > 2 * count + 1024) [kept, complete] = [lastComplete(kept, count), count] // forget in bulk, not line by line
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
  let wake: (() => void) | undefined
  let isDirty = false
  let isOver = false
  const notify = () => {
    isDirty = true
    wake?.()
  }
  const watcher = watch(path.dirname(file), { persistent: false }, notify)
  const timer = setInterval(notify, LOOK_AGAIN_MS)
  const end = () => {
    isOver = true
    notify()
  }
  waitForExit(store, view, aborter.signal).then(end, end)
  let toldEnd = false
  return {
    async next() {
      if (!isDirty) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      isDirty = false
      toldEnd = isOver
    },
    ended: () => toldEnd,
    stop: () => {
      aborter.abort()
      clearInterval(timer)
      watcher.close()
    },
  }
}

/** Several streams into one: by time, or with `follow` whichever has a line. */
async function* mergeStreams(
  streams: readonly AsyncIterable<ContainerLogLine>[],
  follow: boolean,
): AsyncIterable<ContainerLogLine> {
  const iterators = streams.map((stream) => stream[Symbol.asyncIterator]())
  const heads = new Map(iterators.map((iterator) => [iterator, iterator.next()]))
  while (heads.size > 0) {
    const [iterator, result] = follow ? await firstReady(heads) : await earliest(heads)
    heads.delete(iterator)
    if (result.done === true) continue
    heads.set(iterator, iterator.next())
    yield result.value
  }
}

type Heads = ReadonlyMap<AsyncIterator<ContainerLogLine>, Promise<IteratorResult<ContainerLogLine>>>
type Head = [AsyncIterator<ContainerLogLine>, IteratorResult<ContainerLogLine>]

async function firstReady(heads: Heads): Promise<Head> {
  return await Promise.race([...heads].map(async ([iterator, result]): Promise<Head> => [iterator, await result]))
}

async function earliest(heads: Heads): Promise<Head> {
  const ready = await Promise.all([...heads].map(async ([iterator, result]): Promise<Head> => [iterator, await result]))
  const key = ([, result]: Head) => (result.done === true ? '' : result.value.time)
  return ready.reduce((least, head) => (key(head) < key(least) ? head : least))
}
