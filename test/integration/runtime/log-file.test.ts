// Reading logs of several files, from the beginning or for their last lines, while they are written and put aside.

import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base, expect } from 'vitest'
import { textOf } from '../../../src/model/log.js'
import { type LogReader, openLog } from '../../../src/runtime/log-file.js'

interface Log {
  readonly file: string
  /** Each a whole line, or a piece of one when it ends with `+`. */
  write(...texts: readonly string[]): void
  putAside(): void
  open(tail?: number): Promise<LogReader>
}

const test = base.extend<{ readonly log: Log }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the fixture's needs from this pattern
  log: async ({}, use) => {
    const dir = mkdtempSync(join(tmpdir(), 'lichen-log-'))
    const file = join(dir, 'ctr.log')
    const readers: LogReader[] = []
    await use({
      file,
      write: (...texts) => appendFileSync(file, texts.map(toLine).join('')),
      putAside: () => {
        for (const number of [3, 2, 1, 0]) renameIfThere(partName(file, number), partName(file, number + 1))
      },
      open: async (tail) => {
        const reader = await openLog(file, tail)
        if (reader === undefined) throw new Error('there is no log')
        readers.push(reader)
        return reader
      },
    })
    for (const reader of readers) await reader.close()
    rmSync(dir, { recursive: true })
  },
})

const partName = (file: string, number: number) => (number === 0 ? file : `${file}.${number}`)
const toLine = (text: string) => `2026-01-31T12:00:00.000000001Z stdout ${text.endsWith('+') ? 'P' : 'F'} ${text}\n`
function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
async function texts(reader: LogReader): Promise<string[]> {
  const found: string[] = []
  for await (const batch of reader.read()) found.push(...batch.map((line) => textOf(line).toString()))
  return found
}

test('openLog finds nothing where nothing was logged', async ({ log }) => {
  expect(await openLog(log.file)).toBeUndefined()
})

test('read goes on in files begun since, whichever moved on in between', async ({ log }) => {
  log.write('1', '2')
  const reader = await log.open()
  expect(await texts(reader)).toEqual(['1', '2'])
  log.write('3')
  log.putAside()
  log.write('4')
  log.putAside()
  log.write('5')
  expect(await texts(reader)).toEqual(['3', '4', '5'])
  expect(await texts(reader)).toEqual([])
  log.putAside()
  expect(await texts(reader)).toEqual([])
  log.write('6')
  expect(await texts(reader)).toEqual(['6'])
})

test('read loses and doubles nothing when files are put aside between any two lines', async ({ log }) => {
  const expected = Array.from({ length: 60 }, (_, index) => `line ${index}`)
  log.write(expected[0] as string)
  const reader = await log.open()
  const found = await texts(reader)
  for (const [index, text] of expected.entries()) {
    if (index === 0) continue
    if (index % 3 === 0) log.putAside()
    log.write(text)
    if (index % 4 === 0) found.push(...(await texts(reader)))
  }
  expect([...found, ...(await texts(reader))]).toEqual(expected)
})

test('read leaves a line that is still being written, and begins anew in a file that was emptied', async ({ log }) => {
  const whole = toLine('whole')
  writeFileSync(log.file, whole.slice(0, 20))
  const reader = await log.open()
  expect(await texts(reader)).toEqual([])
  appendFileSync(log.file, whole.slice(20))
  expect(await texts(reader)).toEqual(['whole'])
  truncateSync(log.file)
  log.write('a')
  expect(await texts(reader)).toEqual(['a'])
})

test('read passes over what is no line of a log', async ({ log }) => {
  writeFileSync(log.file, `torn\n${toLine('a')}\nx y F z\n${toLine('b')}`)
  expect(await texts(await log.open())).toEqual(['a', 'b'])
})

test.for([
  [0, []],
  [1, ['8']],
  [3, ['6', '7', '8']],
  [4, ['5', '6', '7', '8']],
  [6, ['2', '3+', '4', '5', '6', '7', '8']],
  [7, ['1', '2', '3+', '4', '5', '6', '7', '8']],
  [99, ['1', '2', '3+', '4', '5', '6', '7', '8']],
] as const)('openLog reads the last %i lines, whatever files they lie in', async ([count, expected], { log }) => {
  log.write('1', '2', '3+', '4')
  log.putAside()
  log.write('5', '6')
  log.putAside()
  log.write('7', '8')
  const reader = await log.open(count)
  expect(await texts(reader)).toEqual(expected)
  log.write('9')
  expect(await texts(reader)).toEqual(['9'])
})

test('openLog counts what came in pieces as one line, also at the end', async ({ log }) => {
  log.write('1', 'a+', 'b+', 'c', 'd+', 'e+')
  expect(await texts(await log.open(1))).toEqual(['d+', 'e+'])
  expect(await texts(await log.open(2))).toEqual(['a+', 'b+', 'c', 'd+', 'e+'])
})

test('openLog finds the last lines of a log of many chunks', async ({ log }) => {
  const all = Array.from({ length: 5000 }, (_, index) => `${index} ${'x'.repeat(index % 300)}`)
  log.write(...all)
  for (const count of [1, 2, 999, 4999, 5000, 5001])
    expect(await texts(await log.open(count))).toEqual(all.slice(-count))
})

test('openLog reads exactly the last lines there were when it was asked, whatever is written meanwhile', async ({
  log,
}) => {
  log.write('1', '2')
  const reader = await log.open(1)
  log.write('3')
  expect(await texts(reader)).toEqual(['2'])
  log.putAside()
  log.write('4')
  expect(await texts(reader)).toEqual(['3', '4'])
})
