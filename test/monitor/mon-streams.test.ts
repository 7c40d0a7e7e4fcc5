// mon: frames, clients, stdin and output (PROTOCOL.md, Frames). Binary exact, larger than any buffer, with slow and rude
// clients.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { Client, eachWorld, finish, frame, launch, type Monitor, run, start } from './monitor-client.js'
import { settled } from './processes.js'
import { chownAll, makeWorld, prepare, users, type World } from './support.js'

const MEBIBYTE = 1 << 20
const md5 = (data: Buffer): string => createHash('md5').update(data).digest('hex')

async function attach(monitor: Monitor, path = monitor.prepared.socket): Promise<Client> {
  const socket = connect(path)
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  return new Client(socket)
}

function noise(size: number): Buffer {
  let state = 7
  const bytes = Buffer.alloc(size)
  for (let at = 0; at < size; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    bytes[at] = state >>> 24
  }
  return bytes
}

describe.each(users)('mon as $name', (user) => {
  let world: World
  eachWorld(user, (made) => {
    world = made
  })

  test('passes 8 MiB of binary output on unchanged, and the same to the log', async () => {
    const data = noise(8 * MEBIBYTE)
    world.write(world.path('layers/a/data'), '')
    writeFileSync(world.path('layers/a/data'), data)
    const { monitor } = await run(world, { argv: ['cat', '/data'] })
    expect(md5(monitor.first.bytes('o'))).toBe(md5(data))
    const log = readFileSync(monitor.prepared.log)
    let logged = 0
    for (let at = 0, end = 0; at < log.length; at = end + 1) {
      const text = at + '2026-01-01T00:00:00.000000000Z stdout F '.length
      end = log.indexOf(10, text)
      logged += end - text + (log[text - 2] === 70 ? 1 : 0)
    }
    expect(logged).toBe(data.length)
  })

  test('passes stdin through unchanged when it is far larger than any buffer, and its end', async () => {
    const data = noise(5 * MEBIBYTE + 12345)
    const monitor = await start(world, { argv: ['md5sum'], stdin: true })
    for (let at = 0; at < data.length; at += 65536) monitor.first.send('i', data.subarray(at, at + 65536))
    monitor.first.send('e')
    await finish(monitor)
    expect(monitor.first.text()).toBe(`${md5(data)}  -\n`)
  })

  test('keeps stdin that the container does not read yet, and takes signals beside it', async () => {
    const monitor = await start(world, {
      argv: ['sh', '-c', 'trap "md5sum; exit 5" TERM; echo ready; while :; do sleep 0.01; done'],
      stdin: true,
    })
    await monitor.first.untilText('ready')
    const data = noise(MEBIBYTE)
    for (let at = 0; at < data.length; at += 50000) monitor.first.send('i', data.subarray(at, at + 50000))
    monitor.first.send('e')
    await sleep(100)
    const second = await attach(monitor)
    second.send('k', '15')
    expect((await finish(monitor)).slice(0, 2)).toEqual([5, 0])
    expect(monitor.first.text()).toBe(`ready\n${md5(data)}  -\n`)
  })

  test('delivers the stdin of a client that has left meanwhile', async () => {
    const monitor = await start(world, { argv: ['sh', '-c', 'sleep 0.3; md5sum'], stdin: true })
    const data = noise(150_000)
    const second = await attach(monitor)
    for (let at = 0; at < data.length; at += 50000) second.send('i', data.subarray(at, at + 50000))
    second.send('e')
    second.socket.end()
    await finish(monitor)
    expect(monitor.first.text()).toBe(`${md5(data)}  -\n`)
  })

  test('throws stdin away when it is not kept or nobody reads it any more', async () => {
    for (const stdin of [false, true]) {
      const monitor = await start(world, { argv: ['sh', '-c', 'exec <&-; echo closed; sleep 0.2; echo done'], stdin })
      await monitor.first.untilText('closed')
      for (let count = 0; count < 10; count++) monitor.first.send('i', noise(60000))
      monitor.first.send('e')
      await finish(monitor)
      expect(monitor.first.text()).toBe('closed\ndone\n')
    }
  })

  test('holds the output back for a client that does not read, and drops nothing', async () => {
    const monitor = await start(world, { argv: ['sh', '-c', 'seq 1 500000; touch /written'] })
    monitor.first.socket.pause()
    await sleep(300)
    const before = statSync(monitor.prepared.log).size
    await sleep(200)
    expect(statSync(monitor.prepared.log).size).toBe(before)
    expect(before).toBeLessThan(3 * MEBIBYTE)
    monitor.first.socket.resume()
    await finish(monitor)
    const lines = monitor.first.text().trimEnd().split('\n')
    expect([lines.length, lines[0], lines.at(-1)]).toEqual([500000, '1', '500000'])
  })

  test('reports the exit and cleans up although a client has stopped reading, then serves it', async () => {
    const monitor = await start(world, {
      argv: ['sh', '-c', 'read go; yes 0123456789abcde | head -c 240000; exit 6'],
      stdin: true,
    })
    const stuck = await attach(monitor)
    stuck.send('a')
    stuck.socket.pause()
    monitor.first.socket.pause()
    monitor.first.send('i', 'go\n')
    await expect.poll(() => readOr(`${monitor.prepared.runDir}/exit.json`), { timeout: 5000 }).toContain('"exitCode":6')
    await expect.poll(() => readOr(`/proc/${monitor.pid}/mountinfo`).includes(world.dir), { timeout: 5000 }).toBe(false)
    monitor.first.socket.resume()
    stuck.socket.resume()
    await finish(monitor)
    expect(monitor.first.bytes('o').length).toBe(240000)
    expect((await stuck.expect('x')).toString()).toMatch(/^6 0 /)
  })

  test('forgets a client that closes while the output waits for it', async () => {
    const monitor = await start(world, { argv: ['sh', '-c', 'seq 1 500000; exit 2'] })
    const other = await attach(monitor)
    other.send('a')
    other.socket.pause()
    await sleep(200)
    other.socket.destroy()
    expect((await finish(monitor))[0]).toBe(2)
    expect(monitor.first.text()).toMatch(/\n500000\n$/)
  })

  test('goes on without the first client once it runs', async () => {
    const monitor = await start(world, { argv: ['sh', '-c', 'sleep 0.3; seq 1 100000; exit 8'] })
    monitor.first.socket.destroy()
    expect(await monitor.exited).toEqual({ code: 0, signal: null })
    expect(JSON.parse(readOr(`${monitor.prepared.runDir}/exit.json`))).toMatchObject({ exitCode: 8 })
    expect(readOr(monitor.prepared.log)).toMatch(/ 100000\n$/)
  })

  test('gives output only from attach on, and x to every client', async () => {
    const monitor = await start(world, { argv: ['sh', '-c', 'echo before; cat; echo after; exit 9'], stdin: true })
    await monitor.first.untilText('before')
    const [attached, silent] = [await attach(monitor), await attach(monitor)]
    attached.send('a')
    attached.send('i', 'typed\n')
    await attached.untilText('typed')
    silent.send('e')
    await finish(monitor)
    expect(monitor.first.text()).toBe('before\ntyped\nafter\n')
    expect(attached.text()).toBe('typed\nafter\n')
    expect((await silent.expect('x')).toString()).toMatch(/^9 0 /)
    expect(silent.frames.length).toBe(1)
  })

  test('tells the exit to clients that were still waiting to be accepted', async () => {
    const monitor = await start(world, { argv: ['sleep', '100'] })
    monitor.child.kill('SIGSTOP')
    const waiting = await Promise.all([attach(monitor), attach(monitor), attach(monitor)])
    for (const client of waiting) client.send('a')
    process.kill(Number((await monitor.first.expect('c')).toString().split(' ')[1]), 'SIGKILL')
    await sleep(50)
    monitor.child.kill('SIGCONT')
    for (const client of waiting) expect((await client.expect('x')).toString()).toMatch(/^137 9 /)
    await finish(monitor)
  })

  test('serves the attach socket at a path longer than sun_path', async () => {
    const deep = world.path('d'.repeat(100), 'e'.repeat(100))
    mkdirSync(deep, { recursive: true })
    chownAll(world.path('d'.repeat(100)), user)
    const monitor = await start(world, { argv: ['sleep', '100'], words: [`socket=${deep}/attach`] })
    expect(statSync(`${deep}/attach`).mode & 0o777).toBe(0o600)
    process.chdir(deep)
    const client = await attach(monitor, 'attach')
    process.chdir('/')
    client.send('k', '9')
    await finish(monitor)
    expect(() => statSync(`${deep}/attach`)).toThrow('ENOENT')
  })

  test('passes SIGTERM, SIGINT and SIGHUP of its own on', async () => {
    const argv = [
      'sh',
      '-c',
      'for s in TERM INT HUP; do trap "echo $s" $s; done; echo ready; while :; do sleep 0.02; done',
    ]
    const monitor = await start(world, { argv })
    await monitor.first.untilText('ready')
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      monitor.child.kill(signal)
      await monitor.first.untilText(signal.slice(3))
    }
    monitor.first.send('k', '9')
    expect((await finish(monitor)).slice(0, 2)).toEqual([137, 9])
  })

  test.each([
    ['an unknown frame', frame('z')],
    ['go from a second client', frame('g')],
    ['start from a second client', frame('s')],
    ['a frame longer than allowed', Buffer.from([105, 1, 0, 1, 0])],
    ['a text that is too long', frame('k', '9'.repeat(40))],
    ['a signal that is none', frame('k', '65')],
    ['a signal that is no number', frame('k', 'KILL')],
    ['signal 0', frame('k', '0')],
    ['half a window size', frame('w', '24')],
    ['a window size out of range', frame('w', '24 65536')],
    ['a NUL in a text', frame('k', '9\0')],
    ['attach with a payload', frame('a', 'x')],
    ['a request over HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ])('ends only that client after %s', async (_what, bytes) => {
    const monitor = await start(world, { argv: ['sleep', '100'] })
    const rude = await attach(monitor)
    rude.socket.write(bytes)
    await expect.poll(() => rude.ended, { timeout: 5000 }).toBe(true)
    monitor.first.send('k', '15')
    await sleep(20)
    monitor.first.send('k', '9')
    expect((await finish(monitor)).slice(0, 2)).toEqual([137, 9])
    expect(await settled(world)).toEqual([])
  })

  test('takes frames in pieces of one byte', async () => {
    const monitor = await start(world, { argv: ['cat'], stdin: true })
    for (const byte of Buffer.concat([
      frame('i', 'hello'),
      frame('i'),
      frame('w', '5 6'),
      frame('i', ' world'),
      frame('e'),
    ])) {
      monitor.first.socket.write(Buffer.from([byte]))
      await new Promise(setImmediate)
    }
    expect((await finish(monitor))[0]).toBe(0)
    expect(monitor.first.text()).toBe('hello world')
  })

  test('serves sixty clients and lets the others wait', async () => {
    const monitor = await start(world, { argv: ['sh', '-c', 'cat; echo end'], stdin: true })
    const clients = await Promise.all(Array.from({ length: 90 }, () => attach(monitor)))
    for (const client of clients) client.send('a')
    await sleep(100)
    for (const client of clients.splice(0, 40)) client.socket.destroy()
    // Who waited is accepted once there is room, and attached from then on.
    while (clients.some((client) => client.text() === '')) {
      monitor.first.send('i', 'hello\n')
      await sleep(20)
    }
    monitor.first.send('e')
    await finish(monitor)
    for (const client of clients) expect(client.text()).toMatch(/^(hello\n)+end\n$/)
  })

  test('writes no more to a full log but keeps the container and later lines', async () => {
    if (!user.root) return
    mkdirSync(world.path('small'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', world.path('small')])
    try {
      const argv = ['sh', '-c', 'seq 1 20000; echo full; read go; echo again']
      const monitor = await start(world, { argv, stdin: true, words: [`log=${world.path('small/log')}`] })
      await monitor.first.untilText('full')
      execFileSync('truncate', ['-s', '0', world.path('small/log')])
      monitor.first.send('i', 'go\n')
      expect((await finish(monitor))[0]).toBe(0)
      expect(monitor.first.text()).toMatch(/20000\nfull\nagain\n$/)
      expect(monitor.stderr()).toBe('lichen-monitor: write: log: No space left on device\n')
      expect(readFileSync(world.path('small/log'), 'utf8')).toMatch(/^\S+ stdout F again\n$/)
    } finally {
      execFileSync('umount', ['-l', world.path('small')])
    }
  })
})

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

describe('frames before start', () => {
  test('call the launch off when they are not in the protocol', async () => {
    const user = users[0]
    if (user === undefined) return
    const world = makeWorld(user)
    const monitor = launch(world, prepare(world))
    monitor.first.send('y')
    expect((await monitor.exited).code).toBe(1)
    expect(monitor.stderr()).toContain('called off')
    expect(await settled(world)).toEqual([])
    world.remove()
  })
})
