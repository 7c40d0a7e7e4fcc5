// mon: a restart that a client asks for (PROTOCOL.md, Restart on demand), also of a container that is removed at its end.

import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { Client, eachWorld, finish, killLeftovers, launch, type Monitor, start } from './monitor-client.js'
import { settled } from './processes.js'
import { chownAll, compiled, type Json, makeWorld, prepare, readJson, users, type World, wrapCrun } from './support.js'

const KILLED = '137 9'
const sleeper = ['sh', '-c', 'echo run; exec sleep 4242']
/** Ends only by SIGKILL, or with 6 when it is told USR1. */
const stubborn = ['sh', '-c', 'trap "" TERM; trap "exit 6" USR1; echo ready; sleep 4242 & wait']

const report = ({ prepared }: Monitor): Json => readJson(`${prepared.runDir}/monitor.json`)
const types = ({ frames }: Client): string => frames.map((one) => one.type).join('')

/** Whoever gets an answer to `h` was heard with all that it said before. */
async function heard(client: Client): Promise<void> {
  const before = client.frames.filter((one) => one.type === 'h').length
  client.send('h')
  await client.expectMany('h', before + 1)
}

async function join(monitor: Monitor): Promise<Client> {
  const client = new Client(connect(monitor.prepared.socket))
  await heard(client)
  return client
}

const ran = (monitor: Monitor, times: number): Promise<void> =>
  monitor.first.until(() => monitor.first.text() === 'run\n'.repeat(times), `run ${times}`)

async function leave(client: Client): Promise<void> {
  const closed = new Promise((resolve) => client.socket.once('close', resolve))
  client.socket.destroy()
  await closed
}

async function end(monitor: Monitor): Promise<void> {
  monitor.first.send('q')
  monitor.first.send('k', '9')
  expect((await finish(monitor)).slice(0, 2).join(' ')).toBe(KILLED)
}

describe.each(users)('mon as $name', (user) => {
  let world: World
  eachWorld(user, (made) => {
    world = made
  })

  const removed = () => {
    mkdirSync(world.path('names'))
    world.write(world.path('name'), 'n\n')
    world.write(world.path('event'), '"Name":"n"\n')
    chownAll(world.path('names'), user)
    return [
      `events=${world.path('events')}`,
      `event_file=${world.path('event')}`,
      `remove_to=${world.path('trash')}`,
      `remove_names=${world.path('names')}`,
    ]
  }
  /** One that is removed at its end, which is known only after `prepare`. */
  const startRemoved = async (argv: readonly string[], words: readonly string[] = [], runtime?: string) => {
    const prepared = prepare(world, { argv, ...(runtime === undefined ? {} : { runtime }) })
    const dir = world.path(prepared.id)
    world.write(`${dir}/name`, 'n\n')
    const all = [...prepared.words, ...removed(), `remove_dir=${dir}`, ...words]
    world.write(prepared.specPath, all.map((word) => `${word}\0`).join(''))
    const monitor = launch(world, prepared)
    monitor.first.send('g')
    monitor.first.send('s')
    await monitor.first.expect('r')
    return { monitor, dir }
  }
  const told = () =>
    readFileSync(world.path('events'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).Status as string)

  test('starts a container again at once that is removed at its end, as often as it is asked to', async () => {
    const { monitor, dir } = await startRemoved(sleeper, ['restart=on-failure', 'restart_max=1'])
    const first = report(monitor)
    const asker = await join(monitor)
    for (const times of [1, 2, 3]) {
      await ran(monitor, times)
      asker.send('n', '9 0')
      expect(await asker.expectMany('r', times)).toHaveLength(times)
    }
    const now = report(monitor)
    expect(now).not.toHaveProperty('restarts')
    expect(now.monitorPid).toBe(first.monitorPid)
    expect(now.containerPid).not.toBe(first.containerPid)
    expect(String(now.startedAt) > String(first.startedAt)).toBe(true)
    expect(types(asker)).toBe('hzrzrzr')
    await leave(asker)
    await ran(monitor, 4)
    monitor.first.send('k', '9') // what the policy has to give is still there
    await ran(monitor, 5)
    await end(monitor)
    expect(types(monitor.first).replaceAll('o', '')).toBe('mcrzzzzx')
    expect([existsSync(dir), existsSync(world.path('trash'))]).toEqual([false, false])
    const asked = ['restart', 'died', 'init', 'start']
    expect(told()).toEqual(['start', ...asked, ...asked, ...asked, 'died', 'restart', 'start', 'died', 'remove'])
    expect(monitor.stderr()).toBe('')
    expect(await settled(world)).toEqual([])
  })

  test('stops with the signal, then with SIGKILL, and does both for one who has left', async () => {
    const monitor = await start(world, { argv: stubborn })
    await monitor.first.untilText('ready\n')
    const asker = await join(monitor)
    asker.send('n', '10 60000')
    await asker.expect('r')
    expect((await monitor.first.expect('z')).toString()).toMatch(/^6 0 /)
    await monitor.first.untilText('ready\nready\n')
    asker.send('n', '15 200')
    await heard(asker)
    await leave(asker)
    expect((await monitor.first.expectMany('z', 2))[1]?.startsWith(KILLED)).toBe(true)
    await monitor.first.untilText('ready\n'.repeat(3))
    await end(monitor)
    expect(await settled(world)).toEqual([])
  })

  test('takes a wish without a time back with who wished it', async () => {
    const monitor = await start(world, { argv: stubborn })
    await monitor.first.untilText('ready\n')
    const [leaver, stayer] = [await join(monitor), await join(monitor)]
    for (const asker of [leaver, stayer]) {
      asker.send('n', '15')
      await heard(asker)
    }
    await leave(leaver)
    await heard(monitor.first)
    monitor.first.send('k', '10')
    await stayer.expect('r')
    await monitor.first.untilText('ready\nready\n')
    stayer.send('n', '15')
    await heard(stayer)
    await leave(stayer)
    await heard(monitor.first)
    monitor.first.send('k', '10')
    expect((await finish(monitor))[0]).toBe(6)
    expect(types(monitor.first).replaceAll(/[oh]/g, '')).toBe('mcrzx')
  })

  test('is one restart for all who ask before the end, and the last word of it counts', async () => {
    const monitor = await start(world, { argv: stubborn, words: ['stop_signal=10'] })
    await monitor.first.untilText('ready\n')
    const askers = [await join(monitor), await join(monitor)]
    monitor.first.send('q')
    await heard(monitor.first)
    for (const asker of askers) asker.send('n', '15 60000')
    for (const asker of askers) await heard(asker)
    monitor.first.send('k', '9')
    for (const asker of askers) await asker.expect('r')
    await monitor.first.untilText('ready\nready\n')
    for (const asker of askers) asker.send('n', '15 60000')
    for (const asker of askers) await heard(asker)
    await end(monitor) // with q
    for (const asker of askers) {
      await asker.expect('x')
      expect(types(asker).replaceAll('h', '')).toBe('zrx')
    }
  })

  test.each(['create', 'start'])(
    'is the end when the runtime fails in its %s, and who asked is told why',
    async (verb) => {
      const once = world.path('crun/once')
      const fail = `echo '{"msg":"no luck"}' >>"$log"; exit 3`
      const runtime = wrapCrun(world, `[ $verb = ${verb} ] && { [ -e ${once} ] && { ${fail}; }; mkdir ${once}; }`)
      const { monitor, dir } = await startRemoved(sleeper, [], runtime)
      const asker = await join(monitor)
      asker.send('n', '9 0')
      await asker.until(() => asker.frames.some((one) => one.type === 'x'), 'the end')
      expect(types(asker).replace('l', '')).toBe('hz!x')
      const why = asker.frames.find((one) => one.type === '!')?.payload.toString()
      expect(why).toBe(`${verb}\0{"msg":"no luck"}\n`)
      expect(existsSync(dir)).toBe(false)
      expect(await finish(monitor)).toEqual([125, 0, -1])
      expect(monitor.first.frames.some((one) => one.type === '!')).toBe(false)
    },
  )

  test('ends a client that says it in other words, and nothing else', async () => {
    const monitor = await start(world, { argv: ['sleep', '4242'] })
    for (const words of ['', 'x', '0', '65', '-9 1', '9 x', '9 ', '9 4294967296', '9 1 1']) {
      const bad = await join(monitor)
      bad.send('n', words)
      await expect(bad.expect('r'), words).rejects.toThrow('connection ended')
    }
    await end(monitor)
    expect(types(monitor.first)).toBe('mcrx')
  })

  test('has nothing to start again before the first start', async () => {
    const monitor = launch(world, prepare(world, { argv: ['sleep', '4242'] }))
    monitor.first.send('g')
    await monitor.first.expect('c')
    const early = new Client(connect(monitor.prepared.socket))
    early.send('n', '9 0')
    await expect(early.expect('r')).rejects.toThrow('connection ended')
    monitor.first.send('s')
    await monitor.first.expect('r')
    await end(monitor)
  })
})

describe('a monitor that waits an hour', () => {
  afterEach(killLeftovers)

  test('starts at once what a client asks for meanwhile', async () => {
    const [user] = users
    if (user === undefined) return
    const world = makeWorld(user)
    const patient = compiled(world, 'patient', ['-DFIRST_DELAY_MS=3600000', '-DLAST_DELAY_MS=3600000'])
    const monitor = launch(world, prepare(world, { argv: sleeper, words: ['restart=always'] }), patient)
    monitor.first.send('g')
    monitor.first.send('s')
    await monitor.first.expect('r')
    await ran(monitor, 1)
    monitor.first.send('k', '9')
    await monitor.first.expect('z')
    const asker = await join(monitor)
    expect(report(monitor).containerPid).toBe(0)
    asker.send('n', '9 0')
    await asker.expect('r')
    await ran(monitor, 2)
    expect(report(monitor)).toMatchObject({ restarts: 1 })
    await end(monitor)
    world.remove()
  })
})
