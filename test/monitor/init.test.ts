// init: PID 1 of a container (PROTOCOL.md, init), and the program's own words. Run as real containers: being pid 1 is
// the point.

import { copyFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { finish, killLeftovers, run, start } from './monitor-client.js'
import { settled } from './processes.js'
import { makeWorld, monitorPath, runAs, users, type World } from './support.js'

const sanitized = monitorPath.endsWith('-san')

describe.runIf(!sanitized).each(users)('init as $name', (user) => {
  let world: World
  beforeEach(() => {
    world = makeWorld(user)
    copyFileSync(monitorPath, world.path('layers/a/bin/init'))
  })
  afterEach(() => {
    killLeftovers()
    world.remove()
  })
  const init = (...command: string[]): string[] => ['init', 'init', '--', ...command]

  test.each([
    [['sh', '-c', 'exit 7'], 7],
    [['sh', '-c', 'kill -9 $$'], 137],
    [['no-such'], 127],
    [['/etc/passwd'], 126],
  ])('ends with the code of %j', async (command, code) => {
    expect((await run(world, { argv: init(...command) })).exit.slice(0, 2)).toEqual([code, 0])
  })

  test('forwards signals and leaves the command to decide', async () => {
    const monitor = await start(world, {
      argv: init('sh', '-c', 'trap "echo usr" USR1; trap "exit 4" TERM; echo ready; while :; do usleep 10000; done'),
    })
    await monitor.first.untilText('ready')
    monitor.first.send('k', '10')
    await monitor.first.untilText('usr')
    monitor.first.send('k', '15')
    expect((await finish(monitor))[0]).toBe(4)
  })

  test('dies of a signal that its command does not handle', async () => {
    const monitor = await start(world, { argv: init('sh', '-c', 'echo ready; exec sleep 4242') })
    await monitor.first.untilText('ready') // before that init itself may not have set up its signals
    monitor.first.send('k', '15')
    expect((await finish(monitor))[0]).toBe(143)
  })

  test('reaps what the container orphans', async () => {
    const script = 'for i in 1 2 3 4 5; do (true & ) ; done; usleep 200000; cat /proc/[0-9]*/stat'
    const { monitor } = await run(world, { argv: init('sh', '-c', script) })
    const states = monitor.first
      .text()
      .trim()
      .split('\n')
      .map((line) => /\) (\S)/.exec(line)?.[1])
    expect(states.length).toBeLessThan(5)
    expect(states).not.toContain('Z')
  })

  test('gives its command the terminal: ^C reaches it, and it may read', async () => {
    const monitor = await start(world, {
      tty: true,
      stdin: true,
      argv: init('sh', '-c', 'trap "exit 42" INT; read a; echo "got $a"; while :; do usleep 10000; done'),
    })
    monitor.first.send('i', 'word\r')
    await monitor.first.untilText('got word')
    monitor.first.send('i', '\u0003')
    expect((await finish(monitor))[0]).toBe(42)
    expect(await settled(world)).toEqual([])
  })
})

describe('the program', () => {
  const user = users[0]
  if (user === undefined) return

  test.each([
    [[], 64, /^lichen-monitor: usage: /],
    [['fly'], 64, /^lichen-monitor: find: fly: no such subcommand\n$/],
    [['init'], 64, /^lichen-monitor: usage: lichen-monitor init -- CMD/],
    [['init', '--'], 64, /^lichen-monitor: usage: lichen-monitor init -- CMD/],
    [['version', 'x'], 64, /^lichen-monitor: version: x: takes no argument\n$/],
  ])('refuses %j', (words, code, text) => {
    const done = runAs(user, [monitorPath, ...words])
    expect([done.code, done.stdout]).toEqual([code, ''])
    expect(done.stderr).toMatch(text)
  })

  test('tells its version in one line', () => {
    const done = runAs(user, [monitorPath, 'version'])
    expect([done.code, done.stderr]).toEqual([0, ''])
    expect(done.stdout).toMatch(/^lichen-monitor \d+\.\d+\.\d+\n$/)
  })

  test('works with closed standard descriptors', () => {
    expect(runAs(user, ['sh', '-c', '"$1" ns -- true <&- >&- 2>&-; echo $?', 'sh', monitorPath]).stdout).toBe('0\n')
  })

  test('works with SIGCHLD ignored by its caller', () => {
    const done = runAs(user, ['sh', '-c', 'trap "" CHLD; exec "$1" init -- sh -c "exit 3"', 'sh', monitorPath])
    expect(done.code).toBe(3)
  })
})
