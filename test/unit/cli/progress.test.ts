import { expect, test } from 'vitest'
import { barLine, createProgress } from '../../../src/cli/progress.js'
import type { Digest } from '../../../src/model/image.js'
import type { ProgressEvent } from '../../../src/model/progress.js'

const one: Digest = `sha256:${'1'.repeat(64)}`
const two: Digest = `sha256:${'2'.repeat(64)}`

function event(digest: Digest, doneBytes: number, more: Partial<ProgressEvent> = {}): ProgressEvent {
  return { verb: 'fetch', digest, doneBytes, totalBytes: 1000, isDone: doneBytes === 1000, ...more }
}

function record(isTerminal: boolean) {
  const written: string[] = []
  const clock = { ms: 0 }
  const waiting: (() => void)[] = []
  const target = {
    later: (fn: () => void) => {
      waiting.push(fn)
      return () => void waiting.splice(waiting.indexOf(fn), 1)
    },
    isTerminal: () => isTerminal,
    write: (text: string) => void written.push(text),
    nowMs: () => clock.ms,
  }
  return { written, clock, waiting, progress: createProgress(target) }
}

const readable = (text: string | undefined): string => (text ?? '').replaceAll('\x1b', 'ESC')

test('barLine() shows the share that is done, and fits 80 columns', () => {
  expect(barLine(event(one, 500, { totalBytes: 1000 }))).toBe(
    `Fetching     111111111111  [==============>               ]  500 B / 1 kB`,
  )
  expect(barLine(event(one, 1000))).toBe('Fetched      111111111111  1 kB')
  expect(barLine(event(one, 999_400_000_000, { totalBytes: 999_500_000_000 })).length).toBeLessThanOrEqual(80)
  expect(barLine(event(one, 5, { totalBytes: 0 }))).toContain('[                              ]')
})

test('without a terminal there is one line for each blob, when it is done', () => {
  const { written, progress } = record(false)
  progress.onNote('Pulling x')
  for (const done of [100, 1000, 1000]) progress.onProgress(event(one, done))
  progress.onProgress(event(two, 1000, { verb: 'unpack' }))
  progress.onProgress(event(two, 1000, { verb: 'skip' }))
  expect(written).toEqual(['Pulling x\n', 'Fetched 111111111111  1 kB\n', 'Already here 222222222222  1 kB\n'])
})

test('on a terminal the bars are redrawn in place, and not more often than eyes follow', () => {
  const { written, clock, waiting, progress } = record(true)
  progress.onProgress(event(one, 10))
  progress.onProgress(event(two, 10))
  progress.onProgress(event(one, 20))
  expect(written).toHaveLength(2)
  expect(waiting).toHaveLength(1)
  expect(readable(written[1])).toMatch(/^ESC\[1AESC\[2KFetching {5}1{12}.*\nESC\[2KFetching {5}2{12}.*\n$/)
  clock.ms = 1000
  progress.onProgress(event(one, 30))
  expect(written).toHaveLength(3)
  expect(readable(written[2])).toMatch(/^ESC\[2A/)
  expect(waiting).toHaveLength(0)
  progress.onProgress(event(two, 40))
  waiting[0]?.()
  expect(written[3]).toContain('40 B / 1 kB')
})

test('a note stays above the bars that come after it', () => {
  const { written, progress } = record(true)
  progress.onProgress(event(one, 1000))
  progress.onNote('Trying again')
  progress.onProgress(event(two, 10))
  expect(written[1]).toBe('Trying again\n')
  expect(readable(written[2])).toMatch(/^ESC\[2KFetching {5}2{12}/)
})
