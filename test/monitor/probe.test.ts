// probe: what a host can do (PROTOCOL.md, probe). Other hosts are made in a private mount namespace.

import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { as, chownAll, cleanEnv, makeWorld, monitorPath, runAs, users, type World } from './support.js'

interface Answer {
  readonly schema: number
  readonly userns: { ok: boolean; error: string }
  readonly overlay: { ok: boolean; error: string }
  readonly fuseOverlayfs: { ok: boolean; error: string }
  readonly tun: { ok: boolean; error: string }
  readonly cgroup: string
}

const yes = { ok: true, error: '' }

describe.each(users)('probe as $name', (user) => {
  let world: World
  beforeEach(() => {
    world = makeWorld(user)
    mkdirSync(world.path('store'))
    chownAll(world.path('store'), user)
  })
  afterEach(() => world.remove())

  const words = (): string[] => [
    `store=${world.path('store')}`,
    'fuse_program=/usr/bin/fuse-overlayfs',
    ...world.usernsWords,
  ]

  // On a host that the script has made, which only root can: root's mount namespace, then this user.
  function probe(script = 'true', given = words()): Answer {
    const argv = [
      ...(process.getuid?.() === 0 ? ['unshare', '-m'] : []),
      'sh',
      '-ec',
      `${script}\nexec "$@"`,
      'host',
      ...as(user, [monitorPath, 'probe', ...given]),
    ]
    const done = spawnSync(argv[0] ?? '', argv.slice(1), { encoding: 'utf8', env: cleanEnv(), cwd: '/' })
    expect([done.status, done.stderr]).toEqual([0, ''])
    expect(readdirSync(world.path('store'))).toEqual([])
    return JSON.parse(done.stdout) as Answer
  }

  function devices(mode: string): string {
    const nodes = `mknod -m ${mode} /mnt/fuse c 10 229; mknod -m ${mode} /mnt/tun c 10 200`
    return `mount -t tmpfs none /mnt; ${nodes}; mount --bind /mnt/fuse /dev/fuse; mount --bind /mnt/tun /dev/net/tun`
  }

  test.runIf(process.getuid?.() === 0)('finds everything where everything is open', () => {
    expect(probe(devices('666'))).toMatchObject({ schema: 1, userns: yes, overlay: yes, fuseOverlayfs: yes, tun: yes })
  })

  test.runIf(process.getuid?.() === 0)('says which device is closed', () => {
    const answer = probe(devices('600'))
    expect(answer).toMatchObject({ userns: yes, overlay: yes })
    if (user.root) return
    expect(answer.fuseOverlayfs).toEqual({ ok: false, error: 'open: /dev/fuse: Permission denied' })
    expect(answer.tun).toEqual({ ok: false, error: '/dev/net/tun: Permission denied' })
  })

  test.runIf(process.getuid?.() === 0)('tells the kind of cgroup host', () => {
    const plain = 'umount -R /sys/fs/cgroup || umount -l /sys/fs/cgroup;'
    expect(probe(`${plain} true`).cgroup).toBe('none')
    expect(probe(`${plain} mount -t cgroup2 none /sys/fs/cgroup`).cgroup).toBe('v2')
    if (!readFileSync('/proc/self/cgroup', 'utf8').includes(':memory:')) return
    expect(
      probe(
        `${plain} mount -t tmpfs none /sys/fs/cgroup; mkdir /sys/fs/cgroup/memory; mount -t cgroup -o memory none /sys/fs/cgroup/memory`,
      ).cgroup,
    ).toBe('v1')
  })

  test.runIf(process.getuid?.() === 0)('finds no native overlay on a store that is an overlay itself', () => {
    const store = world.path('store')
    const layers = 'mount -t tmpfs none /mnt; mkdir -p /mnt/l /mnt/u /mnt/w; chmod 777 /mnt/l /mnt/u'
    const answer = probe(
      `${layers}; mount -t overlay none -o lowerdir=/mnt/l,upperdir=/mnt/u,workdir=/mnt/w ${store}; chmod 777 ${store}`,
    )
    expect(answer.overlay.ok).toBe(false)
    expect(answer.overlay.error).not.toBe('')
  })

  test.runIf(process.getuid?.() === 0)('says what a fuse program that is none had to say', () => {
    const given = words().map((word) => (word.startsWith('fuse_program=') ? 'fuse_program=/usr/bin/env' : word))
    expect(probe(devices('666'), given).fuseOverlayfs.error).toContain('invalid option')
    expect(
      probe(
        devices('666'),
        words().filter((word) => !word.startsWith('fuse_program=')),
      ).fuseOverlayfs,
    ).toEqual({ ok: false, error: 'no fuse_program' })
  })

  test('tells why there is no user namespace', () => {
    if (user.root) return
    const answer = probe('true', [...words(), 'uidmap=70000 0 1'])
    expect(answer.userns.ok).toBe(false)
    expect(answer.userns.error).toMatch(/^newuidmap: .* run: newuidmap: exit 1$/)
    expect(answer.overlay).toEqual({ ok: false, error: 'no user namespace' })
  })

  test('works with a single id', () => {
    if (user.root) return
    const single = [
      `userns_dir=${world.path('single')}`,
      'idmap=direct',
      `uidmap=0 ${user.uid} 1`,
      `gidmap=0 ${user.gid} 1`,
    ]
    expect(probe('true', [`store=${world.path('store')}`, ...single])).toMatchObject({ userns: yes, overlay: yes })
  })

  test.each([
    [['fuse_program=/x'], 64, 'probe: store: missing'],
    [['store=/x', 'colour=red'], 64, 'probe: colour: unknown key'],
    [['store'], 64, 'probe: store: not key=value'],
    [['store=/x', 'idmap=direct'], 64, 'probe: userns_dir: missing'],
    [['store=/x', 'uidmap=1'], 64, 'probe: uidmap: not INSIDE OUTSIDE COUNT'],
    [['store=/no/such'], 2, 'probe: /no/such/.probe.'],
  ])('refuses %j', (given, code, text) => {
    const done = runAs(user, [monitorPath, 'probe', ...given])
    expect(done.code).toBe(code)
    expect(done.stderr).toContain(`lichen-monitor: ${text}`)
  })
})
