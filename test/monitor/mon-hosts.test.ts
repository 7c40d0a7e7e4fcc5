// mon on different kinds of hosts: storage drivers, cgroup views, id maps, runtimes (PROTOCOL.md, What it does, 1 to 3).
// Other hosts are made in a private mount namespace; the machine's own cgroups and devices are left alone.

import { existsSync, readdirSync, readFileSync, statfsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { eachWorld, finish, launch, run, start } from './monitor-client.js'
import { settled } from './processes.js'
import { as, makeWorld, monitorPath, prepare, runAs, unprivileged, users, type World } from './support.js'

const isRoot = process.getuid?.() === 0
const cgroup2 = 0x63677270

// A command line that runs its arguments after `script`, as root in a mount namespace of its own.
function host(script: string): string[] {
  return ['unshare', '-m', '--propagation', 'private', 'sh', '-ec', `${script}\nexec "$@"`, 'host']
}

// As udev sets it up, whatever this machine has.
const openFuse =
  'mkdir /tmp/dev.$$; mount -t tmpfs none /tmp/dev.$$; mknod -m 666 /tmp/dev.$$/fuse c 10 229; mount --bind /tmp/dev.$$/fuse /dev/fuse; umount -l /tmp/dev.$$; rmdir /tmp/dev.$$'
const closedFuse = openFuse.replace('-m 666', '-m 600')

describe.runIf(isRoot).each(users)('mon as $name', (user) => {
  let world: World
  eachWorld(user, (made) => {
    world = made
  })

  test('mounts fuse-overlayfs so that the daemon ends with the container', async () => {
    const argv = [
      'sh',
      '-c',
      'mount | head -1; cat /etc/passwd | head -1; rm -r /etc; mkdir /etc; echo new > /etc/new; ls /etc',
    ]
    const { monitor, exit } = await run(
      world,
      { argv, storage: 'fuse-overlayfs', words: ['read=/etc/passwd'] },
      host(openFuse),
    )
    expect(exit[0]).toBe(0)
    expect(monitor.first.text()).toContain('type fuse.fuse-overlayfs')
    expect(monitor.first.text()).toMatch(/root:x:0:0::\/root:\/bin\/sh\nnew\n$/)
    expect((await monitor.first.expect('m')).readUInt32LE(0)).toBeGreaterThan(10)
    expect(existsSync(world.path(monitor.prepared.id, 'upper/etc/new'))).toBe(true)
    expect(monitor.stderr()).toBe('')
    expect(await settled(world)).toEqual([])
  })

  test('leaves no fuse-overlayfs when the monitor is killed before or after create', async () => {
    for (const moment of ['m', 'c']) {
      const monitor = launch(
        world,
        prepare(world, { argv: ['sleep', '4242'], storage: 'fuse-overlayfs' }),
        host(openFuse),
      )
      await monitor.first.expect('m')
      if (moment === 'c') {
        monitor.first.send('g')
        process.kill(Number((await monitor.first.expect('c')).toString().split(' ')[1]), 'SIGKILL')
      }
      monitor.child.kill('SIGKILL')
      await monitor.exited
      const view = ['--mount', '--graft-cgroup', '--', '/usr/bin/crun', '--root', world.path('crun')]
      const words = world.usernsWords.flatMap((word) => [
        `--${word.split('=')[0]?.replace('_', '-')}`,
        word.slice(word.indexOf('=') + 1),
      ])
      runAs(user, [
        monitorPath,
        'ns',
        ...words,
        ...view,
        '--cgroup-manager',
        user.root ? 'cgroupfs' : 'disabled',
        'delete',
        '-f',
        monitor.prepared.id,
      ])
      await expect.poll(() => runningWith(world.dir), { timeout: 5000 }).toEqual([])
    }
  })

  test('survives the death of its fuse-overlayfs', async () => {
    const monitor = await start(
      world,
      {
        argv: ['sh', '-c', 'trap "exit 3" TERM; echo ready; while :; do usleep 10000; done'],
        storage: 'fuse-overlayfs',
      },
      host(openFuse),
    )
    await monitor.first.untilText('ready')
    for (const pid of childrenOf(monitor.pid))
      if (commandLine(pid).includes('fuse-overlayfs')) process.kill(pid, 'SIGKILL')
    monitor.first.send('k', '9')
    expect((await finish(monitor)).slice(0, 2)).toEqual([137, 9])
    expect(await settled(world)).toEqual([])
  })

  test.each([
    [closedFuse, '/usr/bin/fuse-overlayfs', user.root ? '' : 'rootfs\0open: /dev/fuse: Permission denied'],
    [openFuse, '/no/such', 'rootfs\0run: /no/such: No such file or directory'],
    [openFuse, '/bin/false', 'rootfs\0reach fuse-overlayfs: '],
    [openFuse, '/usr/bin/env', 'invalid option'],
  ])('says why fuse-overlayfs cannot serve (%#)', async (script, program, text) => {
    const monitor = launch(
      world,
      prepare(world, { storage: 'fuse-overlayfs', words: [`fuse_program=${program}`] }),
      host(script),
    )
    if (text === '') return void monitor.first.socket.destroy()
    expect((await monitor.first.expect('!')).toString()).toContain(text)
    expect((await monitor.exited).code).toBe(1)
    expect(await settled(world)).toEqual([])
  })

  test('runs on a tree that is there already without mounting anything', async () => {
    const omit = ['layers_dir', 'lower', 'upper', 'work', 'fuse_program', 'volatile']
    const { monitor } = await run(world, { storage: 'dir', omit, argv: ['touch', '/made'] })
    expect(existsSync(world.path('layers/a/made'))).toBe(true)
    expect(monitor.stderr()).toBe('')
    expect(await settled(world)).toEqual([])
  })

  test('syncs and unmounts an overlay that is not volatile', async () => {
    const { monitor } = await run(world, { argv: ['touch', '/made'], words: ['volatile=0'] })
    expect(existsSync(world.path(monitor.prepared.id, 'work/work/incompat'))).toBe(false)
    expect(await settled(world)).toEqual([])
  }, 120_000)

  test.each([
    ['lower=nowhere', 'rootfs\0mount overlay: '],
    ['layers_dir=/no/such', 'rootfs\0enter: /no/such: No such file or directory'],
    ['merged=/no/such', 'rootfs\0mount overlay: /no/such: No such file or directory'],
  ])('says why %s cannot be mounted', async (word, text) => {
    const monitor = launch(world, prepare(world, { words: [word] }))
    expect((await monitor.first.expect('!')).toString()).toContain(text)
    expect((await monitor.exited).code).toBe(1)
    expect(await settled(world)).toEqual([])
  })

  test('takes layers as long as their names fit a page, and says so when not', async () => {
    const fits = Array.from({ length: 120 }, () => 'lower=b')
    for (const [index, word] of fits.entries()) fits[index] = `${word.slice(0, -1)}${makeLayer(world, index)}`
    expect((await run(world, { words: [...fits, 'lower=a'] })).exit[0]).toBe(0)
    const long = launch(world, prepare(world, { words: Array.from({ length: 30 }, () => `lower=${'x'.repeat(200)}`) }))
    expect((await long.first.expect('!')).toString()).toMatch(
      /^rootfs\0mount: overlay: the options take \d+ bytes, the kernel takes 4095$/,
    )
  })

  // The ladder, rung by rung.
  test('leaves a cgroup2 /sys/fs/cgroup as it is', async () => {
    const under = host('mount -t cgroup2 none /sys/fs/cgroup')
    const monitor = await start(world, { argv: ['sleep', '4242'] }, under)
    const mounts = cgroupMounts(monitor.pid)
    expect(mounts.at(-1)).toBe('cgroup2')
    expect(mounts.filter((type) => type === 'cgroup2').length).toBe(
      cgroupMounts(process.pid).filter((type) => type === 'cgroup2').length + 1,
    )
    monitor.first.send('k', '9')
    await finish(monitor)
    expect(await settled(world)).toEqual([])
  })

  test.runIf(statfsSync('/sys/fs/cgroup').type !== cgroup2)('binds the cgroup2 mount of a hybrid host', async () => {
    const monitor = await start(world, { argv: ['sleep', '4242'] })
    expect(cgroupMounts(monitor.pid).at(-1)).toBe('cgroup2')
    monitor.first.send('k', '9')
    await finish(monitor)
  })

  test('covers a host without cgroup2 by an empty tmpfs and tells the runtime so', async () => {
    const under = host('umount -R /sys/fs/cgroup || umount -l /sys/fs/cgroup; mount -t tmpfs none /sys/fs/cgroup')
    const monitor = await start(world, { argv: ['sleep', '4242'], words: ['cgroup_manager=cgroupfs'] }, under)
    expect(cgroupMounts(monitor.pid)).toEqual(['tmpfs', 'tmpfs'])
    monitor.first.send('k', '9')
    expect((await finish(monitor)).slice(0, 2)).toEqual([137, 9])
    expect(await settled(world)).toEqual([])
  })

  test('runs with runc where that is the runtime', async () => {
    if (!existsSync('/usr/sbin/runc')) return
    const { monitor, exit } = await run(world, { argv: ['sh', '-c', 'echo hi; exit 4'], runtime: '/usr/sbin/runc' })
    expect([exit[0], monitor.first.text()]).toEqual([4, 'hi\n'])
    const tty = await run(world, { argv: ['tty'], tty: true, runtime: '/usr/sbin/runc' })
    expect(tty.monitor.first.text()).toBe('/dev/pts/0\r\n')
    expect(await settled(world)).toEqual([])
  })
})

describe.runIf(isRoot && unprivileged !== undefined)('mon without subordinate ids', () => {
  const user = unprivileged ?? users[0]
  if (user === undefined) return

  test('runs in a namespace of a single id', async () => {
    const world = makeWorld(user, 'single')
    const { monitor } = await run(world, { argv: ['sh', '-c', 'id -u; cat /proc/self/uid_map /proc/self/setgroups'] })
    expect(monitor.first.text().replaceAll(/ +/g, ' ')).toBe(`0\n 0 ${user.uid} 1\ndeny\n`)
    expect(await settled(world)).toEqual([])
    world.remove()
  })

  test('says what newuidmap had against the maps', async () => {
    const world = makeWorld(user)
    const words = ['uidmap=0 0 1', 'gidmap=0 0 1']
    const monitor = launch(world, prepare(world, { words }))
    const text = (await monitor.first.expect('!')).toString()
    expect(text).toMatch(/^userns\0newuidmap: .*not allowed.*: run: newuidmap: exit 1$/)
    expect((await monitor.exited).code).toBe(1)
    expect(await settled(world)).toEqual([])
    world.remove()
  })

  test('says that newuidmap is missing', async () => {
    const world = makeWorld(user)
    const [setpriv = '', ...ids] = as(user, [])
    const monitor = launch({ ...world, user: { ...user, uid: process.getuid?.() ?? 0 } }, prepare(world), [
      `/usr/bin/${setpriv}`,
      ...ids,
      'PATH=/no/such',
    ])
    expect((await monitor.first.expect('!')).toString()).toBe('userns\0run: newuidmap: No such file or directory')
    expect((await monitor.exited).code).toBe(1)
    world.remove()
  })

  test('drops stale and foreign registrations and makes the namespace afresh', async () => {
    const world = makeWorld(user)
    await run(world)
    world.write(world.path('userns/mon/1'), '4026531837')
    world.write(world.path('userns/mon/999999'), '12345')
    world.write(world.path('userns/mon/half'), '')
    world.write(world.path(`userns/mon/${process.pid}`), '4026531837')
    expect((await run(world)).exit[0]).toBe(0)
    expect(readdirSync(world.path('userns/mon'))).toEqual([])
    world.remove()
  })
})

function makeLayer(world: World, index: number): string {
  const name = `l${index}`
  runAs(world.user, ['mkdir', '-p', world.path('layers', name)])
  return name
}

function cgroupMounts(pid: number): (string | undefined)[] {
  const lines = readFileSync(`/proc/${pid}/mountinfo`, 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
  return lines.filter((fields) => fields[4] === '/sys/fs/cgroup').map((fields) => fields[fields.indexOf('-') + 1])
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number)
}

function commandLine(pid: number | string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

function runningWith(text: string): string[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .map(commandLine)
    .filter((line) => line.includes(text))
}
