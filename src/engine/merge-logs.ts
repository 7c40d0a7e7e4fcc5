// The logs of several containers as one: by time, or as lines come while they are followed.

import { type LogBatch, timeOf } from '../model/log.js'

interface Head {
  readonly source: AsyncIterator<LogBatch>
  batch: LogBatch
  /** The first line of it that was not given yet. */
  at: number
}

/** Each time as many lines of one container as come before those of all others; of lines at the same time first the first container's. */
export async function* mergeByTime(streams: readonly AsyncIterable<LogBatch>[]): AsyncIterable<LogBatch> {
  let heads = await openHeads(streams)
  while (heads.length > 0) {
    const first = heads.reduce((least, head) => (headTime(head) < headTime(least) ? head : least))
    const others = heads.filter((head) => head !== first).map(headTime)
    const { batch, at } = first
    const end = findEnd(batch, at, others)
    yield { ...batch, lines: batch.lines.slice(at, end) }
    if (end < batch.lines.length) first.at = end
    else if (!(await advance(first))) heads = heads.filter((head) => head !== first)
  }
}

async function openHeads(streams: readonly AsyncIterable<LogBatch>[]): Promise<Head[]> {
  const heads: Head[] = []
  for (const stream of streams) {
    const source = stream[Symbol.asyncIterator]()
    const { done, value } = await source.next()
    if (done !== true) heads.push({ source, batch: value, at: 0 })
  }
  return heads
}

/** False: that was all. */
async function advance(head: Head): Promise<boolean> {
  const { done, value } = await head.source.next()
  if (done === true) return false
  head.batch = value
  head.at = 0
  return true
}

function headTime({ batch, at }: Head): string {
  const line = batch.lines[at]
  return line === undefined ? '' : timeOf(line)
}

/** At least one line, so that it always goes on. */
function findEnd({ lines }: LogBatch, from: number, others: readonly string[]): number {
  const limit = others.toSorted()[0]
  if (limit === undefined) return lines.length
  const count = lines.slice(from + 1).findIndex((line) => timeOf(line) >= limit)
  return count < 0 ? lines.length : from + 1 + count
}

type Next = readonly [AsyncIterator<LogBatch>, IteratorResult<LogBatch>]

/** Whichever has lines. */
export async function* mergeAsTheyCome(streams: readonly AsyncIterable<LogBatch>[]): AsyncIterable<LogBatch> {
  const ask = async (source: AsyncIterator<LogBatch>): Promise<Next> => [source, await source.next()]
  const asked = new Map(
    streams.map((stream) => {
      const source = stream[Symbol.asyncIterator]()
      return [source, ask(source)]
    }),
  )
  while (asked.size > 0) {
    const [source, { done, value }] = await Promise.race(asked.values())
    asked.delete(source)
    if (done === true) continue
    asked.set(source, ask(source))
    yield value as LogBatch
  }
}
