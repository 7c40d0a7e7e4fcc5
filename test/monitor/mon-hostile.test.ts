// mon: what others may put in a monitor's way: a fifo or a planted file in place of its own, systemd's environment, a client
// that takes no answers, one client too many, a container that talks without end. None of them may hold it up, be written to
// by it, or make it grow.

import { execFileSync } from 'node:child_process'
import { closeSync, constants, linkSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs'

import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { startReader } from './datagrams.js'
import { Client, eachWorld, finish, frame, launch, type Monitor, run, start } from './monitor-client.js'
import { settled } from './processes.js'
import { monitorPath, prepare, readJson, runAs, users, type World } from './support.js'

const sleeper = ['sh', '-c', 'while :; do sleep 4242; done']

describe.each(users)('mon as $name', (user) => {
  let world: World
  eachWorld(user, (made) => {
    world = made
  })

  const makeFifo = (name: string): string => {
    execFileSync('mkfifo', ['-m', '666', world.path(name)])
    return world.path(name)
  }
  const launched = async (words: readonly string[]): Promise<Monitor> => {
    const monitor = launch(world, prepare(world, { argv: sleeper, words }))
    await monitor.first.expect('m')
    return monitor
  }
  const end = async (monitor: Monitor): Promise<void> => {
    monitor.first.send('q')
    monitor.first.send('k', '9')
    expect((await finish(monitor))[0]).toBe(137)
  }
  const checkWords = (process: string): string[] => {
    const file = world.path('check.json')
    world.write(file, process)
    const values = ['interval_ms=0', 'timeout_ms=20000', 'start_period_ms=0', 'retries=9', 'on_failure=none']
    return [`process=${file}`, ...values, 'log_count=9', 'log_size=0'].map((word) => `health_${word}`)
  }
  const check = (...args: string[]): string =>
    JSON.stringify({ terminal: false, user: { uid: 0, gid: 0 }, args, env: ['PATH=/bin'], cwd: '/' })

  test('waits for no fifo in the place of its event log or its event file', async () => {
    const [log, text] = [makeFifo('events'), makeFifo('event')]
    const silent = await run(world, { words: [`events=${world.path('other')}`, `event_file=${text}`] })
    expect([silent.exit[0], silent.monitor.stderr()]).toEqual([0, ''])
    world.write(world.path('text'), '"Name":"n"')
    const { monitor, exit } = await run(world, { words: [`events=${log}`, `event_file=${world.path('text')}`] })
    expect(exit[0]).toBe(0)
    expect(monitor.stderr()).toBe(`lichen-monitor: write: ${log}: No such device or address\n`.repeat(2))
  })

  test('waits for no reader of a fifo that is its log', async () => {
    const log = makeFifo('log')
    const monitor = await launched([`log=${log}`])
    monitor.first.send('g')
    await monitor.first.until(() => monitor.first.frames.length > 1, 'an answer to g')
    expect(monitor.first.frames[1]?.payload.toString()).toBe(`create\0open: ${log}: No such device or address`)
    const reader = openSync(log, constants.O_RDWR) // never read
    const { exit } = await run(world, { argv: ['seq', '1', '100000'], words: [`log=${log}`] })
    closeSync(reader)
    expect(exit[0]).toBe(0)
  })

  test('writes its pid into a file of its own, whatever lies where that is made', async () => {
    const victim = world.path('victim')
    world.write(victim, 'precious')
    const monitor = await launched([`pidfile=${world.path('pid')}`, `monitor_pidfile=${world.path('monitor')}`])
    linkSync(victim, world.path(`.pid.${monitor.pid}`))
    makeFifo(`.monitor.${monitor.pid}`)
    monitor.first.send('g')
    const pids = (await monitor.first.expect('c')).toString()
    expect(`${readFileSync(world.path('monitor'), 'utf8')} ${readFileSync(world.path('pid'), 'utf8')}`).toBe(pids)
    expect(readFileSync(victim, 'utf8')).toBe('precious')
    monitor.first.send('s')
    await monitor.first.expect('r')
    await end(monitor)
  })

  test('loses lines of the log, and not the container, when its caller may write no larger file', async () => {
    const argv = ['sh', '-c', 'seq 1 20000; exit 7']
    const { monitor, exit } = await run(world, { argv }, ['prlimit', '--fsize=65536'])
    expect(exit[0]).toBe(7)
    expect(monitor.first.text()).toMatch(/\n20000\n$/)
    expect(monitor.stderr()).toBe('lichen-monitor: write: log: File too large\n')
    expect(statSync(monitor.prepared.log).size).toBeLessThanOrEqual(65536)
    expect(readFileSync(monitor.prepared.log, 'utf8')).toMatch(/^(\S+ stdout [FP] \d+\n)+$/) // none cut in two
  })

  test('gives neither the container nor a check a descriptor that systemd has counted for somebody else', async () => {
    const argv = ['sh', '-c', 'ls /proc/self/fd; echo $LISTEN_FDS; while :; do sleep 4242; done']
    const systemd = ['env', 'LISTEN_FDS=9', 'LISTEN_PID=1', 'LISTEN_FDNAMES=a:b']
    const monitor = await start(world, { argv, words: checkWords(check('ls', '/proc/self/fd')) }, systemd)
    await monitor.first.untilText('\n\n')
    expect(monitor.first.text()).toBe('0\n1\n2\n3\n\n') // the last is the directory itself
    monitor.first.send('h')
    await monitor.first.expect('h')
    const { log } = readJson(`${monitor.prepared.runDir}/health.json`)
    expect(log).toMatchObject([{ exitCode: 0, output: '0\n1\n2\n3\n' }])
    await end(monitor)
  })

  test('does not pile up answers for a client that takes none', async () => {
    const monitor = await start(world, { argv: sleeper })
    const size = (): number =>
      Number(/^Private_Dirty: *(\d+)/m.exec(readFileSync(`/proc/${monitor.pid}/smaps_rollup`, 'utf8'))?.[1])
    const before = size()
    const flood = connect(monitor.prepared.socket)
    flood.on('error', () => undefined).pause()
    const asked = Buffer.concat(Array.from({ length: 4096 }, () => frame('h')))
    // Until it is not read any more. In each turn the monitor takes sixteen and gives one answer, which is larger.
    let written = 0
    while (written < 16 << 20 && (flood.write(asked) || (await drained(flood)))) written += asked.length
    expect(written).toBeLessThan(16 << 20)
    if (!monitorPath.endsWith('-san')) expect(size()).toBeLessThan(before + 256)
    flood.destroy()
    await end(monitor)
    expect(await settled(world)).toEqual([])
  })

  test('tells of a check that it had no descriptor for, and goes on when it has', async () => {
    const words = checkWords(check('true'))
    const monitor = await start(world, { argv: sleeper, words }, ['prlimit', '--nofile=32:32'])
    const many = Array.from({ length: 40 }, () => connect(monitor.prepared.socket).on('error', () => undefined))
    await expect.poll(() => readdirSync(`/proc/${monitor.pid}/fd`).length).toBe(32)
    monitor.first.send('h')
    expect((await monitor.first.expect('h')).toString()).toBe('1')
    for (const one of many) one.destroy()
    const asking = new Client(connect(monitor.prepared.socket))
    asking.send('h')
    expect((await asking.expect('h')).toString()).toBe('0')
    const { log } = readJson(`${monitor.prepared.runDir}/health.json`) as { log: Record<string, unknown>[] }
    expect(log.map(({ exitCode }) => exitCode)).toEqual([-1, 0])
    expect(log[0]?.output).toMatch(/^run: .*: (Too many open files|No file descriptors available)$/)
    for (const { start: began } of log) expect(began).toMatch(/^\d{4}-.*Z$/)
    await end(monitor)
  })

  test('says only once that systemd cannot be told, whatever the container says', async () => {
    const monitor = await start(world, {
      argv: sleeper,
      words: [`notify_socket=${world.path('gone')}`, 'notify=container'],
    })
    const socket = `${monitor.prepared.runDir}/notify/notify.sock`
    tell(socket, 'STATUS=one\nSTATUS=two', 3)
    const reader = await startReader(world.path('gone'))
    tell(socket, 'STATUS=three\nREADY=1\nWATCHDOG=1', 1)
    await reader.until(() => reader.messages.length > 1)
    expect(reader.messages).toEqual([
      { MAINPID: String(monitor.pid), READY: '1' },
      { STATUS: 'three', WATCHDOG: '1' },
    ])
    reader.child.kill()
    expect(monitor.stderr()).toBe(`lichen-monitor: notify: ${world.path('gone')}: No such file or directory\n`)
    await end(monitor)
  })

  const tell = (socket: string, text: string, times: number): void => {
    const program =
      'import socket,sys\nfor _ in range(int(sys.argv[3])): socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(sys.argv[2].encode(), sys.argv[1])'
    expect(runAs(user, ['python3', '-c', program, socket, text, String(times)]).stderr).toBe('')
  }

  test('rotates the log although any number of old ones may be kept', async () => {
    const { monitor, exit } = await run(world, {
      argv: ['seq', '1', '300'],
      words: ['log_max_size=4096', `log_max_files=${2 ** 53}`],
    })
    expect(exit[0]).toBe(0)
    const read = (number: string): string => readFileSync(monitor.prepared.log + number, 'utf8')
    const lines = ['.3', '.2', '.1', ''].flatMap((number) => read(number).trim().split('\n'))
    expect(lines.map((line) => Number(line.split(' ')[3]))).toEqual(
      Array.from({ length: 300 }, (_, index) => index + 1),
    )
  })

  test('lets the container start again while a client has still to take the news of its end', async () => {
    const prepared = prepare(world, { argv: ['yes'] })
    const launchPrepared = async (): Promise<Monitor> => {
      const monitor = launch(world, prepared)
      await monitor.first.until(() => monitor.first.frames.length > 0, 'an answer')
      monitor.first.send('g')
      await monitor.first.expect('c')
      monitor.first.send('s')
      await monitor.first.expect('r')
      return monitor
    }
    const stuck = await launchPrepared()
    stuck.first.socket.pause()
    const sizes: number[] = []
    const isHeldBack = (): boolean => {
      const before = sizes.at(-1) ?? 0
      sizes.push(statSync(prepared.log).size)
      return before === sizes.at(-1) && before > 0
    }
    await expect.poll(isHeldBack, { interval: 100 }).toBe(true)
    const other = new Client(connect(prepared.socket))
    other.send('k', '9')
    await other.expect('x')
    await expect.poll(() => readFileSync(`/proc/${stuck.pid}/mountinfo`, 'utf8').includes(world.dir)).toBe(false)
    await end(await launchPrepared())
    stuck.first.socket.resume()
    expect((await finish(stuck))[0]).toBe(137)
    expect(await settled(world)).toEqual([])
  })
})

// False when nothing was taken for a second.
function drained(socket: ReturnType<typeof connect>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), 1000)
    socket.once('drain', () => {
      clearTimeout(timer)
      resolve(true)
    })
  })
}
