// mon: version 1 control groups (PROTOCOL.md, cgroup1 and cgroup1_value). As root, on hosts that have such; in groups of the
// test's own below the one it runs in, as a container's are.

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { finish, killLeftovers, launch, type Monitor, run, start } from './monitor-client.js'
import { descendants, settled } from './processes.js'
import { makeWorld, monitorPath, prepare, readJson, runAs, users, type World } from './support.js'

const root = users.find((user) => user.root)

// The directory of our own group, undefined where the controller is version 2's or nobody's.
function ownGroup(controller: string): string | undefined {
  const line = readFileSync('/proc/self/cgroup', 'utf8')
    .split('\n')
    .find((candidate) => candidate.split(':')[1]?.split(',').includes(controller))
  const dir = line === undefined ? undefined : join('/sys/fs/cgroup', controller, line.split(':')[2] ?? '')
  return dir !== undefined && existsSync(join(dir, 'cgroup.procs')) ? dir : undefined
}

const [memory, pids, cpuset, freezer] = ['memory', 'pids', 'cpuset', 'freezer'].map(ownGroup)

describe.skipIf(root === undefined || memory === undefined || pids === undefined || cpuset === undefined)('mon', () => {
  let world: World
  let name: string
  beforeEach(() => {
    world = makeWorld(root as NonNullable<typeof root>)
    name = `lichen-test-${world.dir.split('-').at(-1)}`
  })
  afterEach(() => {
    if (existsSync(group(freezer))) writeFileSync(join(group(freezer), 'freezer.state'), 'THAWED')
    killLeftovers()
    world.remove()
    expect([memory, pids, cpuset, freezer].filter((dir) => existsSync(join(dir ?? '', name)))).toEqual([])
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

  // A check that waits for the file, and says in which groups it is.
  const checked = (): string[] => {
    const args = ['sh', '-c', 'cat /proc/self/cgroup; while test -e /wait; do usleep 10000; done']
    const process = { terminal: false, user: { uid: 0, gid: 0 }, args, env: ['PATH=/bin'], cwd: '/' }
    world.write(world.path('check.json'), JSON.stringify(process))
    const values = ['interval_ms=0', 'timeout_ms=1500', 'start_period_ms=0', 'retries=9', 'on_failure=none']
    return [`process=${world.path('check.json')}`, ...values, 'log_count=9', 'log_size=0'].map(
      (word) => `health_${word}`,
    )
  }
  const ask = async (monitor: Monitor): Promise<string> => {
    const before = monitor.first.frames.filter((one) => one.type === 'h').length
    monitor.first.send('h')
    return (await monitor.first.expectMany('h', before + 1)).at(-1) ?? ''
  }

  test('runs health checks in the groups of the container', async () => {
    const monitor = await start(world, { argv: ['sleep', '60'], words: [...inGroups(), ...checked()] })
    expect(await ask(monitor)).toBe('0')
    const { log } = readJson(`${monitor.prepared.runDir}/health.json`) as { log: { output: string }[] }
    expect(log[0]?.output.match(new RegExp(`/${name}$`, 'gm'))).toHaveLength(3)
    monitor.first.send('k', '9')
    expect((await finish(monitor))[0]).toBe(137)
  })

  test.skipIf(freezer === undefined)('counts no failure of a check while the container is frozen', async () => {
    const words = [`cgroup1=${group(freezer)}`, ...checked()]
    const monitor = await start(world, { argv: ['sh', '-c', 'touch /wait; sleep 60'], words })
    const state = join(group(freezer), 'freezer.state')
    const [, container] = (await monitor.first.expect('c')).toString().split(' ')
    await expect.poll(() => existsSync(`/proc/${container}/root/wait`)).toBe(true)
    monitor.first.send('h')
    await expect.poll(() => descendants(monitor.pid).map((one) => one.name)).toContain('usleep')
    writeFileSync(state, 'FROZEN')
    // In version 1 what is frozen cannot even be killed: the answer comes when it is thawed after the timeout.
    await expect
      .poll(() => descendants(monitor.pid).some(({ pid }) => killIsPending(pid)), { timeout: 9000 })
      .toBe(true)
    writeFileSync(state, 'THAWED')
    expect((await monitor.first.expect('h')).toString()).toBe('2')
    writeFileSync(state, 'FROZEN')
    expect(await ask(monitor)).toBe('2')
    writeFileSync(state, 'THAWED')
    expect(readJson(`${monitor.prepared.runDir}/health.json`)).toMatchObject({ failingStreak: 0, log: [] })
    rmSync(`/proc/${container}/root/wait`)
    expect(await ask(monitor)).toBe('0')
    monitor.first.send('k', '9')
    expect((await finish(monitor))[0]).toBe(137)
  })

  test('looks no more at a group that somebody has taken away, and still tells what it saw', async () => {
    const monitor = await start(world, { argv: ['sleep', '60'], words: inGroups() })
    const watched = (): string[] =>
      readdirSync(`/proc/${monitor.pid}/fd`).filter((fd) => linkOf(monitor.pid, fd).includes('memory.oom_control'))
    expect(watched()).toHaveLength(1)
    const [, container] = (await monitor.first.expect('c')).toString().split(' ')
    writeFileSync(join(memory ?? '', 'cgroup.procs'), container ?? '')
    rmdirSync(group(memory))
    monitor.first.send('h') // the kernel tells nothing of it; but whoever looks next finds it ready, for ever
    await expect.poll(watched).toEqual([])
    monitor.first.send('k', '9')
    expect(await finish(monitor)).toEqual([137, 9, 0])
  })

  test('ns joins the groups it is told before anything else', () => {
    mkdirSync(group(pids))
    const done = runAs(world.user, [monitorPath, 'ns', '--cgroup1', group(pids), '--', 'cat', '/proc/self/cgroup'])
    rmdirSync(group(pids))
    expect(done.stdout).toMatch(new RegExp(`pids:.*/${name}$`, 'm'))
  })
})

// SIGKILL among the signals that wait for the process (proc(5), ShdPnd and SigPnd).
function killIsPending(pid: number): boolean {
  const masks = readOr(`/proc/${pid}/status`).matchAll(/^S(?:hd|ig)Pnd:\s*(\w+)/gm)
  return [...masks].some(([, mask]) => (BigInt(`0x${mask}`) & 0x100n) !== 0n)
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // ended meanwhile
  }
}

function linkOf(pid: number, fd: string): string {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`)
  } catch {
    return '' // closed meanwhile
  }
}
