// mon: health checks, what follows from them and what is told about them (PROTOCOL.md, Health).

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { Client, eachWorld, finish, type Monitor, run, start } from './monitor-client.js'
import { descendants, settled } from './processes.js'
import { type Json, monitorPath, readJson, type User, users, type World } from './support.js'

// SIGUSR1 makes the file that checks look for, SIGUSR2 takes it away.
const traps = 'trap "exit 0" TERM; trap "touch /tmp/ok" USR1; trap "rm /tmp/ok" USR2'
const sleeper = ['sh', '-c', `${traps}; echo ready; while :; do sleep 4242 & wait $!; done`]
const usr1 = '10'
const usr2 = '12'

interface Check {
  readonly script: string
  readonly startup?: string
  readonly values?: Readonly<Record<string, string | number>>
}

function processFile(world: World, name: string, script: string): string {
  const caps = ['CAP_CHOWN', 'CAP_KILL', 'CAP_SETUID', 'CAP_SETGID', 'CAP_DAC_OVERRIDE', 'CAP_FOWNER']
  const process = {
    terminal: false,
    user: { uid: 0, gid: 0 },
    args: ['sh', '-c', script],
    env: ['PATH=/bin'],
    cwd: '/',
    capabilities: { bounding: caps, effective: caps, permitted: caps },
    noNewPrivileges: true,
  }
  world.write(world.path(name), JSON.stringify(process))
  return world.path(name)
}

// Checks every 50 ms, unless said otherwise.
function words(world: World, check: Check): string[] {
  const values = {
    health_interval_ms: 50,
    health_timeout_ms: 20_000,
    health_start_period_ms: 0,
    health_retries: 2,
    health_on_failure: 'none',
    health_log_count: 3,
    health_log_size: 20,
    stop_signal: 15,
    stop_timeout_ms: 60_000,
    ...check.values,
  }
  const startup = {
    startup_interval_ms: 50,
    startup_timeout_ms: 20_000,
    startup_retries: 0,
    startup_success: 2,
  }
  const merged = check.startup === undefined ? values : { ...startup, ...values }
  return [
    `health_process=${processFile(world, 'check.json', check.script)}`,
    ...(check.startup === undefined ? [] : [`startup_process=${processFile(world, 'startup.json', check.startup)}`]),
    ...Object.entries(merged).map(([key, value]) => `${key}=${value}`),
  ]
}

function health(monitor: Monitor): { status: string; failingStreak: number; log: Json[] } {
  return readJson(`${monitor.prepared.runDir}/health.json`) as ReturnType<typeof health>
}

async function end(monitor: Monitor): Promise<void> {
  const { first } = monitor
  first.socket.cork() // in one write: the monitor may end at `q`, and what is written to it then would cost us its last words
  first.send('q')
  first.send('k', '9')
  first.socket.uncork()
  await finish(monitor)
}

async function ask(monitor: Monitor): Promise<string> {
  const before = monitor.first.frames.filter((one) => one.type === 'h').length
  monitor.first.send('h')
  return (await monitor.first.expectMany('h', before + 1)).at(-1) ?? ''
}

function eventWords(world: World): string[] {
  world.write(world.path('event'), '"Name":"n"')
  return [`events=${world.path('events')}`, `event_file=${world.path('event')}`]
}

function healthEvents(world: World): unknown[] {
  const events = readFileSync(world.path('events'), 'utf8').trim().split('\n')
  const read = events.map((line) => JSON.parse(line) as Json)
  return read.filter((event) => event.Status === 'health_status').map((event) => event.HealthStatus)
}

describe.each(users)('mon as $name', (user: User) => {
  let world: World
  eachWorld(user, (made) => {
    world = made
  })

  test('is starting, unhealthy after so many failures in a row, healthy after one pass', async () => {
    const monitor = await start(world, {
      argv: sleeper,
      words: [...words(world, { script: 'echo tried; [ -e /tmp/ok ]' }), ...eventWords(world)],
    })
    expect(health(monitor)).toMatchObject({ schema: 1, status: expect.stringMatching(/^(starting|unhealthy)$/) })
    await expect.poll(() => health(monitor).status).toBe('unhealthy')
    expect(health(monitor).failingStreak).toBeGreaterThanOrEqual(2)
    const result = { start: expect.any(String), end: expect.any(String), exitCode: 1, output: 'tried\n' }
    expect(health(monitor).log.at(-1)).toEqual(result)
    monitor.first.send('k', usr1)
    await expect.poll(() => health(monitor).status).toBe('healthy')
    expect(health(monitor)).toMatchObject({ failingStreak: 0 })
    await expect.poll(() => health(monitor).log.length).toBe(3)
    await end(monitor)
    expect(healthEvents(world)).toEqual(['unhealthy', 'healthy'])
    expect(await settled(world)).toEqual([])
    expect(monitor.stderr()).toBe('')
  })

  test('keeps so much of the output, on its first lines, as UTF-8, and of so many results', async () => {
    const script = 'printf "\\303\\244\\377\\t\\"0123456789012345678901234567890123456789"; yes & true'
    const monitor = await start(world, {
      argv: sleeper,
      words: words(world, { script, values: { health_log_count: 2, health_log_size: 16 } }),
    })
    await expect.poll(() => health(monitor).log.length).toBe(2)
    const [first] = health(monitor).log
    await expect.poll(() => health(monitor).log[0]?.start === first?.start).toBe(false)
    expect(health(monitor).log).toHaveLength(2)
    expect(health(monitor).log[0]?.output).toBe('ä\ufffd\t"01234567890')
    expect(health(monitor).log[0]?.exitCode).toBe(0)
    await end(monitor)
  })

  test('checks as often as the start period says until one check has passed, and no more then', async () => {
    const values = { health_interval_ms: 0, health_start_period_ms: 3_600_000, health_start_interval_ms: 20 }
    const monitor = await start(world, { argv: sleeper, words: words(world, { script: '[ -e /tmp/ok ]', values }) })
    await expect.poll(() => health(monitor).log.length).toBe(3)
    monitor.first.send('k', usr1)
    await expect.poll(() => health(monitor).status).toBe('healthy')
    monitor.first.send('k', usr2)
    const { log } = health(monitor)
    // the next one is the one that is asked for: were there others, they would stand between the two
    await expect.poll(() => ask(monitor)).toBe('1')
    const failed = health(monitor).log.filter(({ exitCode }) => exitCode !== 0)
    expect(health(monitor).log.slice(-2)).toMatchObject([log.at(-1), failed.at(-1)])
    await end(monitor)
  })

  test('checks as often as ever once the start period is over', async () => {
    const values = { health_interval_ms: 20, health_start_period_ms: 1, health_start_interval_ms: 30 }
    const monitor = await start(world, { argv: sleeper, words: words(world, { script: 'false', values }) })
    await expect.poll(() => health(monitor).status).toBe('unhealthy')
    await end(monitor)
  })

  test('does not count failures of the start period before the first pass', async () => {
    const values = { health_start_period_ms: 3_600_000, health_retries: 1 }
    const monitor = await start(world, { argv: sleeper, words: words(world, { script: '[ -e /tmp/ok ]', values }) })
    await expect.poll(() => health(monitor).log.length).toBe(3)
    expect(health(monitor)).toMatchObject({ status: 'starting', failingStreak: 0 })
    monitor.first.send('k', usr1)
    await expect.poll(() => health(monitor).status).toBe('healthy')
    monitor.first.send('k', usr2)
    await expect.poll(() => health(monitor).status).toBe('unhealthy')
    await end(monitor)
  })

  test('kills a check that takes too long, with all it has started', async () => {
    const script = 'echo partial; (sleep 4243 & sleep 4244) & sleep 4245'
    const values = { health_interval_ms: 0, health_timeout_ms: 300, health_log_size: 0 }
    const monitor = await start(world, { argv: sleeper, words: words(world, { script, values }) })
    expect(await ask(monitor)).toBe('1')
    expect(health(monitor).log).toMatchObject([{ exitCode: -1, output: 'partial\ntimed out after 300 ms\n' }])
    const container = Number(readJson(`${monitor.prepared.runDir}/monitor.json`).containerPid)
    await expect.poll(() => sleepersIn(container)).toEqual(['sleep 4242'])
    await end(monitor)
    expect(await settled(world)).toEqual([])
  })

  test('checks when it is asked, and tells whoever asks', async () => {
    const without = await start(world, { argv: sleeper })
    expect(await ask(without)).toBe('2')
    expect(existsSync(`${without.prepared.runDir}/health.json`)).toBe(false)
    await end(without)

    const values = { health_interval_ms: 0, health_retries: 1 }
    const monitor = await start(world, { argv: sleeper, words: words(world, { script: '[ -e /tmp/ok ]', values }) })
    expect(health(monitor)).toEqual({ schema: 1, status: 'starting', failingStreak: 0, log: [] })
    const second = new Client(connect(monitor.prepared.socket))
    second.send('h')
    expect(await ask(monitor)).toBe('1')
    expect((await second.expect('h')).toString()).toBe('1')
    expect(health(monitor)).toMatchObject({ status: 'unhealthy', failingStreak: 1 })
    await monitor.first.untilText('ready')
    monitor.first.send('k', usr1)
    await expect.poll(() => ask(monitor)).toBe('0')
    expect(second.frames.filter((one) => one.type === 'h')).toHaveLength(1)
    await end(monitor)
  })

  test('fails a check that cannot be run, and says why', async () => {
    const list = words(world, { script: 'true', values: { health_interval_ms: 0, health_log_size: 0 } })
    const gone = world.path('gone.json')
    const monitor = await start(world, {
      argv: sleeper,
      words: list.map((word) => (word.startsWith('health_process=') ? `health_process=${gone}` : word)),
    })
    expect(await ask(monitor)).toBe('1')
    expect(health(monitor).log[0]?.exitCode).not.toBe(0)
    expect(health(monitor).log[0]?.output).toContain('gone.json')
    await end(monitor)
  })

  test('kills, stops or starts an unhealthy container again, as it was told', async () => {
    const check = (action: string): string[] =>
      words(world, { script: 'exit 1', values: { health_on_failure: action, health_retries: 1 } })
    const killed = await run(world, { argv: sleeper, words: check('kill') })
    expect(killed.exit.slice(0, 2)).toEqual([137, 9])
    const stopped = await run(world, { argv: sleeper, words: [...check('stop'), 'restart=always'] })
    expect([stopped.exit[0], stopped.monitor.first.frames.some((one) => one.type === 'z')]).toEqual([0, false])

    const again = await start(world, { argv: sleeper, words: check('restart') })
    await again.first.expectMany('z', 2)
    await again.first.until(() => again.first.text() === 'ready\n'.repeat(3), 'the third run')
    await end(again)
    expect(readJson(`${again.prepared.runDir}/monitor.json`)).toMatchObject({ restarts: 2 })
    expect(health(again).log.length).toBeGreaterThan(0) // of the runs before: they are why it was started again
    expect(await settled(world)).toEqual([])
  })

  test('kills an unhealthy container that does not heed its stop signal', async () => {
    const values = { health_on_failure: 'stop', health_retries: 1, stop_timeout_ms: 200, stop_signal: 1 }
    const argv = ['sh', '-c', 'trap "echo heard" HUP; while :; do sleep 4242 & wait $!; done']
    const { monitor, exit } = await run(world, { argv, words: words(world, { script: 'exit 1', values }) })
    expect([exit[0], monitor.first.text()]).toEqual([137, 'heard\n'])
  })

  test('lets the startup check pass before the other begins', async () => {
    const startup = 'echo run >> /tmp/startup; [ -e /tmp/ok ]'
    const monitor = await start(world, {
      argv: sleeper,
      words: words(world, { script: 'wc -l < /tmp/startup', startup, values: { health_log_count: 9 } }),
    })
    await expect.poll(() => health(monitor).failingStreak).toBeGreaterThan(2)
    expect(health(monitor).status).toBe('starting')
    monitor.first.send('k', usr1)
    await expect.poll(() => health(monitor).status).toBe('healthy')
    const { log } = health(monitor)
    const outputs = log.map((entry) => entry.output)
    expect(log.slice(0, outputs.findIndex(Boolean)).slice(-2)).toMatchObject([{ exitCode: 0 }, { exitCode: 0 }])
    await end(monitor)
  })

  test('starts a container again whose startup check has failed too often', async () => {
    const monitor = await start(world, {
      argv: sleeper,
      words: words(world, { script: 'true', startup: 'false', values: { startup_retries: 2 } }),
    })
    await monitor.first.expectMany('z', 2)
    await end(monitor)
    expect(health(monitor).status).toBe('starting')
  })

  test('gives a check up when the container ends', async () => {
    const script = 'echo begun > /proc/1/fd/1; sleep 4243'
    const monitor = await start(world, {
      argv: sleeper,
      words: words(world, { script, values: { health_interval_ms: 0 } }),
    })
    monitor.first.send('h')
    await monitor.first.untilText('begun')
    monitor.first.send('k', '9')
    expect((await monitor.first.expect('h')).toString()).toBe('2')
    expect((await finish(monitor))[0]).toBe(137)
    expect(health(monitor).log).toEqual([])
    expect(await settled(world)).toEqual([])
  })

  // only root has a group that can be frozen here
  if (user.root)
    test('checks nothing while the container is frozen', async () => {
      const values = { health_interval_ms: 0 }
      const monitor = await start(world, { argv: sleeper, words: words(world, { script: 'true', values }) })
      const { cgroup } = readJson(`${monitor.prepared.runDir}/monitor.json`)
      const freeze = `/proc/${monitor.pid}/root/sys/fs/cgroup${String(cgroup)}/cgroup.freeze`
      writeFileSync(freeze, '1')
      await expect.poll(() => ask(monitor)).toBe('2')
      expect(health(monitor).log).toEqual([])
      writeFileSync(freeze, '0')
      await expect.poll(() => ask(monitor)).toBe('0')
      await end(monitor)
    })

  test('runs a thousand checks without growing', async () => {
    const monitor = await start(world, {
      argv: sleeper,
      words: words(world, { script: 'echo fine', values: { health_interval_ms: 0 } }),
    })
    for (let round = 0; round < 20; round++) await ask(monitor)
    const [kb, files] = [privateKb(monitor), openFiles(monitor)]
    for (let round = 0; round < Number(process.env.LICHEN_CHECKS ?? 80); round++) await ask(monitor)
    expect(openFiles(monitor)).toBe(files)
    const sanitized = monitorPath.endsWith('-san') // keeps freed memory for a while
    if (!sanitized) expect(privateKb(monitor)).toBeLessThanOrEqual(kb + 8) // pages that a buffer came to lie in, also after thousands
    await end(monitor)
  })
})

/** The command lines of all sleeps in a container. */
function sleepersIn(container: number): string[] {
  return descendants(container)
    .map((child) => readFileSync(`/proc/${child.pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim())
    .filter((command) => command.startsWith('sleep'))
}

function privateKb(monitor: Monitor): number {
  const rollup = readFileSync(`/proc/${monitor.pid}/smaps_rollup`, 'utf8')
  return Number(/^Private_Dirty: *(\d+)/m.exec(rollup)?.[1])
}

function openFiles(monitor: Monitor): number {
  return readdirSync(`/proc/${monitor.pid}/fd`).length
}
