import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ContainerRecord } from '../../../src/model/container.js'
import { BusyError, ConflictError, NotFoundError, UsageError } from '../../../src/model/errors.js'
import { readHostFacts } from '../../../src/platform/host-facts.js'
import { ensureStore, type StorePaths, storePaths } from '../../../src/platform/paths.js'
import { releaseName, reserveName } from '../../../src/state/names.js'
import { createRecord, createRunDir, findRecord, listRecords } from '../../../src/state/records.js'
import { viewContainer } from '../../../src/state/views.js'

let root: string
let paths: StorePaths

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'lichen-state-'))
  paths = storePaths(readHostFacts(), { root: path.join(root, 'root'), runroot: path.join(root, 'run') })
  ensureStore(paths)
})
afterEach(() => rmSync(root, { recursive: true }))

const id = (digit: string) => digit.repeat(64)
const record = (digit: string, name: string) =>
  ({
    schema: 1,
    id: id(digit),
    name,
    createdAt: `2026-01-0${digit}T00:00:00Z`,
    removeOnExit: false,
    plan: { image: { id: 'i', name: 'img' }, labels: {} },
  }) as unknown as ContainerRecord
const durable = { durable: true }

describe('createRecord', () => {
  it('makes record and name visible together, oldest first', async () => {
    await createRecord(paths, record('2', 'b'), durable)
    await createRecord(paths, record('1', 'a'), durable)
    expect(listRecords(paths, () => undefined).map(({ name }) => name)).toEqual(['a', 'b'])
    expect(readFileSync(path.join(paths.containers, id('1'), 'name'), 'utf8')).toBe('a\n') // for its monitor
    expect(readdirSync(paths.staging)).toEqual([])
  })

  it('refuses a name in use and leaves nothing of the second', async () => {
    await createRecord(paths, record('1', 'a'), durable)
    await expect(createRecord(paths, record('2', 'a'), durable)).rejects.toThrow(ConflictError)
    expect(readdirSync(paths.containers)).toEqual([id('1')])
  })

  it('lets exactly one of many win a name', async () => {
    const tries = ['1', '2', '3', '4', '5', '6', '7', '8'].map((digit) =>
      createRecord(paths, record(digit, 'same'), durable),
    )
    const results = await Promise.allSettled(tries)
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(readdirSync(paths.containers)).toHaveLength(1)
  })

  it('takes over a name whose reserver was killed before the record', async () => {
    writeFileSync(path.join(paths.names, 'a'), `${id('9')} 4194304 1\n`)
    await createRecord(paths, record('1', 'a'), durable)
    expect(findRecord(paths, 'a').id).toBe(id('1'))
  })

  it('does not take over a name that a living process is about to use', async () => {
    const staged = path.join(root, 'staged')
    mkdirSync(staged)
    await reserveName(paths, { name: 'a', id: id('9'), staged })
    await expect(createRecord(paths, record('1', 'a'), durable)).rejects.toThrow(/already in use/)
  })

  it.each(['', '-x', 'a/b', '../x', 'a b', '.x'])('refuses the name "%s"', async (name) => {
    await expect(createRecord(paths, record('1', name), durable)).rejects.toThrow(UsageError)
  })
})

describe('releaseName', () => {
  it('frees only a name that is still the container its own', async () => {
    await createRecord(paths, record('1', 'a'), durable)
    releaseName(paths, 'a', id('2'))
    expect(findRecord(paths, 'a').id).toBe(id('1'))
    releaseName(paths, 'a', id('1'))
    releaseName(paths, 'a', id('1'))
    expect(readdirSync(paths.names)).toEqual([])
  })
})

describe('findRecord', () => {
  it('finds by name, id and unique prefix', async () => {
    await createRecord(paths, record('1', 'a'), durable)
    for (const text of ['a', id('1'), '11']) expect(findRecord(paths, text).name).toBe('a')
  })

  it('prefers a name over an id that begins with it', async () => {
    await createRecord(paths, record('1', '22'), durable)
    await createRecord(paths, record('2', 'x'), durable)
    expect(findRecord(paths, '22').id).toBe(id('1'))
  })

  it('refuses an ambiguous prefix and an unknown name', async () => {
    const twins = [record('1', 'a'), { ...record('1', 'b'), id: `${'1'.repeat(63)}2` }]
    for (const twin of twins) await createRecord(paths, twin, durable)
    expect(() => findRecord(paths, '11')).toThrow(UsageError)
    expect(() => findRecord(paths, 'zz')).toThrow(NotFoundError)
    expect(() => findRecord(paths, '../a')).toThrow(NotFoundError)
  })
})

describe('viewContainer', () => {
  it('ignores a start that never had a monitor and runs of another boot', async () => {
    await createRecord(paths, record('1', 'a'), durable)
    const found = findRecord(paths, 'a')
    const run = createRunDir(paths, found.id, 1)
    expect(viewContainer(paths, found).status).toBe('created')
    const report = {
      schema: 1,
      bootId: 'another',
      monitorPid: process.pid,
      monitorStart: 0,
      containerPid: 1,
      containerStart: 0,
      startedAt: 'x',
    }
    writeFileSync(path.join(run, 'monitor.json'), JSON.stringify(report))
    expect(viewContainer(paths, found)).toMatchObject({ status: 'exited', monitorAlive: false })
    mkdirSync(path.join(path.dirname(run), '2'))
    expect(viewContainer(paths, found).runDir).toBe(run)
  })

  it('reads an exit report of the newest run', async () => {
    await createRecord(paths, record('1', 'a'), durable)
    const run = createRunDir(paths, id('1'), 12)
    createRunDir(paths, id('1'), 9)
    writeFileSync(
      path.join(run, 'monitor.json'),
      JSON.stringify({
        schema: 1,
        bootId: 'b',
        monitorPid: 1,
        monitorStart: 1,
        containerPid: 1,
        containerStart: 1,
        startedAt: 'x',
      }),
    )
    writeFileSync(
      path.join(run, 'exit.json'),
      JSON.stringify({ schema: 1, exitCode: 7, signal: 0, oomKilled: null, finishedAt: 'y' }),
    )
    expect(viewContainer(paths, findRecord(paths, 'a'))).toMatchObject({ status: 'exited', exit: { exitCode: 7 } })
  })
})

describe('createRunDir', () => {
  it('lets one of two starters win', async () => {
    await createRecord(paths, record('1', 'a'), durable)
    createRunDir(paths, id('1'), 1)
    expect(() => createRunDir(paths, id('1'), 1)).toThrow(BusyError)
  })
})
