// mon: what systemd is told, and what of the container's own words is passed on (PROTOCOL.md, notify).

import { existsSync, statSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Reader, startReader } from './datagrams.js'
import { finish, killLeftovers, launch, start } from './monitor-client.js'
import { settled } from './processes.js'
import { makeWorld, prepare, runAs, users, type World } from './support.js'

const sleeper = ['sh', '-c', 'while :; do sleep 4242; done']

describe.each(users)('mon as $name', (user) => {
  let world: World
  let reader: Reader
  let abstract = ''
  beforeEach(async () => {
    world = makeWorld(user)
    reader = await startReader(world.path('systemd'))
    abstract = `@${world.dir}`
  })
  afterEach(() => {
    reader.child.kill()
    killLeftovers()
    world.remove()
  })

  const words = (when: string): string[] => [`notify_socket=${world.path('systemd')}`, `notify=${when}`]
  const say = (socket: string, text: string): void => {
    const program =
      'import socket,sys; socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(sys.argv[2].encode(), sys.argv[1])'
    expect(runAs(user, ['python3', '-c', program, socket, text]).stderr).toBe('')
  }

  test('says once that the container is ready when it has started, and who is to be watched', async () => {
    const monitor = await start(world, { words: [...words('started'), 'restart=always'] })
    await monitor.first.expectMany('z', 2)
    monitor.first.send('q')
    await finish(monitor)
    say(world.path('systemd'), 'LAST=1\n')
    await reader.until(() => reader.messages.length > 1)
    expect(reader.messages).toEqual([{ MAINPID: String(monitor.pid), READY: '1' }, { LAST: '1' }])
    expect(monitor.stderr()).toBe('')
  })

  test('says it when the first check has passed', async () => {
    const check = world.path('check.json')
    const process = { terminal: false, user: { uid: 0, gid: 0 }, args: ['true'], env: ['PATH=/bin'], cwd: '/' }
    world.write(check, JSON.stringify(process))
    const health = ['interval_ms=0', 'timeout_ms=9000', 'start_period_ms=0', 'retries=1', 'on_failure=none']
    const log = ['log_count=1', 'log_size=9']
    const monitor = await start(world, {
      argv: sleeper,
      words: [...words('healthy'), `health_process=${check}`, ...[...health, ...log].map((word) => `health_${word}`)],
    })
    expect(reader.messages).toEqual([])
    monitor.first.send('h')
    await reader.until(() => reader.messages.length > 0)
    expect(reader.messages).toEqual([{ MAINPID: String(monitor.pid), READY: '1' }])
    monitor.first.send('k', '9')
    await finish(monitor)
  })

  test('passes on what the container says, but no process id and nothing about its supervisor', async () => {
    const monitor = await start(world, { argv: sleeper, words: words('container') })
    const socket = `${monitor.prepared.runDir}/notify/notify.sock`
    expect(statSync(socket).mode & 0o777).toBe(0o777)
    say(socket, 'STATUS=half way\nMAINPID=1\nFDSTORE=1\nNOTIFYACCESS=none\nREADY=10')
    say(socket, 'READY=1\nMAINPID=7\nWATCHDOG=1')
    await reader.until(() => reader.messages.length > 2)
    expect(reader.messages).toEqual([
      { STATUS: 'half way' },
      { MAINPID: String(monitor.pid), READY: '1' },
      { WATCHDOG: '1' },
    ])
    monitor.first.send('k', '9')
    await finish(monitor)
    expect(existsSync(`${monitor.prepared.runDir}/notify`)).toBe(false)
    reader.child.kill()
    expect(await settled(world)).toEqual([])
  })

  test('starts the container although nobody listens, and says so', async () => {
    const monitor = launch(world, prepare(world, { words: [`notify_socket=${abstract}`, 'notify=started'] }))
    monitor.first.send('g')
    monitor.first.send('s')
    expect((await finish(monitor))[0]).toBe(0)
    expect(monitor.stderr()).toBe(`lichen-monitor: notify: ${abstract}: Connection refused\n`)
  })
})
