// Merging the logs of several containers by time.

import { expect, test } from 'vitest'
import { mergeByTime } from '../../../src/engine/merge-logs.js'
import { type LogBatch, type LogLine, textOf } from '../../../src/model/log.js'

/** A line at each of these seconds. */
function toBatch(containerName: string, seconds: readonly number[]): LogBatch {
  const lines = seconds.map((second): LogLine => {
    const time = `2026-01-31T12:00:${String(second).padStart(2, '0')}.000000000Z`
    const bytes = Buffer.from(`${time}${containerName}${second}`)
    const at = { timeStart: 0, timeEnd: time.length, textStart: time.length, textEnd: bytes.length }
    return { bytes, ...at, stream: 'stdout', isComplete: true }
  })
  return { containerName, containerId: containerName, lines }
}

async function* stream(name: string, ...batches: readonly number[][]): AsyncIterable<LogBatch> {
  for (const seconds of batches) yield toBatch(name, seconds)
}

async function merged(...streams: readonly AsyncIterable<LogBatch>[]): Promise<string[]> {
  const found: string[] = []
  for await (const { containerName, lines } of mergeByTime(streams)) {
    for (const line of lines) {
      const text = textOf(line).toString()
      expect(text.startsWith(containerName)).toBe(true)
      found.push(text)
    }
  }
  return found
}

test('mergeByTime() orders lines of many batches by their times, each once', async () => {
  const lines = await merged(stream('a', [1, 4, 5], [9]), stream('b', [2, 3], [6, 7, 8]), stream('c'))
  expect(lines).toEqual(['a1', 'b2', 'b3', 'a4', 'a5', 'b6', 'b7', 'b8', 'a9'])
})

test('mergeByTime() gives lines of the same time in the order of the containers, and goes on when times go back', async () => {
  expect(await merged(stream('a', [1, 1, 2]), stream('b', [1, 2]))).toEqual(['a1', 'a1', 'b1', 'a2', 'b2'])
  expect(await merged(stream('a', [5, 1]), stream('b', [3]))).toEqual(['b3', 'a5', 'a1'])
})
