// ns: a command in the user's namespaces (PROTOCOL.md, ns and User namespaces).

import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { eachWorld, finish, start } from './monitor-client.js'
import { settled } from './processes.js'
import { monitorPath, nsOptions, runAs, unprivileged, users, type World } from './support.js'

describe.each(users)('ns as $name', (user) => {
  let world: World
  eachWorld(user, (made) => {
    world = made
  })
  const ns = (options: string[], ...command: string[]): ReturnType<typeof runAs> =>
    runAs(user, [monitorPath, 'ns', ...options, '--', ...command])
  const shared = (): string[] => nsOptions(world.usernsWords)

  test('is root inside, with the maps asked for, and registers nothing', () => {
    const done = ns(shared(), 'sh', '-c', 'id -u; id -g; cat /proc/self/uid_map')
    expect([done.code, done.stderr]).toEqual([0, ''])
    if (user.root) return
    expect(done.stdout.replaceAll(/ +/g, ' ')).toBe(`0\n0\n 0 ${user.uid} 1\n 1 ${user.subuid} 65536\n`)
    expect(readdirSync(world.path('userns/mon'))).toEqual([])
    expect(statSync(world.path('userns')).mode & 0o777).toBe(0o700)
  })

  test.each([
    [['sh', '-c', 'exit 7'], 7],
    [['no-such-command'], 127],
    [['/no/such/command'], 127],
    [['/etc/passwd/x'], 127],
    [['/etc/passwd'], 126],
    [['/'], 126],
  ])('ends as %j does', (command, code) => {
    expect(ns(shared(), ...command).code).toBe(code)
  })

  test('ends by the signal that killed its command', () => {
    expect(ns(shared(), 'sh', '-c', 'kill -9 $$').signal).toBe('SIGKILL')
  })

  test('hands inherited descriptors and input on and opens none of its own', () => {
    const script = 'exec 5</dev/null; "$@"'
    const command = ['sh', '-c', 'cat; ls /proc/self/fd | tr "\\n" " "']
    const plain = runAs(user, ['sh', '-c', script, 'sh', ...command], 'input ').stdout
    expect(plain).toMatch(/^input 0 1 2 .*\b5\b/)
    expect(
      runAs(user, ['sh', '-c', script, 'sh', monitorPath, 'ns', ...shared(), '--', ...command], 'input ').stdout,
    ).toBe(plain)
  })

  test('hands our environment on, but for what counts sockets for another process', () => {
    const listen = ['LISTEN_FDS=2', 'LISTEN_PID=1', 'LISTEN_FDNAMES=a:b', 'NOTIFY_SOCKET=@x']
    const command = ['env', '-i', ...listen, monitorPath, 'ns', ...shared(), '--', '/usr/bin/env']
    expect(runAs(user, command)).toMatchObject({ code: 0, stdout: 'NOTIFY_SOCKET=@x\n' })
  })

  test('starts its command with default signals', () => {
    const script = 'trap "" PIPE HUP TERM; exec "$@"'
    const done = runAs(user, [
      'sh',
      '-c',
      script,
      'sh',
      monitorPath,
      'ns',
      ...shared(),
      '--',
      'grep',
      '-E',
      '^Sig(Blk|Ign)',
      '/proc/self/status',
    ])
    expect(done.stdout).toBe('SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n')
  })

  test('joins the namespaces of a monitor: same user namespace, its mounts, its root', async () => {
    const monitor = await start(world, { argv: ['sleep', '4242'] })
    const links = ns(
      ['--of', String(monitor.pid), '--cwd', world.dir],
      'sh',
      '-c',
      'readlink /proc/self/ns/user /proc/self/ns/mnt; id -u; pwd; grep -c merged /proc/self/mountinfo',
    )
    const of = (kind: string): string => readlinkSync(`/proc/${monitor.pid}/ns/${kind}`)
    expect(links.stdout).toBe(`${of('user')}\n${of('mnt')}\n0\n${world.dir}\n1\n`)
    const exec = ns(
      ['--of', String(monitor.pid)],
      '/usr/bin/crun',
      '--root',
      world.path('crun'),
      'exec',
      monitor.prepared.id,
      'sh',
      '-c',
      'echo in; exit 9',
    )
    expect([exec.code, exec.stdout]).toEqual([9, 'in\n'])
    monitor.first.send('k', '9')
    await finish(monitor)
  })

  test('shares the namespace of running monitors', async () => {
    const monitor = await start(world, { argv: ['sleep', '4242'] })
    const done = ns(shared(), 'readlink', '/proc/self/ns/user')
    expect(done.stdout.trim()).toBe(readlinkSync(`/proc/${monitor.pid}/ns/user`))
    monitor.first.send('k', '9')
    await finish(monitor)
    expect(await settled(world)).toEqual([])
  })

  test('climbs from a nested user namespace to the one below the caller', async () => {
    if (user.root) return
    const config = (oci: { linux: Record<string, unknown> & { namespaces: { type: string }[] } }): void => {
      oci.linux.namespaces.push({ type: 'user' })
      // In two parts: the kernel wants each within one part of the map above.
      oci.linux.uidMappings = oci.linux.gidMappings = [
        { containerID: 0, hostID: 0, size: 1 },
        { containerID: 1, hostID: 1, size: 999 },
      ]
    }
    const monitor = await start(world, { argv: ['sleep', '4242'], config })
    const container = (await monitor.first.expect('c')).toString().split(' ')[1] ?? ''
    expect(readlinkSync(`/proc/${container}/ns/user`)).not.toBe(readlinkSync(`/proc/${monitor.pid}/ns/user`))
    const done = ns(['--user-of', container], 'readlink', '/proc/self/ns/user', '/proc/self/ns/mnt')
    expect(done.stdout).toBe(`${readlinkSync(`/proc/${monitor.pid}/ns/user`)}\n${readlinkSync('/proc/self/ns/mnt')}\n`)
    monitor.first.send('k', '9')
    await finish(monitor)
  })

  test('joins nothing for a process in the own user namespace', () => {
    const done = ns(['--user-of', String(process.pid)], 'readlink', '/proc/self/ns/user')
    if (user.uid === process.getuid?.()) expect(done.stdout.trim()).toBe(readlinkSync('/proc/self/ns/user'))
    else expect(done.code).not.toBe(0) // another user's process: nothing to see
  })

  test('mounts nothing the host could see', () => {
    const done = ns(
      [...shared(), '--mount'],
      'sh',
      '-c',
      `mount -t tmpfs none ${world.dir}/run && grep -c ${world.dir} /proc/self/mountinfo`,
    )
    expect(done.stdout).toBe('1\n')
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(world.dir)
  })

  test('grafts a cgroup2 view onto its own mount namespace', () => {
    const done = ns([...shared(), '--mount', '--graft-cgroup'], 'stat', '-f', '-c', '%T', '/sys/fs/cgroup')
    expect(done.stdout).toBe('cgroup2fs\n')
  })

  test.each([
    [[], 'lichen-monitor: ns: --: no command\n'],
    [['--'], 'lichen-monitor: ns: --: no command\n'],
    [['--of'], 'lichen-monitor: ns: --of: needs a value\n'],
    [['--of', 'x', '--', 'true'], 'lichen-monitor: ns: --of: not a process id\n'],
    [['--of', '0', '--', 'true'], 'lichen-monitor: ns: --of: not a process id\n'],
    [['--nope', '1', '--', 'true'], 'lichen-monitor: ns: --nope: no such option\n'],
    [['--graft-cgroup', '--', 'true'], 'lichen-monitor: ns: --graft-cgroup: needs --mount\n'],
    [['--userns-dir', '/x', '--', 'true'], 'lichen-monitor: ns: idmap: missing\n'],
    [['--idmap', 'direct', '--', 'true'], 'lichen-monitor: ns: userns_dir: missing\n'],
    [['--uidmap', '0 1', '--', 'true'], 'lichen-monitor: ns: --uidmap: not INSIDE OUTSIDE COUNT\n'],
    [
      ['--of', '1', '--user-of', '1', '--', 'true'],
      'lichen-monitor: ns: --of: --of, --user-of and --userns-dir exclude one another\n',
    ],
  ])('refuses %j', (words, text) => {
    const done = runAs(user, [monitorPath, 'ns', ...words])
    expect([done.code, done.stderr]).toEqual([64, text])
  })

  test.each([
    [['--of', '4194303'], /^lichen-monitor: ns: \/proc\/4194303\/ns\/user: No such file or directory\n$/],
    [['--cwd', '/no/such'], /^lichen-monitor: ns: enter \/no\/such: No such file or directory\n$/],
  ])('says why %j cannot be done', (options, text) => {
    const done = ns(options, 'true')
    expect(done.code).toBe(2)
    expect(done.stderr).toMatch(text)
  })
})

test.runIf(unprivileged !== undefined && process.getuid?.() === 0)('ns refuses namespaces of somebody else', () => {
  if (unprivileged === undefined) return
  const done = runAs(unprivileged, [monitorPath, 'ns', '--of', '1', '--', 'true'])
  expect(done.code).toBe(2)
  expect(done.stderr).toBe('lichen-monitor: ns: /proc/1/ns/user: Permission denied\n')
})
