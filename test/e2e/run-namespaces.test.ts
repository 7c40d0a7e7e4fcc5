// Namespaces that a container has of its own, shares with the host, or joins of another container; what it may change of the kernel in them;
// and what becomes of containers that others have joined. The kernel is asked: /proc/PID/ns, /proc/mounts.

import { readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { lichenTest, test } from '../support/container-test.js'
import { isLichen, isRoot } from '../support/facts.js'
import type { Lichen } from '../support/lichen.js'

const own = (kind: string): string => readlinkSync(`/proc/self/ns/${kind}`)
/** The namespaces of one kind that containers run with these flags are in. */
const inside = async (lichen: Lichen, kind: string, ...flags: string[]): Promise<string> =>
  await lichen.ok('run', '--rm', ...flags, 'box', 'readlink', `/proc/self/ns/${kind}`)
const refuse = async (lichen: Lichen, reason: string | RegExp, ...flags: string[]): Promise<void> => {
  const result = await lichen('run', '--rm', ...flags, 'box', 'true')
  expect(result.stderr).toMatch(reason)
  expect(result.code).toBe(125)
}

test("run is in the host's namespaces when their flags say host", async ({ lichen }) => {
  const none = ['--network', 'none']
  expect(await inside(lichen, 'uts', ...none, '--uts', 'host')).toBe(own('uts'))
  expect(await inside(lichen, 'ipc', ...none, '--ipc', 'host')).toBe(own('ipc'))
  expect(await lichen.ok('run', '--rm', ...none, '--uts', 'host', 'box', 'hostname')).toBe(hostname())
  const kinds = ['uts', 'ipc', 'cgroup']
  const privates = await lichen.ok(
    'run',
    '--rm',
    ...none,
    ...['--uts=private', '--ipc=private', '--cgroupns=private'],
    'box',
    'sh',
    '-c',
    'for n in uts ipc cgroup; do readlink /proc/self/ns/$n; done',
  )
  for (const [at, link] of privates.split('\n').entries()) expect(link, kinds[at]).not.toBe(own(kinds[at] ?? ''))
})

lichenTest("run sees the host's processes and groups when --pid and --cgroupns say host", async ({ lichen }) => {
  const script = `test -d /proc/${process.pid} && readlink /proc/self/ns/pid`
  expect(await lichen.ok('run', '--rm', '--pid', 'host', 'box', 'sh', '-c', script)).toBe(own('pid'))
  expect(await inside(lichen, 'cgroup', '--cgroupns', 'host')).toBe(own('cgroup'))
})

test('run has no shared memory when --ipc says none', async ({ lichen }) => {
  const script = 'grep -c " /dev/shm " /proc/mounts; grep -c " /dev/mqueue " /proc/mounts'
  expect((await lichen('run', '--rm', '--ipc', 'none', 'box', 'sh', '-c', script)).stdout).toBe('0\n1\n')
})

test("run is in another container's namespaces when their flags name it", async ({ lichen }) => {
  await lichen.ok(
    'run',
    '-d',
    '--name',
    'first',
    '--network',
    'none',
    '--ipc',
    'shareable',
    '-h',
    'one',
    'box',
    'sleep',
    '60',
  )
  const pid = await lichen.ok('inspect', '--format', '{{.State.Pid}}', 'first')
  const theirs = (kind: string) => readlinkSync(`/proc/${pid}/ns/${kind}`)
  const join = ['--network', 'container:first', '--uts', 'container:first', '--ipc', 'container:first']
  const script = 'for n in net uts ipc; do readlink /proc/self/ns/$n; done; hostname; cat /etc/hosts; ls /sys/class/net'
  const found = await lichen.ok('run', '--rm', ...join, 'box', 'sh', '-c', script)
  expect(found.split('\n').slice(0, 4)).toEqual([theirs('net'), theirs('uts'), theirs('ipc'), 'one'])
  if (isLichen) expect(found).toContain(await lichen.ok('exec', 'first', 'cat', '/etc/hosts'))
  expect(found).toMatch(/\nlo$/)
  await lichen.ok('exec', 'first', 'sh', '-c', 'echo shared >/dev/shm/file')
  const read = ['box', 'sh', '-c', 'cat /dev/shm/file; echo back >/dev/shm/answer']
  expect(await lichen.ok('run', '--rm', '--ipc', 'container:first', ...read)).toBe('shared')
  expect(await lichen.ok('exec', 'first', 'cat', '/dev/shm/answer')).toBe('back')
  const id = await lichen.ok('inspect', '--format', '{{.Id}}', 'first')
  await lichen.ok('create', '--name', 'second', '--network', 'container:first', 'box', 'true')
  const modes = await lichen.ok('inspect', '--format', '{{.HostConfig.NetworkMode}} {{.HostConfig.PidMode}}', 'second')
  expect(modes).toBe(`container:${id} private`)
})

lichenTest("run sees another container's processes when --pid names it", async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'first', 'box', 'sleep', '67')
  expect(await lichen.ok('run', '--rm', '--pid', 'container:first', 'box', 'cat', '/proc/1/cmdline')).toBe(
    'sleep\x0067\x00',
  )
  expect(await lichen.ok('run', '--rm', '--cgroupns', 'container:first', 'box', 'true')).toBe('')
})

lichenTest('rm refuses a container that others have joined, and start starts it before them', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'first', '--network', 'none', 'box', 'sleep', '60')
  await lichen.ok('create', '--name', 'second', '--network', 'container:first', 'box', 'sleep', '60')
  await lichen.ok('start', 'second')
  expect(await inside(lichen, 'net', '--network', 'container:second')).toBe(
    await lichen.ok('exec', 'first', 'readlink', '/proc/self/ns/net'),
  )
  expect(await lichen.ok('inspect', '--format', '{{.State.Status}}', 'first')).toBe('running')
  const refused = await lichen('rm', '-f', '-t', '0', 'first')
  expect([refused.code, refused.stderr]).toEqual([125, expect.stringContaining('dependent containers')])
  await lichen.ok('rm', '-f', '-t', '0', 'second')
  await lichen.ok('rm', '-f', '-t', '0', 'first')
})

test('run refuses namespaces that are not there, before anything is made', async ({ lichen }) => {
  for (const flag of ['--pid', '--ipc', '--uts', '--cgroupns', '--userns']) {
    await refuse(lichen, 'unrecognized namespace mode foo passed', flag, 'foo')
    await refuse(lichen, /no container with name or ID "nope" found/, flag, 'container:nope')
  }
  await refuse(lichen, /cannot find specified PID namespace path/, '--pid', 'ns:/no/such')
  await refuse(lichen, /cannot set hostname when running in the host UTS namespace/, '--uts', 'host', '-h', 'x')
  expect(await lichen.ok('ps', '-aq')).toBe('')
})

if (isRoot)
  lichenTest('run is in the namespace at a path when its flag says ns:', async ({ lichen }) => {
    await lichen.ok('run', '-d', '--name', 'first', '--network', 'none', 'box', 'sleep', '60')
    const path = `/proc/${await lichen.ok('inspect', '--format', '{{.State.Pid}}', 'first')}/ns/net`
    expect(await inside(lichen, 'net', '--network', `ns:${path}`)).toBe(readlinkSync(path))
  })

test('run sets kernel parameters of namespaces of its own, and refuses others', async ({ lichen }) => {
  const sysctls = ['net.ipv4.ip_forward=1', 'kernel.msgmax=9000', 'fs.mqueue.msg_max=11']
  const before = readFileSync('/proc/sys/kernel/msgmax', 'utf8')
  const files = sysctls.map((sysctl) => `/proc/sys/${sysctl.split('=')[0]?.replaceAll('.', '/')}`)
  const flags = sysctls.flatMap((sysctl) => ['--sysctl', sysctl])
  expect(await lichen.ok('run', '--rm', '--network', 'none', ...flags, 'box', 'cat', ...files)).toBe('1\n9000\n11')
  expect(readFileSync('/proc/sys/kernel/msgmax', 'utf8')).toBe(before)
  await refuse(lichen, "sysctl 'vm.swappiness' is not allowed", '--sysctl', 'vm.swappiness=1')
  await refuse(lichen, "sysctl 'kernel.hostname' is not allowed", '--sysctl', 'kernel.hostname=x')
  await refuse(lichen, 'must be in the form of KEY=VALUE', '--sysctl', 'foo')
  await refuse(
    lichen,
    "can't be set since Network Namespace set to host",
    '--network',
    'host',
    '--sysctl',
    sysctls[0] ?? '',
  )
})

test('run masks, unmasks and mounts /proc as --security-opt says', async ({ lichen }) => {
  const mounts = async (...options: string[]) => {
    const flags = options.flatMap((option) => ['--security-opt', option])
    return await lichen.ok('run', '--rm', '--network', 'none', ...flags, 'box', 'cat', '/proc/mounts')
  }
  const usual = await mounts()
  expect(usual).toMatch(/ \/proc\/keys .* ro|\/proc\/keys /)
  expect(usual).toMatch(/ \/sys\/firmware /)
  const opened = await mounts('unmask=/proc/*', 'mask=/etc/group')
  expect(opened).not.toMatch(/ \/proc\/\w/)
  expect(opened).toMatch(/ \/sys\/firmware /)
  expect(opened).toMatch(/ \/etc\/group /)
  expect(await mounts('systempaths=unconfined')).not.toMatch(/ \/(proc\/\w|sys\/firmware)/)
  expect(await mounts('proc-opts=hidepid=2')).toMatch(/ \/proc proc \S*hidepid=(2|invisible)/)
})

test('run refuses security options that it does not know or the host does not have', async ({ lichen }) => {
  await refuse(lichen, /security.opt/i, '--security-opt', 'foo')
  await refuse(
    lichen,
    /opening seccomp profile failed: .*no such file or directory/,
    '--security-opt',
    'seccomp=/no/such',
  )
  await refuse(lichen, /invalid seccomp policy "bad": valid policies are/, '--seccomp-policy', 'bad')
  await refuse(lichen, /[Aa]pparmor/, '--security-opt', 'apparmor=mine')
})

lichenTest('run --domainname sets the domain of the container, and its full name in /etc/hosts', async ({ lichen }) => {
  const names = ['--hostname', 'web', '--domainname', 'example.org']
  await lichen.ok(
    'create',
    '--name',
    'c',
    ...names,
    'box',
    'sh',
    '-c',
    'cat /proc/sys/kernel/domainname; hostname; hostname -f',
  )
  expect(await lichen.ok('start', '-a', 'c')).toBe('example.org\nweb\nweb.example.org')
  expect(await lichen.ok('inspect', '--format', '{{.Config.Hostname}} {{.Config.Domainname}}', 'c')).toBe(
    'web example.org',
  )
  const file = '/proc/sys/kernel/domainname'
  expect(await lichen.ok('run', '--rm', 'box', 'cat', file)).toBe(readFileSync(file, 'utf8').trim())
  await refuse(
    lichen,
    /cannot set domainname when running in the host UTS namespace/,
    '--uts',
    'host',
    '--domainname',
    'x',
  )
  await refuse(lichen, /a domain name has letters/, '--domainname', 'a b')
})

lichenTest('run --domainname is refused where the runtime would leave it unread', async ({ lichen }) => {
  const old = join(lichen.directory, 'crun')
  writeFileSync(old, '#!/bin/sh\necho crun version 1.6\n', { mode: 0o755 })
  await refuse(lichen, /--domainname: .*crun \(version 1\.6\) sets none/, '--runtime', old, '--domainname', 'x')
  await refuse(lichen, /no version told/, '--runtime', '/bin/true', '--domainname', 'x')
})
