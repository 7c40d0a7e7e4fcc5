// The event log: many writers at once, logs put aside while others write and read, a disk that takes no more.

import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { readEvents } from '../../../src/engine/events.js'
import type { Event } from '../../../src/model/event.js'
import type { Store } from '../../../src/platform/store.js'
import { eventLogPath, listLogsAside } from '../../../src/state/event-logs.js'
import { appendEvent } from '../../../src/state/events.js'
import { appendInProcesses } from '../../support/event-writers.js'
import { test } from '../../support/store-test.js'

const isWanted = () => true
async function collect(events: AsyncIterable<Event>, upTo = Infinity): Promise<Event[]> {
  const found: Event[] = []
  for await (const event of events) {
    found.push(event)
    if (found.length >= upTo) break
  }
  return found
}
const told = (store: Store, more: object = {}) => collect(readEvents(store, { follow: false, isWanted, ...more }))
const volume = (Name: string) => ({ Type: 'volume', Status: 'create', Name }) as const

test('appendEvent writes a line with the time, which readEvents reads', async ({ bench: { store } }) => {
  appendEvent(store.paths, volume('a'))
  const [event, ...others] = await told(store)
  expect(others).toEqual([])
  expect(event).toEqual({ ...volume('a'), Time: expect.stringMatching(/^20\d\d-\d\d-\d\dT.*Z$/) })
  expect(await told(store, { sinceMs: Date.now() + 1000 })).toEqual([])
  expect(await told(store, { untilMs: 0 })).toEqual([])
})

test('appendEvent begins a new line after one that a full disk has cut short', async ({ bench: { store } }) => {
  appendEvent(store.paths, volume('before'))
  const log = eventLogPath(store.paths)
  writeFileSync(log, `${readFileSync(log, 'utf8')}{"Type":"vol`)
  for (const name of ['after', 'later']) appendEvent(store.paths, volume(name))
  expect((await told(store)).map(({ Name }) => Name)).toEqual(['before', 'after', 'later'])
  expect(readFileSync(log, 'utf8')).toMatch(/^\{.*\}\n\{"Type":"vol\n\{.*\}\n\{.*\}\n$/)
})

test('no event is lost or torn when fifty processes write, and logs are put aside under them', async ({ bench }) => {
  const { store } = bench
  const [writers, each] = [50, 80]
  await appendInProcesses(store.paths, { writers, each, paddingBytes: 400 })
  const names = (await told(store)).map(({ Name = '' }) => Name)
  expect(new Set(names).size).toBe(writers * each)
  expect(names).toHaveLength(writers * each)
  expect(listLogsAside(store.paths).length).toBeGreaterThan(0)
  // none was put aside by two: the second would have taken the one begun after it
  for (const log of listLogsAside(store.paths)) expect(statSync(log).size).toBeGreaterThan(1 << 20)
}, 60_000)

test('a process that was killed when it put a log aside keeps nobody from it for long', ({ bench: { store } }) => {
  const large = { ...volume('large'), Attributes: { padding: 'x'.repeat(1 << 20) } }
  const lock = join(store.paths.events, 'turning')
  mkdirSync(lock)
  appendEvent(store.paths, large)
  expect(listLogsAside(store.paths)).toEqual([])
  utimesSync(lock, 0, 0)
  for (const told of [volume('finds it old'), volume('takes it'), volume('next')]) appendEvent(store.paths, told)
  expect(listLogsAside(store.paths)).toHaveLength(1)
  expect(readdirSync(store.paths.events)).not.toContain('turning')
})

test('the oldest of many logs go, the newest stay', async ({ bench: { store } }) => {
  const padding = 'x'.repeat(600_000)
  for (let number = 0; number < 20; number++)
    appendEvent(store.paths, { ...volume(`${number}`), Attributes: { padding } })
  expect(listLogsAside(store.paths).length).toBe(4)
  const names = (await told(store)).map(({ Name }) => Name)
  expect(names).toEqual(Array.from({ length: names.length }, (_, index) => `${20 - names.length + index}`))
})

test('readEvents follows over logs that are put aside, and reads what is still written to them', async ({ bench }) => {
  const { store } = bench
  const padding = 'x'.repeat(1 << 20)
  const seen: string[] = []
  const events = readEvents(store, { follow: true, sinceMs: 0, isWanted })
  const write = (name: string, isLarge: boolean) =>
    appendEvent(store.paths, isLarge ? { ...volume(name), Attributes: { padding } } : volume(name))
  for (const name of ['a0', 'a1', 'a2']) write(name, true) // each fills a log: it finds all of them put aside
  const reading = (async () => {
    for await (const { Name = '' } of events) if (seen.push(Name) === 9) return
  })()
  for (let number = 0; number < 6; number++) {
    write(`b${number}`, number % 2 === 0)
    // every second time it reads between two, else it finds both
    if (number % 2 === 1) await expect.poll(() => seen.length).toBe(4 + number)
  }
  await reading
  expect(seen).toEqual(['a0', 'a1', 'a2', 'b0', 'b1', 'b2', 'b3', 'b4', 'b5'])
})

test('readEvents ends at its time when it follows', async ({ bench: { store } }) => {
  appendEvent(store.paths, volume('before'))
  expect(await told(store, { follow: true, sinceMs: 0, untilMs: Date.now() + 300 })).toHaveLength(1)
})

test('readEvents passes over half a line', async ({ bench: { store } }) => {
  appendEvent(store.paths, volume('a'))
  writeFileSync(eventLogPath(store.paths), '{"Type":"vol\n', { flag: 'a' })
  appendEvent(store.paths, volume('b'))
  expect((await told(store)).map(({ Name }) => Name)).toEqual(['a', 'b'])
})

test('appendEvent fails nobody when there is nowhere to write', async ({ bench: { store } }) => {
  rmSync(join(store.paths.events), { recursive: true })
  appendEvent(store.paths, volume('a'))
  expect(readdirSync(store.paths.root)).not.toContain('events')
})
