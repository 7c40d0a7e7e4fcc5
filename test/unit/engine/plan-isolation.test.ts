import { describe, expect, it } from 'vitest'
import { parseEnvFile } from '../../../src/engine/env-file.js'
import { matchesPath } from '../../../src/engine/path-pattern.js'
import { expandVariables } from '../../../src/engine/plan-env.js'
import type { ContainerRecord } from '../../../src/model/container.js'
import { basePlan, planOf } from '../../support/plans.js'

const other = (changes: Partial<ContainerRecord['plan']> = {}) =>
  new Map([['web', { id: 'abc', name: 'web', plan: { ...basePlan, ...changes } } as ContainerRecord]])
const web = { mode: 'container', container: 'web' } as const

describe('planContainer, namespaces', () => {
  it('has all but the network of its own when nothing is said', () => {
    expect(planOf({})).toMatchObject({
      namespaces: { pid: 'private', ipc: 'private', uts: 'private', cgroup: 'private' },
      network: 'host',
    })
  })

  it('names the container it joins by its id, and takes over its host name', () => {
    const joins = planOf(
      { pid: web, uts: web, network: web, cgroupns: { mode: 'path', path: '/x' } },
      {},
      { joined: other() },
    )
    expect(joins).toMatchObject({
      namespaces: { pid: 'container:abc', ipc: 'private', uts: 'container:abc', cgroup: 'ns:/x' },
      network: 'container:abc',
      hostname: 'box',
    })
  })

  it("has the machine's name in the host's namespace, and cannot have another", () => {
    expect(planOf({ network: { mode: 'none' }, uts: { mode: 'host' } }).hostname).toBe('machine')
    for (const uts of [{ mode: 'host' } as const, web])
      for (const name of ['hostname', 'domainname'])
        expect(() => planOf({ uts, [name]: 'x' }, {}, { joined: other() })).toThrow(`cannot set ${name}`)
    expect(planOf({ domainname: 'example.org' }).domainname).toBe('example.org')
  })

  it('refuses to join the shared memory of a container that has none', () => {
    const none = { namespaces: { ...basePlan.namespaces, ipc: 'none' } } as const
    expect(() => planOf({ ipc: web }, {}, { joined: other(none) })).toThrow(
      /joining IPC of container web is not allowed/,
    )
    expect(planOf({ ipc: web }, {}, { joined: other() }).namespaces.ipc).toBe('container:abc')
  })

  it('refuses kernel parameters that would be those of the host', () => {
    const net = { sysctls: { 'net.ipv4.ip_forward': '1' } }
    const msg = { sysctls: { 'kernel.msgmax': '1' }, ipc: { mode: 'host' } } as const
    expect(() => planOf(net)).toThrow("net.ipv4.ip_forward=1 can't be set since Network Namespace set to host")
    expect(() => planOf(msg)).toThrow("kernel.msgmax=1 can't be set since IPC Namespace set to host")
    expect(planOf({ ...net, network: { mode: 'none' } }).sysctls).toEqual(net.sysctls)
  })
})

describe('planContainer, security', () => {
  it('unmasks by pattern, and never hides a slash behind a star', () => {
    const { maskedPaths, readonlyPaths } = planOf({ security: { unmask: ['/proc/*', '/sys/dev'] } })
    expect([maskedPaths, readonlyPaths]).toEqual([['/sys/firmware', '/sys/fs/selinux', '/sys/dev/block'], []])
  })

  it.each([
    ['/proc/kcore', '/proc/*', true],
    ['/proc/a/b', '/proc/*', false],
    ['/proc/kcore', '/proc/k?ore', true],
    ['/proc/kcore', '/proc/[a-k]core', true],
    ['/proc/kcore', '/proc/[^a-k]core', false],
    ['/proc/a.b', '/proc/a.b', true],
    ['/proc/axb', '/proc/a.b', false],
    ['/proc/a*', '/proc/a\\*', true],
    ['/proc/ab', '/proc/a\\*', false],
    ['/proc/(x', '/proc/(x', true],
  ])('matchesPath(%s, %s) is %s', (text, pattern, is) => {
    expect(matchesPath(text, pattern)).toBe(is)
  })

  it('remembers which capabilities were asked for by name', () => {
    expect(planOf({ capAdd: ['CAP_NET_RAW', 'CAP_CHOWN'] }).addedCapabilities).toEqual(['CAP_CHOWN', 'CAP_NET_RAW'])
    expect(planOf({}).addedCapabilities).toEqual([])
    const all = planOf({ capAdd: ['ALL'] })
    expect(all.addedCapabilities).toEqual(all.capabilities)
  })

  it('takes the profile that is said before that of the image, and none when privileged', () => {
    const seccomp = (said: Parameters<typeof planOf>[0]) => planOf(said).seccomp
    expect(seccomp({ seccompPolicy: 'image' })).toBe('image')
    expect(seccomp({ seccompPolicy: 'image', security: { seccomp: 'p.json' } })).toBe('/home/me/p.json')
    expect(seccomp({ privileged: true })).toBe('unconfined')
  })

  it('has no apparmor profile when none is said, or unconfined', () => {
    expect(planOf({ security: { apparmor: 'unconfined' } }).apparmor).toBeUndefined()
    expect(planOf({ security: { apparmor: 'mine' } }).apparmor).toBe('mine')
  })
})

describe('planContainer, process', () => {
  it.each([
    [['/sbin/init'], true],
    [['/usr/lib/systemd/systemd', '--system'], true],
    [['/bin/sh', '-c', '/usr/sbin/init'], true],
    [['init'], false],
    [['/bin/sh', '-c', 'echo /sbin/init'], false],
    [['sh', '/sbin/init'], false],
  ])('%j is systemd: %s', (command, is) => {
    expect(planOf({ command }).systemd).toBe(is)
    expect(planOf({ command, systemd: 'never' }).systemd).toBe(false)
    expect(planOf({ command, systemd: 'always' }).systemd).toBe(true)
  })

  it('stops systemd by its own signal, unless one is said', () => {
    const systemd = { command: ['/sbin/init'] }
    expect(planOf(systemd).stopSignal).toBe(planOf({ stopSignal: 'RTMIN+3' }).stopSignal)
    expect(planOf({ ...systemd, stopSignal: 'TERM' }).stopSignal).toBe('SIGTERM')
    expect(planOf(systemd, { StopSignal: 'SIGINT' }).stopSignal).toBe('SIGINT')
  })

  it('orders variables: ours, host, image, merged, unset, proxies, files, said', () => {
    const host = {
      env: { A: 'host', B: 'host', C: 'host', http_proxy: 'p', D: 'host' },
      envFromFiles: [
        { kind: 'set', name: 'C', value: 'file' },
        { kind: 'set', name: 'D', value: 'file' },
      ],
    } as const
    const env = planOf(
      {
        envHost: true,
        httpProxy: true,
        envMerge: [['M', '$B-${http_proxy:-none}']],
        unsetEnv: ['PATH', 'A', 'http_proxy'],
        env: [{ kind: 'set', name: 'D', value: 'said' }],
      },
      { Env: ['B=image', 'http_proxy=image'] },
      host,
    ).process.env
    expect(env).toEqual(['container=lichen', 'B=image', 'C=file', 'D=said', 'M=image-image', 'http_proxy=p'])
    const bare = planOf(
      { unsetEnvAll: true, httpProxy: true, env: [{ kind: 'set', name: 'X', value: '1' }] },
      { Env: ['B=1'] },
    )
    expect(bare.process.env).toEqual(['X=1'])
  })

  it.each([
    ['$A-${A}', '1-1'],
    ['${B:-x}${A:-x}${B:+x}${A:+y}', 'x1y'],
    ['\\$A$', '$A$'],
    ['${A:?x}', '${A:?x}'],
    ['$NOPE.', '.'],
  ])('expandVariables(%s) is %s', (text, expanded) => {
    expect(
      expandVariables(
        text,
        new Map([
          ['A', '1'],
          ['B', ''],
        ]),
      ),
    ).toBe(expanded)
  })

  it('parseEnvFile reads one variable in a line', () => {
    expect(parseEnvFile('\n# x\n  A=1 \r\nB\nP_*\nC==\n', 'f')).toEqual([
      { kind: 'set', name: 'A', value: '1 ' },
      { kind: 'host', name: 'B' },
      { kind: 'host-prefix', prefix: 'P_' },
      { kind: 'set', name: 'C', value: '=' },
    ])
    expect(() => parseEnvFile('=x', 'f')).toThrow('parse env file: f: invalid environment variable: "=x"')
  })
})
