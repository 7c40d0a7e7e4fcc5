// mon: version 1 control groups (PROTOCOL.md, cgroup1 and cgroup1_value). As root, on hosts that have such; in groups of the
// test's own below the one it runs in, as a container's are.

import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { finish, killLeftovers, launch, run, start } from './monitor-client.js'
import { settled } from './processes.js'
import { makeWorld, monitorPath, prepare, runAs, users, type World } from './support.js'

const root = users.find((user) => user.root)

// The directory of our own group, undefined where the controller is version 2's or nobody's.
function ownGroup(controller: string): string | undefined {
  const line = readFileSync('/proc/self/cgroup', 'utf8')
    .split('\n')
    .find((candidate) => candidate.split(':')[1]?.split(',').includes(controller))
  const dir = line === undefined ? undefined : join('/sys/fs/cgroup', controller, line.split(':')[2] ?? '')
  return dir !== undefined && existsSync(join(dir, 'cgroup.procs')) ? dir : undefined
}

const [memory, pids, cpuset] = ['memory', 'pids', 'cpuset'].map(ownGroup)

describe.skipIf(root === undefined || memory === undefined || pids === undefined || cpuset === undefined)('mon', () => {
  let world: World
  let name: string
  beforeEach(() => {
    world = makeWorld(root as NonNullable<typeof root>)
    name = `lichen-test-${world.dir.split('-').at(-1)}`
  })
  afterEach(() => {
    killLeftovers()
    world.remove()
    expect([memory, pids, cpuset].filter((dir) => existsSync(join(dir ?? '', name)))).toEqual([])
  })
  const group = (parent: string | undefined): string => join(parent ?? '', name)
  // The runtime has a group of its own in version 2, or not.
  const inGroups = (...words: string[]): string[] => [
    ...[memory, pids, cpuset].map((dir) => `cgroup1=${group(dir)}`),
    ...words.map((word) => `cgroup1_value=${word}`),
  ]

  test('runs the container in groups of its own with the values said, and removes them', async () => {
    const monitor = await start(world, {
      argv: ['sleep', '60'],
      words: inGroups('0 memory.limit_in_bytes 33554432', '1 pids.max 17'),
    })
    const [, pid] = (await monitor.first.expect('c')).toString().split(' ')
    const paths = readFileSync(`/proc/${pid}/cgroup`, 'utf8').match(new RegExp(`/${name}$`, 'gm'))
    expect(paths).toHaveLength(3)
    expect(readFileSync(join(group(memory), 'memory.limit_in_bytes'), 'utf8')).toBe('33554432\n')
    expect(readFileSync(join(group(pids), 'pids.max'), 'utf8')).toBe('17\n')
    const cpus = (dir: string | undefined): string => readFileSync(join(dir ?? '', 'cpuset.cpus'), 'utf8')
    expect(cpus(group(cpuset))).toBe(cpus(cpuset))
    monitor.first.send('k', '9')
    expect(await finish(monitor)).toEqual([137, 9, 0])
    expect(existsSync(group(memory))).toBe(false)
    expect(await settled(world)).toEqual([])
  })

  test('is in force from the first instruction on', async () => {
    const { monitor, exit } = await run(world, {
      argv: ['sh', '-c', 'for i in 1 2 3 4 5 6 7 8; do sleep 1 & done; wait'],
      words: inGroups('1 pids.max 4'),
    })
    expect(exit[0]).not.toBe(0)
    expect(monitor.first.text('E')).toMatch(/fork/)
  })

  test('tells that the kernel killed the container for lack of memory, at each run anew', async () => {
    // The first run needs too much, the second does not.
    const script =
      'if test -e /again; then exit 5; fi; touch /again; x=$(head -c 90000000 /dev/zero | od -An -tx1 -v); exit 9'
    const { monitor, exit } = await run(world, {
      argv: ['sh', '-c', script],
      words: [
        ...inGroups('0 memory.limit_in_bytes 16777216', '0 memory.swappiness 0'),
        'restart=on-failure',
        'restart_max=1',
      ],
      config: (config) => {
        config.mounts.push({ destination: '/dev/zero', type: 'bind', source: '/dev/zero', options: ['bind'] })
      },
    })
    expect((await monitor.first.expect('z')).toString()).toBe('137 9 1')
    expect(exit).toEqual([5, 0, 0])
  })

  test('uses a group that is there, and removes it with those below it', async () => {
    mkdirSync(join(group(pids), 'below/deeper'), { recursive: true })
    const { exit } = await run(world, { argv: ['true'], words: inGroups() })
    expect(exit[0]).toBe(0)
  })

  test.each([
    ['0 memory.limit_in_bytes nonsense', /^cgroup\0write: .*\/memory\.limit_in_bytes: Invalid argument$/],
    ['0 memory.nonsense 1', /^cgroup\0write: .*\/memory\.nonsense: /],
  ])('fails with the file, and leaves no group, when it is told %s', async (word, message) => {
    const monitor = launch(world, prepare(world, { words: inGroups(word) }))
    await monitor.first.until(() => monitor.first.frames.length > 0, 'the failure')
    expect(monitor.first.frames[0]?.payload.toString()).toMatch(message)
    expect((await monitor.exited).code).toBe(1)
  })

  test('refuses a directory that is no version 1 group', async () => {
    const monitor = launch(world, prepare(world, { words: [`cgroup1=${world.path('run')}`] }))
    await monitor.first.until(() => monitor.first.frames.length > 0, 'the failure')
    expect(monitor.first.frames[0]?.payload.toString()).toBe(
      `cgroup\0version 1 group: ${world.path('run')}: No such device`,
    )
    await monitor.exited
    expect(existsSync(world.path('run'))).toBe(true)
  })

  test('ns joins the groups it is told before anything else', () => {
    mkdirSync(group(pids))
    const done = runAs(world.user, [monitorPath, 'ns', '--cgroup1', group(pids), '--', 'cat', '/proc/self/cgroup'])
    rmdirSync(group(pids))
    expect(done.stdout).toMatch(new RegExp(`pids:.*/${name}$`, 'm'))
  })
})
