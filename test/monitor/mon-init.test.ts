// mon: a container that is created now and started later, by whoever comes (PROTOCOL.md, `init`).

import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Client, eachWorld, launch, type Monitor } from './monitor-client.js'
import { settled } from './processes.js'
import { prepare, readJson, users, type World } from './support.js'

describe.each(users)('mon as $name', (user) => {
  let world: World
  eachWorld(user, (made) => {
    world = made
  })

  async function init(argv: readonly string[]): Promise<Monitor> {
    const monitor = launch(world, prepare(world, { argv: [...argv], words: ['init=1'] }))
    await monitor.first.expect('m')
    monitor.first.send('g')
    await monitor.first.expect('c')
    monitor.first.socket.destroy()
    return monitor
  }

  test('stays when its first client leaves, and is started by another', async () => {
    const monitor = await init(['sh', '-c', 'echo out; exit 4'])
    const [one, two] = [new Client(connect(monitor.prepared.socket)), new Client(connect(monitor.prepared.socket))]
    expect(readJson(`${monitor.prepared.runDir}/monitor.json`)).not.toHaveProperty('startedAt')
    two.send('a')
    two.send('s')
    expect((await two.expect('x')).toString()).toMatch(/^4 0 /)
    expect(two.text()).toBe('out\n')
    await one.expect('x')
    expect(one.frames.map(({ type }) => type)).toContain('r') // told to all: either may have said s
    await monitor.exited
    expect(await settled(world)).toEqual([])
  })

  test('ends a client that says start when it has been started', async () => {
    const monitor = await init(['sleep', '1000'])
    const [first, late] = [new Client(connect(monitor.prepared.socket)), new Client(connect(monitor.prepared.socket))]
    first.send('s')
    await first.expect('r')
    await late.expect('r')
    late.send('s')
    await expect.poll(() => late.ended).toBe(true)
    first.send('k', '9')
    await first.expect('x')
    await monitor.exited
  })

  test('leaves nothing when it is told to end before its start', async () => {
    const monitor = await init(['true'])
    monitor.child.kill('SIGTERM')
    await monitor.exited
    expect(existsSync(join(monitor.prepared.runDir, 'exit.json'))).toBe(false)
    expect(existsSync(join(monitor.prepared.runDir, 'monitor.json'))).toBe(false)
    expect(await settled(world)).toEqual([])
  })

  test('takes s from its first client alone when nobody said init', async () => {
    const monitor = launch(world, prepare(world, { argv: ['true'] }))
    await monitor.first.expect('m')
    monitor.first.send('g')
    await monitor.first.expect('c')
    const stranger = new Client(connect(monitor.prepared.socket))
    stranger.send('s')
    await expect.poll(() => stranger.ended).toBe(true)
    expect(readJson(`${monitor.prepared.runDir}/monitor.json`)).not.toHaveProperty('startedAt')
    monitor.first.socket.destroy()
    await monitor.exited
    expect(await settled(world)).toEqual([])
  })
})
