// The event log: many writers at once, logs put aside while others write and read, a disk that takes no more.

import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { readEvents } from '../../../src/engine/events.js'
import type { Event } from '../../../src/model/event.js'
import type { Store } from '../../../src/platform/store.js'
import { appendEvent, eventLogPath, listEventLogs } from '../../../src/state/events.js'
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

test('no event is lost or torn when fifty processes write, and logs are put aside under them', async ({ bench }) => {
  const { store } = bench
  const [writers, each] = [50, 80]
  await appendInProcesses(store.paths, { writers, each, paddingBytes: 400 })
  const names = (await told(store)).map(({ Name = '' }) => Name)
  expect(new Set(names).size).toBe(writers * each)
  expect(names).toHaveLength(writers * each)
  expect(readdirSync(store.paths.events).length).toBeGreaterThan(1)
}, 60_000)

test('the oldest of many logs go, the newest stay', async ({ bench: { store } }) => {
  const padding = 'x'.repeat(600_000)
  for (let number = 0; number < 20; number++)
    appendEvent(store.paths, { ...volume(`${number}`), Attributes: { padding } })
  expect(listEventLogs(store.paths).length).toBe(5)
  const names = (await told(store)).map(({ Name }) => Name)
  expect(names).toEqual(Array.from({ length: names.length }, (_, index) => `${20 - names.length + index}`))
})

test('readEvents follows over logs that are put aside, and reads what is still written to them', async ({ bench }) => {
  const { store } = bench
  const padding = 'x'.repeat(1 << 20)
  const following = collect(readEvents(store, { follow: true, sinceMs: 0, isWanted }), 6)
  const written: string[] = []
  for (let number = 0; number < 6; number++) {
    const name = `n${number}`
    appendEvent(store.paths, number % 2 === 0 ? { ...volume(name), Attributes: { padding } } : volume(name))
    written.push(name)
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect((await following).map(({ Name }) => Name).sort()).toEqual(written)
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
