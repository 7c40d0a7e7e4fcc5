// mon: runs after the first, who may give them up, and the timeout of each (PROTOCOL.md, Restart).

import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { Client, eachWorld, finish, killLeftovers, launch, run, start } from './monitor-client.js'
import { leftovers, settled } from './processes.js'
import {
  chownAll,
  compiled,
  makeWorld,
  prepare,
  readJson,
  users,
  type World,
  withoutPidNamespace,
  wrapCrun,
} from './support.js'

const countRuns = 'echo run >> /root/runs; wc -l < /root/runs'

describe.each(users)('mon as $name', (user) => {
  let world: World
  eachWorld(user, (made) => {
    world = made
  })

  test('starts a container that failed again, as often as it was told', async () => {
    const events = world.path('events')
    world.write(world.path('event'), '"Name":"n","ID":"i"\n')
    const { monitor, exit } = await run(world, {
      argv: ['sh', '-c', `${countRuns}; exit 3`],
      words: [
        'restart=on-failure',
        'restart_max=2',
        `pidfile=${world.path('pid')}`,
        `events=${events}`,
        `event_file=${world.path('event')}`,
      ],
    })
    expect(exit.slice(0, 2)).toEqual([3, 0])
    expect(monitor.first.frames.map((one) => one.type).join('')).toBe('mcrozozox')
    expect(monitor.first.frames.find((one) => one.type === 'z')?.payload.toString()).toMatch(/^3 0 (0|-1)$/)
    expect(monitor.first.text()).toBe('1\n2\n3\n')
    expect(readFileSync(monitor.prepared.log, 'utf8').trim().split('\n')).toHaveLength(3)
    expect(readJson(`${monitor.prepared.runDir}/exit.json`)).toMatchObject({ exitCode: 3, signal: 0 })
    const last = readJson(`${monitor.prepared.runDir}/monitor.json`)
    expect(last).toMatchObject({ restarts: 2, lastExit: { exitCode: 3, signal: 0 } })
    expect(readFileSync(world.path('pid'), 'utf8')).toBe(String(last.containerPid))
    const lines = readFileSync(events, 'utf8').trim().split('\n')
    const told = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    const once = ['start', 'died']
    expect(told.map((event) => event.Status)).toEqual([...once, 'restart', ...once, 'restart', ...once])
    expect(told[1]).toMatchObject({ Type: 'container', ContainerExitCode: 3, Name: 'n', ID: 'i' })
    expect(readdirSync(monitor.prepared.runDir).sort()).toEqual([
      'ctr.log',
      'exit.json',
      'monitor.json',
      'oci.log',
      'pid',
    ])
    expect(await settled(world)).toEqual([])
    expect(monitor.stderr()).toBe('')
  })

  test('does not start a container again that did not fail, on failure only', async () => {
    const { monitor } = await run(world, { words: ['restart=on-failure'] })
    expect(monitor.first.frames.map((one) => one.type).join('')).toBe('mcrx')
    expect(readJson(`${monitor.prepared.runDir}/monitor.json`)).not.toHaveProperty('restarts')
  })

  test('starts one again that ended well, always, until q is said while it waits', async () => {
    const monitor = await start(world, { argv: ['sh', '-c', countRuns], words: ['restart=always'] })
    await monitor.first.expectMany('z', 3) // the third wait is the longest so far
    await expect
      .poll(() => readJson(`${monitor.prepared.runDir}/monitor.json`))
      .toMatchObject({
        containerPid: 0,
        restarts: 2,
        lastExit: { exitCode: 0 },
        startedAt: expect.any(String),
      })
    expect(leftovers(world).filter((line) => line.startsWith('crun/'))).toEqual([])
    monitor.first.send('q')
    expect((await finish(monitor)).slice(0, 2)).toEqual([0, 0])
    expect(monitor.first.text()).toBe('1\n2\n3\n')
    expect(readJson(`${monitor.prepared.runDir}/exit.json`)).toMatchObject({ exitCode: 0 })
    expect(await settled(world)).toEqual([])
  })

  test('ends for good when q was said before, or the monitor itself was told to end', async () => {
    const told = await start(world, { argv: ['sleep', '4242'], words: ['restart=always'] })
    told.first.send('q')
    told.first.send('k', '9')
    expect((await finish(told)).slice(0, 2)).toEqual([137, 9])
    const trap = ['sh', '-c', 'trap "exit 5" TERM; echo ready; sleep 4242 & wait']
    const running = await start(world, { argv: trap, words: ['restart=always'] })
    await running.first.untilText('ready')
    running.child.kill('SIGTERM')
    expect((await finish(running))[0]).toBe(5)
    const waiting = await start(world, { words: ['restart=always'] })
    await waiting.first.expectMany('z', 3)
    waiting.child.kill('SIGTERM')
    expect((await finish(waiting))[0]).toBe(0)
    for (const one of [told, running]) expect(one.first.frames.some((frame) => frame.type === 'z')).toBe(false)
    expect(await settled(world)).toEqual([])
  })

  test('leaves nothing when it is killed between two runs, and the next monitor starts afresh', async () => {
    const prepared = prepare(world, { words: ['restart=always'] })
    for (let round = 0; round < 2; round++) {
      const monitor = launch(world, prepared)
      monitor.first.send('g')
      monitor.first.send('s')
      await monitor.first.expectMany('z', 3)
      expect(readJson(`${prepared.runDir}/monitor.json`).containerPid).toBe(0)
      monitor.child.kill('SIGKILL')
      await monitor.exited
      await expect.poll(() => leftovers(world).filter((line) => !line.startsWith('userns/'))).toEqual([])
    }
  })

  test('keeps its clients, and gives each run a terminal of the size it had', async () => {
    const prepared = prepare(world, {
      argv: ['sh', '-c', 'stty size; tty; read line; echo "got $line"; exit 1'],
      tty: true,
      stdin: true,
      words: ['restart=on-failure', 'restart_max=1'],
    })
    const monitor = launch(world, prepared)
    monitor.first.send('w', '33 99')
    monitor.first.send('g')
    await monitor.first.expect('c')
    const second = new Client(connect(prepared.socket))
    second.send('a')
    second.send('h') // whose answer says that both were heard
    await second.expect('h')
    monitor.first.send('s')
    await second.untilText('/dev/pts/0')
    monitor.first.send('i', 'one\n')
    await monitor.first.expect('z')
    await second.until(() => second.text().split('/dev/pts/0').length === 3, 'the second run')
    second.send('i', 'two\n')
    expect((await finish(monitor))[0]).toBe(1)
    expect(second.text()).toBe(monitor.first.text())
    expect(second.text().replaceAll('\r', '')).toBe(
      ['33 99', '/dev/pts/0', 'one', 'got one', '33 99', '/dev/pts/0', 'two', 'got two', ''].join('\n'),
    )
    expect(await settled(world)).toEqual([])
  })

  test('gives each run a stdin of its own, open until its end is said', async () => {
    const monitor = await start(world, {
      argv: ['sh', '-c', 'cat; echo end; exit 1'],
      stdin: true,
      words: ['restart=on-failure', 'restart_max=1'],
    })
    for (const text of ['one\n', 'two\n']) {
      monitor.first.send('i', text)
      await monitor.first.untilText(text)
      monitor.first.send('e')
      if (text === 'one\n') await monitor.first.expect('z')
    }
    await finish(monitor)
    expect(monitor.first.text()).toBe('one\nend\ntwo\nend\n')
  })

  test('ends what a run without a pid namespace left behind, before the next', async () => {
    const look = 'kill -0 $(cat /root/pid) 2>/dev/null && echo lives || echo gone'
    const { monitor } = await run(world, {
      argv: ['sh', '-c', `${look}; sleep 4242 & echo $! > /root/pid; ${look}; exit 1`],
      words: ['restart=on-failure', 'restart_max=1'],
      config: withoutPidNamespace,
    })
    expect(monitor.first.text()).toBe('gone\nlives\ngone\nlives\n')
    expect(await settled(world)).toEqual([])
  })

  test('ends with 127 when the next run does not find its command any more', async () => {
    world.write(world.path('layers/a/bin/once'), '#!/bin/sh\nrm /bin/once; exit 9\n')
    chmodSync(world.path('layers/a/bin/once'), 0o755)
    const { monitor, exit } = await run(world, { argv: ['/bin/once'], words: ['restart=always'] })
    expect(exit[0]).toBe(127)
    expect(monitor.first.frames.find((one) => one.type === 'l')?.payload.toString()).toContain('/bin/once')
    expect(readJson(`${monitor.prepared.runDir}/exit.json`)).toMatchObject({ exitCode: 127, oomKilled: null })
    expect(monitor.stderr()).toMatch(/^lichen-monitor: restart: .*once.*\n$/)
    expect(await settled(world)).toEqual([])
  })

  test.each(['create', 'start'])('ends with 125 when the runtime fails in the %s of the next run', async (verb) => {
    const once = world.path('crun/once')
    const runtime = wrapCrun(world, `[ $verb = ${verb} ] && { [ -e ${once}.d ] && exit 3; mkdir ${once}.d; }`)
    const { monitor, exit } = await run(world, { argv: ['sh', '-c', 'exit 4'], words: ['restart=always'], runtime })
    expect(exit).toEqual([125, 0, -1])
    expect(monitor.stderr()).toMatch(/: runtime: exit 3\n$/)
    expect(leftovers(world).filter((line) => !line.includes('once.d'))).toEqual([])
  })

  test('is removed after its last run only', async () => {
    mkdirSync(world.path('names'))
    world.write(world.path('names/new'), 'id')
    world.write(world.path('names/old'), 'of another')
    chownAll(world.path('names'), user)
    const prepared = prepare(world, { argv: ['sh', '-c', `${countRuns}; exit 4`] })
    const dir = world.path(prepared.id)
    const words = [
      ...prepared.words,
      'restart=on-failure',
      'restart_max=1',
      `events=${world.path('events')}`,
      `event_file=${dir}/event`,
      `remove_dir=${dir}`,
      `remove_to=${world.path('trash')}`,
      `remove_names=${world.path('names')}`,
    ]
    world.write(prepared.specPath, words.map((word) => `${word}\0`).join(''))
    world.write(`${dir}/name`, 'old\n')
    world.write(`${dir}/event`, '"Name":"old"')
    const monitor = launch(world, prepared)
    monitor.first.send('g')
    await monitor.first.expect('c')
    writeFileSync(`${dir}/name`, 'new\n') // renamed meanwhile
    writeFileSync(`${dir}/event`, '"Name":"new"')
    monitor.first.send('s')
    expect((await finish(monitor))[0]).toBe(4)
    expect(monitor.first.text()).toBe('1\n2\n')
    expect(readdirSync(world.path('names'))).toEqual(['old'])
    expect([existsSync(dir), existsSync(world.path('trash'))]).toEqual([false, false])
    const told = readFileSync(world.path('events'), 'utf8').trim().split('\n')
    expect(told.map((line) => JSON.parse(line).Status)).toEqual(['start', 'died', 'restart', 'start', 'died', 'remove'])
    expect(JSON.parse(told.at(-1) ?? '')).toMatchObject({ Name: 'new' })
    expect(await settled(world)).toEqual([])
  })

  test('kills each run after its timeout', async () => {
    const { monitor, exit } = await run(world, {
      argv: ['sh', '-c', 'trap "" TERM; echo run; sleep 4242'],
      words: ['restart=on-failure', 'restart_max=1', 'timeout_ms=300'],
    })
    expect(exit.slice(0, 2)).toEqual([137, 9])
    expect(monitor.first.text()).toBe('run\nrun\n')
    expect(await settled(world)).toEqual([])
  })

  // /dev/fuse is root's here
  if (user.root)
    test.skipIf(!existsSync('/usr/bin/fuse-overlayfs'))('keeps fuse-overlayfs over a restart', async () => {
      const { monitor } = await run(world, {
        argv: ['sh', '-c', `${countRuns}; exit 1`],
        storage: 'fuse-overlayfs',
        words: ['restart=on-failure', 'restart_max=2'],
      })
      expect(monitor.first.text()).toBe('1\n2\n3\n')
      expect(await settled(world)).toEqual([])
    })
})

describe('a monitor of many restarts', () => {
  afterEach(killLeftovers)

  test('does not grow', async () => {
    const [user] = users
    if (user === undefined) return
    const world = makeWorld(user)
    const eager = compiled(world, 'eager', ['-DFIRST_DELAY_MS=1', '-DLAST_DELAY_MS=1'])
    const monitor = launch(world, prepare(world, { words: ['restart=always'] }), eager)
    monitor.first.send('g')
    monitor.first.send('s')
    const size = async (count: number): Promise<{ kb: number; files: number }> => {
      await monitor.first.expectMany('z', count)
      const rollup = readFileSync(`/proc/${monitor.pid}/smaps_rollup`, 'utf8')
      const kb = Number(/^Private_Dirty: *(\d+)/m.exec(rollup)?.[1])
      return { kb, files: readdirSync(`/proc/${monitor.pid}/fd`).length }
    }
    const restarts = Number(process.env.LICHEN_RESTARTS ?? 40)
    const before = await size(10)
    const after = await size(restarts)
    monitor.first.send('q')
    await finish(monitor)
    expect(after.kb).toBeLessThanOrEqual(before.kb + 8)
    expect(Math.abs(after.files - before.files)).toBeLessThan(8) // those of a create or delete that is under way
    world.remove()
  })
})
