// mon: a container from spec to exit, as each user (PROTOCOL.md, What it does).

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { killLeftovers, makeWorld, readJson, run, settled, users, type World } from './support.js'

describe.each(users)('mon as $name', (user) => {
  let world: World
  beforeEach(() => {
    world = makeWorld(user)
  })
  afterEach(() => {
    killLeftovers()
    world.remove()
  })

  test('runs a command to its end and leaves nothing behind', async () => {
    const { monitor, exit } = await run(world, { argv: ['sh', '-c', 'echo out; echo err >&2; exit 7'] })
    expect(exit).toEqual([7, 0, expect.any(Number)])
    expect(monitor.first.text('o')).toBe('out\n')
    expect(monitor.first.text('E')).toBe('err\n')
    expect(await settled(world)).toEqual([])
    expect(await monitor.exited).toEqual({ code: 0, signal: null })
    expect(monitor.stderr()).toBe('')
  })
})
