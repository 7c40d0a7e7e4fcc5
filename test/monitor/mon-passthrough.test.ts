// mon: descriptors of the caller's (PROTOCOL.md, stdio_fds and preserve_fds).

import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Client } from './monitor-client.js'
import { settled } from './processes.js'
import {
  as,
  type ContainerOptions,
  cleanEnv,
  makeWorld,
  monitorPath,
  type Prepared,
  prepare,
  users,
  type World,
} from './support.js'

interface Ran {
  readonly prepared: Prepared
  readonly client: Client
  readonly code: number | null
  readonly stderr: string
}

// fds: what the monitor finds as 4, 5, …
async function runWith(world: World, fds: readonly (number | 'ignore')[], options: ContainerOptions): Promise<Ran> {
  const prepared = prepare(world, options)
  const [command = '', ...rest] = as(world.user, [monitorPath, 'mon', prepared.specPath])
  const child = spawn(command, rest, { stdio: ['ignore', 'ignore', 'pipe', 'pipe', ...fds], cwd: '/', env: cleanEnv() })
  const client = new Client(child.stdio[3] as Socket)
  let stderr = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const closed = new Promise<number | null>((resolve) => void child.on('close', resolve))
  await client.until(() => client.frames.length > 0, 'the first frame')
  if (client.frames[0]?.type === 'm') {
    client.send('g')
    client.send('s')
  }
  return { prepared, client, code: await closed, stderr }
}

describe.each(users)('mon as $name', (user) => {
  let world: World
  beforeEach(() => {
    world = makeWorld(user)
  })
  afterEach(() => {
    world.remove()
  })
  // Opened for the monitor's user, whoever runs the tests.
  function open(name: string, flags: string, text = ''): number {
    world.write(world.path(name), text)
    return openSync(world.path(name), flags)
  }
  const read = (name: string): string => readFileSync(world.path(name), 'utf8')

  test('gives the container the streams it was given, and neither logs nor sends any of it', async () => {
    const fds = [open('in', 'r', 'input\n'), open('out', 'w'), open('err', 'w')]
    const argv = ['sh', '-c', 'cat; echo oops >&2; exit 3']
    const { prepared, client, code } = await runWith(world, fds, { argv, words: ['stdio_fds=1', 'log='] })
    for (const fd of fds) closeSync(fd)
    expect([code, read('out'), read('err')]).toEqual([0, 'input\n', 'oops\n'])
    expect((await client.expect('x')).toString()).toMatch(/^3 0 /)
    expect(client.frames.map(({ type }) => type)).toEqual(['m', 'c', 'r', 'x'])
    expect(existsSync(prepared.log)).toBe(false)
    expect(await settled(world)).toEqual([])
  })

  test.each(['/usr/bin/crun', '/usr/sbin/runc'])(
    'passes descriptors on as 3 and 4, and no other, to %s',
    async (runtime) => {
      const fds = [open('a', 'r', 'from a\n'), open('b', 'w'), open('c', 'r', 'not asked for\n')]
      const argv = ['sh', '-c', 'cat <&3; echo to b >&4; test -e /proc/self/fd/5 || echo no more']
      const { client, stderr } = await runWith(world, fds, { argv, runtime, words: ['preserve_fds=2'] })
      for (const fd of fds) closeSync(fd)
      expect([client.text(), read('b'), stderr]).toEqual(['from a\nno more\n', 'to b\n', ''])
    },
  )

  test('passes descriptors on beside the streams', async () => {
    const fds = [open('in', 'r', 'input\n'), open('out', 'w'), open('err', 'w'), open('a', 'r', 'from a\n')]
    const argv = ['sh', '-c', 'cat; cat <&3']
    await runWith(world, fds, { argv, words: ['stdio_fds=1', 'preserve_fds=1', 'log='] })
    for (const fd of fds) closeSync(fd)
    expect(read('out')).toBe('input\nfrom a\n')
  })

  test('gives the same descriptors again when it restarts the container', async () => {
    const fds = [open('in', 'r'), open('out', 'a'), open('err', 'a'), open('extra', 'a')]
    const argv = ['sh', '-c', 'echo once; echo once >&3; exit 1']
    const words = ['stdio_fds=1', 'preserve_fds=1', 'log=', 'restart=on-failure', 'restart_max=2']
    await runWith(world, fds, { argv, words })
    for (const fd of fds) closeSync(fd)
    expect([read('out'), read('extra')]).toEqual(['once\n'.repeat(3), 'once\n'.repeat(3)])
  })

  test.each([
    [['stdio_fds=1', 'log='], 'stdio_fds: fd 6: Bad file descriptor'],
    [['preserve_fds=3'], 'preserve_fds: fd 6: Bad file descriptor'],
    [['preserve_fds=9007199254740992'], 'preserve_fds: fd 6: Bad file descriptor'],
  ])('refuses %j when there are only two', async (words, cause) => {
    const fds = [open('a', 'r'), open('b', 'r')]
    const { client, code } = await runWith(world, fds, { argv: ['true'], words })
    for (const fd of fds) closeSync(fd)
    expect(code).toBe(1)
    expect(client.frames.map(({ payload }) => payload.toString())).toEqual([`spec\0${cause}`])
  })
})
