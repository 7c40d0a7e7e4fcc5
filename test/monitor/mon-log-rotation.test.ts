// mon: log rotation (PROTOCOL.md, log_max_size and log_max_files), also when others have a hand in the log.

import { existsSync, mkdirSync, readFileSync, renameSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { eachWorld, finish, type Monitor, run, start } from './monitor-client.js'
import { prepare, users, type World } from './support.js'

const MAX_SIZE = 20_000
const RECORD = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z stdout ([FP]) (\d*)$/

// The oldest first. Fails on anything but whole records; a line may have come in two parts.
function numbersIn(files: readonly string[]): number[] {
  const texts = files.flatMap((file) => {
    const records = readFileSync(file, 'utf8').split('\n')
    expect(records.pop(), `what follows the last line of ${file}`).toBe('')
    return records.map((record) => {
      const [, kind, text] = RECORD.exec(record) ?? []
      if (text === undefined) throw new Error(`torn line in ${file}: ${record}`)
      return kind === 'F' ? `${text}\n` : text
    })
  })
  return texts.join('').trimEnd().split('\n').map(Number)
}

const upTo = (last: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => last - count + 1 + index)

describe.each(users)('mon as $name', (user) => {
  let world: World
  eachWorld(user, (made) => {
    world = made
  })
  const rotating = (files: number): string[] => [`log_max_size=${MAX_SIZE}`, `log_max_files=${files}`]
  // A line of its own for each line of input; resolves when all of it is in the log.
  async function say(monitor: Monitor, first: number, last: number): Promise<void> {
    for (let at = first; at <= last; at++) monitor.first.send('i', `${at}\n`)
    await monitor.first.untilText(`\n${last}\n`)
  }

  test('loses and tears no line when a log is rotated many times', async () => {
    const { monitor } = await run(world, { argv: ['seq', '1', '5000'], words: rotating(100) })
    const log = monitor.prepared.log
    const older: string[] = []
    while (existsSync(`${log}.${older.length + 1}`)) older.unshift(`${log}.${older.length + 1}`)
    expect(older.length).toBeGreaterThan(10)
    expect(numbersIn([...older, log])).toEqual(upTo(5000, 5000))
    for (const file of [...older, log]) {
      expect(statSync(file).size).toBeLessThanOrEqual(MAX_SIZE)
      expect(statSync(file).mode & 0o777).toBe(0o600)
    }
    expect(monitor.stderr()).toBe('')
  })

  test.each([1, 2, 3])('keeps the newest %i files and no other', async (files) => {
    const { monitor } = await run(world, { argv: ['seq', '1', '3000'], words: rotating(files) })
    const log = monitor.prepared.log
    const kept = [...Array(files).keys()].map((age) => (age === 0 ? log : `${log}.${age}`)).reverse()
    const numbers = numbersIn(kept)
    expect(numbers).toEqual(upTo(3000, numbers.length))
    expect(existsSync(`${log}.${files}`)).toBe(false)
    expect(existsSync(`${log}.new`)).toBe(false)
  })

  test('goes on with the size that a log of an earlier run has', async () => {
    const prepared = prepare(world, {})
    const log = `${prepared.runDir}/kept.log`
    world.write(log, `${'x'.repeat(MAX_SIZE - 1)}\n`)
    const { monitor } = await run(world, { argv: ['echo', '1'], words: [...rotating(2), `log=${log}`] })
    expect(numbersIn([log])).toEqual([1])
    expect(statSync(`${log}.1`).size).toBe(MAX_SIZE)
    expect(monitor.stderr()).toBe('')
  })

  test('counts anew when somebody else empties the log', async () => {
    const monitor = await start(world, { argv: ['cat'], stdin: true, words: rotating(3) })
    const log = monitor.prepared.log
    await say(monitor, 1, 300)
    truncateSync(log)
    await say(monitor, 301, 600)
    expect(numbersIn([log])).toEqual(upTo(600, 300))
    expect(existsSync(`${log}.1`)).toBe(false)
    monitor.first.send('e')
    await finish(monitor)
  })

  test('begins a new log, and leaves the other alone, when somebody else moves it away', async () => {
    const monitor = await start(world, { argv: ['cat'], stdin: true, words: rotating(3) })
    const log = monitor.prepared.log
    await say(monitor, 1, 300)
    renameSync(log, `${log}.theirs`)
    await say(monitor, 301, 700)
    expect(numbersIn([`${log}.theirs`, log])).toEqual(upTo(700, 700))
    expect(existsSync(`${log}.1`)).toBe(false)
    monitor.first.send('e')
    await finish(monitor)
  })

  test('goes on in the old file, and says so once, when it cannot make a new one', async () => {
    const prepared = prepare(world, {})
    const log = `${prepared.runDir}/kept.log`
    mkdirSync(`${log}.new`)
    const { monitor } = await run(world, { argv: ['seq', '1', '3000'], words: [...rotating(3), `log=${log}`] })
    expect(numbersIn([log])).toEqual(upTo(3000, 3000))
    expect(monitor.stderr()).toBe(`lichen-monitor: rotate: ${log}: Is a directory\n`)
  })

  test('gives a line longer than a whole log a file of its own', async () => {
    writeFileSync(world.path('layers/a/long'), `1\n${'x'.repeat(10_000)}\n2\n`)
    const { monitor } = await run(world, { argv: ['cat', '/long'], words: ['log_max_size=1000', 'log_max_files=9'] })
    const log = monitor.prepared.log
    expect(readFileSync(`${log}.1`, 'utf8')).toMatch(/^\S+ stdout F x{10000}\n$/)
    expect(numbersIn([`${log}.2`, log])).toEqual([1, 2])
  })

  test('never rotates what is no file', async () => {
    const { monitor } = await run(world, { argv: ['seq', '1', '3000'], words: [...rotating(3), 'log=/dev/null'] })
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true)
    expect(monitor.stderr()).toBe('')
  })
})
