// mon: what makes a spec a bad one (PROTOCOL.md, mon: the spec). Nothing may be done for a bad spec.

import { spawnSync } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { finish, killLeftovers, launch } from './monitor-client.js'
import { settled } from './processes.js'
import {
  as,
  type ContainerOptions,
  cleanEnv,
  makeWorld,
  monitorPath,
  prepare,
  runAs,
  users,
  type World,
} from './support.js'

describe.each(users)('mon as $name', (user) => {
  let world: World
  beforeAll(() => {
    world = makeWorld(user)
  })
  afterEach(killLeftovers)
  afterAll(() => world.remove())

  // Its fd 3 is a socket that is closed at once: what is a whole spec after all is called off.
  function monSync(specPath: string): { code: number | null; stderr: string } {
    const [command = '', ...rest] = as(user, ['sh', '-c', 'exec "$1" mon "$2" 3<&0', 'sh', monitorPath, specPath])
    const done = spawnSync(command, rest, { input: '', cwd: '/', env: cleanEnv(), timeout: 20_000 })
    return { code: done.status, stderr: done.stderr.toString() }
  }

  async function refusal(options: ContainerOptions, edit = (bytes: string): string => bytes): Promise<string> {
    const prepared = prepare(world, options)
    world.write(prepared.specPath, edit(prepared.words.map((word) => `${word}\0`).join('')))
    const monitor = launch(world, prepared)
    const [step, text = ''] = (await monitor.first.expect('!')).toString().split('\0')
    expect(step).toBe('spec')
    expect(await monitor.exited).toEqual({ code: 1, signal: null })
    expect(monitor.stderr()).toMatch(/^lichen-monitor: spec: .*\n$/)
    expect(readdirSync(prepared.runDir)).toEqual([])
    expect(await settled(world)).toEqual([])
    return text
  }

  const needed = [
    'schema', 'id', 'run_dir', 'bundle', 'storage', 'layers_dir', 'lower', 'upper', 'work', 'merged', 'runtime',
    'runtime_root', 'tty', 'stdin', 'attach', 'log', 'socket', ...(user.root ? [] : ['userns_dir', 'idmap', 'uidmap', 'gidmap']),
  ] // biome-ignore format: one list
  test.each(needed)('refuses a spec without %s', async (key) => {
    expect(await refusal({ omit: [key] })).toBe(`${key}: missing`)
  })

  test('refuses a spec without fuse_program only for that storage', async () => {
    expect(await refusal({ storage: 'fuse-overlayfs', omit: ['fuse_program'] })).toBe('fuse_program: missing')
    const monitor = launch(world, prepare(world, { omit: ['fuse_program'] }))
    monitor.first.send('g')
    monitor.first.send('s')
    expect((await finish(monitor))[0]).toBe(0)
  })

  test('needs no layer keys for a tree that is there already', async () => {
    const omit = ['layers_dir', 'lower', 'upper', 'work', 'fuse_program', 'cgroup_manager']
    const monitor = launch(world, prepare(world, { storage: 'dir', omit }))
    monitor.first.send('g')
    monitor.first.send('s')
    expect((await finish(monitor))[0]).toBe(0)
  })

  test.each([
    ['schema=2', 'schema: not 1'],
    ['schema=', 'schema: not 1'],
    ['id=', 'id: not a name'],
    ['id=--force', 'id: not a name'],
    ['id=a/b', 'id: not a name'],
    ['id=..', 'id: not a name'],
    ['run_dir=relative', 'run_dir: not an absolute path'],
    ['bundle=', 'bundle: not an absolute path'],
    ['storage=btrfs', 'storage: not overlay, fuse-overlayfs or dir'],
    ['layers_dir=l', 'layers_dir: not an absolute path'],
    ['lower=', 'lower: empty or with a colon'],
    ['lower=a:b', 'lower: empty or with a colon'],
    ['upper=u', 'upper: not an absolute path'],
    ['work=w', 'work: not an absolute path'],
    ['merged=m', 'merged: not an absolute path'],
    ['volatile=yes', 'volatile: not 0 or 1'],
    ['upper_owner=1', 'upper_owner: not UID:GID'],
    ['upper_owner=1:x', 'upper_owner: not UID:GID'],
    ['upper_owner=-1:0', 'upper_owner: not UID:GID'],
    ['upper_owner=4294967295:0', 'upper_owner: not UID:GID'],
    ['fuse_program=fuse', 'fuse_program: not an absolute path'],
    ['read=etc/passwd', 'read: not an absolute path'],
    ['runtime=crun', 'runtime: not an absolute path'],
    ['runtime_root=r', 'runtime_root: not an absolute path'],
    ['cgroup_manager=none', 'cgroup_manager: not cgroupfs, systemd or disabled'],
    ['tty=2', 'tty: not 0 or 1'],
    ['stdin=', 'stdin: not 0 or 1'],
    ['attach=true', 'attach: not 0 or 1'],
    ['log=log', 'log: not an absolute path'],
    ['socket=', 'socket: not an absolute path'],
    ['log_max_size=1', 'log_max_files: missing'],
    ['log_max_size=1k', 'log_max_size: not a number'],
    ['journal=journal', 'journal: not an absolute path'],
    ['journal=/x', 'journal: with a log'],
    ['journal_field=lower=x', 'journal_field: not NAME=VALUE'],
    ['journal_field=NAME', 'journal_field: not NAME=VALUE'],
    ['stdio_fds=2', 'stdio_fds: not 0 or 1'],
    ['preserve_fds=-1', 'preserve_fds: not a number'],
    ['restart=unless-stopped', 'restart: not no, on-failure or always'],
    ['restart_max=', 'restart_max: not a number'],
    ['timeout_ms=9007199254740993', 'timeout_ms: not a number'],
    ['stop_signal=0', "stop_signal: not a signal's number"],
    ['stop_signal=65', "stop_signal: not a signal's number"],
    ['stop_timeout_ms=1.5', 'stop_timeout_ms: not a number'],
    ['health_process=check', 'health_process: not an absolute path'],
    ['health_process=/x', 'health_interval_ms: missing'],
    ['health_retries=1', 'health_process: missing'],
    ['health_on_failure=reboot', 'health_on_failure: not none, kill, restart or stop'],
    ['health_start_interval_ms=1', 'health_process: missing'],
    ['startup_success=1', 'startup_process: missing'],
    ['startup_process=/x', 'health_process: missing'],
    ['pidfile=pid', 'pidfile: not an absolute path'],
    ['monitor_pidfile=', 'monitor_pidfile: not an absolute path'],
    ['events=/x', 'event_file: missing'],
    ['event_file=/x', 'events: missing'],
    ['cgroup1=g', 'cgroup1: not an absolute path'],
    ['cgroup1_value=0 pids.max 5', 'cgroup1_value: of no cgroup1'],
    ['cgroup1_value=0 ../x 5', 'cgroup1_value: not INDEX FILE VALUE'],
    ['cgroup1_value=x pids.max 5', 'cgroup1_value: not INDEX FILE VALUE'],
    ['notify_socket=/x', 'notify: missing'],
    ['notify=started', 'notify_socket: missing'],
    ['notify_socket=@', 'notify_socket: not an absolute path or @NAME'],
    ['notify=later', 'notify: not started, healthy or container'],
    ['remove_dir=/x', 'remove_to: missing'],
    ['remove_to=/x', 'remove_dir: missing'],
    ['remove_names=/x', 'remove_dir: missing'],
    ['remove_dir=x', 'remove_dir: not an absolute path'],
    ['inherit_fd=3', 'inherit_fd: unknown key'],
    ['colour=red', 'colour: unknown key'],
    ['=', ': unknown key'],
    ['word', 'word: not key=value'],
    ['userns_dir=u', 'userns_dir: not an absolute path'],
    ['idmap=magic', 'idmap: not newuidmap or direct'],
    ['uidmap=0 1', 'uidmap: not INSIDE OUTSIDE COUNT'],
    ['uidmap=0 1 0', 'uidmap: not INSIDE OUTSIDE COUNT'],
    ['uidmap=0 1 2 3', 'uidmap: not INSIDE OUTSIDE COUNT'],
    ['gidmap=0 -1 1', 'gidmap: not INSIDE OUTSIDE COUNT'],
    ['gidmap=0  1', 'gidmap: not INSIDE OUTSIDE COUNT'],
    ['gidmap=0 4294967296 1', 'gidmap: not INSIDE OUTSIDE COUNT'],
  ])('refuses %s', async (word, text) => {
    expect(await refusal({ words: [word] })).toBe(text)
  })

  test('refuses what can only be wrong together', async () => {
    const health = ['interval_ms=1', 'timeout_ms=1', 'start_period_ms=0', 'retries=1', 'log_count=0', 'log_size=0']
    const words = ['health_process=/x', ...health.map((word) => `health_${word}`)]
    expect(await refusal({ words: [...words, 'health_on_failure=stop'] })).toBe('stop_signal: missing')
    expect(await refusal({ words: [...words, 'health_on_failure=none', 'startup_retries=1'] })).toBe(
      'startup_process: missing',
    )
    expect(await refusal({ tty: true, words: ['stdio_fds=1'] })).toBe('stdio_fds: with a terminal')
  })

  test.each(['id=x', 'storage=overlay', 'tty=0', 'socket=/x'])('refuses %s given twice', async (word) => {
    expect(await refusal({}, (bytes) => `${bytes}${word}\0`)).toBe(`${word.split('=')[0]}: given twice`)
  })

  test('refuses maps without a namespace directory, which would run the container as the caller', async () => {
    expect(await refusal({ omit: ['userns_dir'], words: ['uidmap=0 0 1'] })).toBe('userns_dir: missing')
  })

  test('refuses a truncated spec at every length', () => {
    const prepared = prepare(world)
    // schema last: without its end no piece is a whole spec.
    const words = [...prepared.words.filter((word) => word !== 'schema=1'), 'schema=1']
    const whole = words.map((word) => `${word}\0`).join('')
    for (let length = 0; length < whole.length; length += user.root ? 3 : 29) {
      writeFileSync(prepared.specPath, whole.slice(0, length))
      const { code, stderr } = monSync(prepared.specPath)
      expect([code, stderr.slice(0, 22)], `length ${length}: ${stderr}`).toEqual([1, 'lichen-monitor: spec: '])
    }
    expect(readdirSync(prepared.runDir)).toEqual([])
  })

  test('refuses a spec cut inside its last words', async () => {
    for (const cut of [1, 2, 9, 40]) expect(await refusal({}, (bytes) => bytes.slice(0, -cut))).toContain('truncated')
    expect(await refusal({}, () => '')).toContain('truncated')
    expect(await refusal({}, () => '\0')).toBe(': not key=value')
  })

  test('says what is wrong with a spec that is missing or far too long', async () => {
    const prepared = prepare(world)
    const monitor = launch(world, { ...prepared, specPath: '/no/such/spec' })
    expect((await monitor.first.expect('!')).toString()).toBe('spec\0/no/such/spec: No such file or directory')
    expect(await refusal({}, (bytes) => bytes + 'x'.repeat(5 << 20))).toContain('File too large')
  })

  test('takes hundreds of mutations of a spec without crashing', () => {
    const prepared = prepare(world)
    const bytes = Buffer.from(prepared.words.map((word) => `${word}\0`).join(''))
    const next = lcg(1)
    for (let round = 0; round < 300; round++) {
      const mutant = Buffer.from(bytes)
      for (let flips = 0; flips < 1 + (round % 8); flips++) mutant[next() % mutant.length] = next() % 256
      writeFileSync(prepared.specPath, mutant)
      const { code, stderr } = monSync(prepared.specPath)
      expect(code, `seed 1, round ${round}: ${stderr}`).toBe(1)
    }
  })

  test('refuses to start without a socket at fd 3', () => {
    const done = runAs(user, [monitorPath, 'mon', prepare(world).specPath])
    expect([done.code, done.stderr]).toEqual([64, 'lichen-monitor: mon: fd 3: not a socket\n'])
    expect(runAs(user, [monitorPath, 'mon']).code).toBe(64)
  })
})

// Numerical Recipes' generator: the same cases every time.
function lcg(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state >>> 8
  }
}
