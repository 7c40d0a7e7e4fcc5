// What a container may not do, and what it may when asked: capabilities, seccomp, masked paths, read-only root, namespaces.
// Each is asked of the kernel from inside (/proc/self/status) or from the host (/proc/PID).

import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { expect } from 'vitest'
import { rootTest, test, userTest } from '../support/container-test.js'
import { isRoot } from '../support/facts.js'
import type { Lichen } from '../support/lichen.js'

const DEFAULT_CAPABILITIES =
  'chown dac_override fowner fsetid kill net_bind_service setfcap setgid setpcap setuid sys_chroot'.split(' ')
const NUMBERS = ['chown', 'dac_override', 'dac_read_search', 'fowner', 'fsetid', 'kill', 'setgid', 'setuid', 'setpcap']
const HIGHER = { net_bind_service: 10, net_admin: 12, net_raw: 13, sys_chroot: 18, setfcap: 31 }

test('run gives the default capabilities when nothing is said', async ({ lichen }) => {
  const status = await readStatus(lichen)
  expect(status.CapEff).toBe(capabilityMask(DEFAULT_CAPABILITIES))
  expect(status.CapBnd).toBe(status.CapEff)
  expect(status.CapInh).toBe('0000000000000000')
})

test('run takes every capability away when --cap-drop says all', async ({ lichen }) => {
  const status = await readStatus(lichen, '--cap-drop', 'all')
  expect([status.CapEff, status.CapPrm, status.CapBnd]).toEqual(Array(3).fill('0000000000000000'))
})

test('run gives only what is added when --cap-drop says all and --cap-add one', async ({ lichen }) => {
  const status = await readStatus(lichen, '--cap-drop=ALL', '--cap-add', 'net_bind_service')
  expect(status.CapEff).toBe(capabilityMask(['net_bind_service']))
})

test('run takes names with and without CAP_ when capabilities are added and dropped', async ({ lichen }) => {
  const status = await readStatus(lichen, '--cap-add', 'CAP_NET_RAW', '--cap-drop', 'chown,CAP_KILL')
  const expected = [...DEFAULT_CAPABILITIES.filter((name) => name !== 'chown' && name !== 'kill'), 'net_raw']
  expect(status.CapEff).toBe(capabilityMask(expected))
})

test('run gives a user other than root no effective capability when nothing is added', async ({ lichen }) => {
  const status = await readStatus(lichen, '-u', 'guest')
  expect(status.CapEff).toBe('0000000000000000')
  expect(status.CapBnd).toBe(capabilityMask(DEFAULT_CAPABILITIES))
})

test('run fails with 125 and names it when a capability is unknown', async ({ lichen }) => {
  const result = await lichen('run', '--rm', '--cap-add', 'fly', 'box', 'true')
  expect(result.code).toBe(125)
  expect(result.stderr.toLowerCase()).toContain('fly')
})

test('run filters system calls when nothing is said', async ({ lichen }) => {
  expect((await readStatus(lichen)).Seccomp).toBe('2')
})

test('run refuses a filtered system call when the profile forbids it', async ({ lichen }) => {
  const result = await lichen(
    'run',
    '--rm',
    '--cap-add',
    'sys_admin',
    '--cap-drop',
    'sys_admin',
    'box',
    'unshare',
    '-U',
    'true',
  )
  expect(result.code).not.toBe(0)
})

test('run does not filter system calls when --security-opt says seccomp=unconfined', async ({ lichen }) => {
  expect((await readStatus(lichen, '--security-opt', 'seccomp=unconfined')).Seccomp).toBe('0')
})

test('run forbids new privileges when --security-opt says no-new-privileges', async ({ lichen }) => {
  expect((await readStatus(lichen)).NoNewPrivs).toBe('0')
  expect((await readStatus(lichen, '--security-opt', 'no-new-privileges')).NoNewPrivs).toBe('1')
})

test('run hides what the kernel tells about the host when it is not privileged', async ({ lichen }) => {
  const script =
    'cat /proc/kcore /proc/keys /proc/timer_list /proc/latency_stats 2>/dev/null | wc -c; ls -A /sys/firmware /proc/scsi /proc/acpi 2>/dev/null | grep -v : | wc -w'
  expect(await lichen.ok('run', '--rm', 'box', 'sh', '-c', script)).toBe('0\n0')
})

test('run forbids writing to the host through /proc and /sys when it is not privileged', async ({ lichen }) => {
  const script =
    'for f in /proc/sys/kernel/domainname /proc/sysrq-trigger /sys/kernel/profiling; do (echo 0 >$f) 2>/dev/null && echo wrote $f; done; grep -c " /sys sysfs ro" /proc/mounts'
  expect(await lichen.ok('run', '--rm', 'box', 'sh', '-c', script)).toBe('1')
})

test('run gives every capability the engine has, unfiltered and unmasked, when --privileged is said', async ({
  lichen,
}) => {
  const status = await readStatus(lichen, '--privileged')
  expect(status.Seccomp).toBe('0')
  const own = isRoot ? /^CapBnd:\s+(\w+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] : status.CapBnd
  expect(status.CapEff).toBe(own)
  expect(BigInt(`0x${status.CapEff ?? 0}`) & (1n << 21n)).toBe(1n << 21n)
  expect(
    await lichen.ok('run', '--rm', '--privileged', 'box', 'sh', '-c', 'grep -c " /sys sysfs rw" /proc/mounts'),
  ).toBe('1')
})

test('run forbids writing when --read-only is said', async ({ lichen }) => {
  const result = await lichen('run', '--rm', '--read-only', 'box', 'sh', '-c', 'echo x >/file')
  expect(result.code).toBe(1)
  expect(result.stderr).toContain('Read-only file system')
})

test('run leaves /tmp, /run and /dev/shm writable when --read-only is said', async ({ lichen }) => {
  const script = 'for d in /tmp /run /var/tmp /dev/shm; do echo x >$d/file || exit 1; done; echo well'
  expect(await lichen.ok('run', '--rm', '--read-only', 'box', 'sh', '-c', script)).toBe('well')
})

test('run separates every namespace from the host when nothing is said', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'c', '--network', 'none', 'box', 'sleep', '60')
  const pid = await lichen.ok('inspect', '--format', '{{.State.Pid}}', 'c')
  for (const name of ['mnt', 'pid', 'uts', 'ipc', 'net']) {
    expect(namespaceOf(pid, name), name).not.toBe(namespaceOf('self', name))
  }
})

userTest('run makes root inside the caller outside when the caller is not root', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'c', 'box', 'sleep', '60')
  const pid = await lichen.ok('inspect', '--format', '{{.State.Pid}}', 'c')
  const uid = process.getuid?.() ?? -1
  expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(new RegExp(`^Uid:\\t${uid}\\t${uid}`, 'm'))
})

rootTest('run uses no user namespace when the caller is root', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'c', '--network', 'none', 'box', 'sleep', '60')
  const pid = await lichen.ok('inspect', '--format', '{{.State.Pid}}', 'c')
  expect(namespaceOf(pid, 'user')).toBe(namespaceOf('self', 'user'))
})

userTest('run makes the caller itself inside when --userns says keep-id', async ({ lichen }) => {
  const script = 'id -u; id -g; touch /mnt/file; stat -c %u /mnt/file'
  const volume = `${lichen.directory}:/mnt`
  const [uid, gid] = [process.getuid?.(), process.getgid?.()]
  expect(await lichen.ok('run', '--rm', '--userns', 'keep-id', '-v', volume, 'box', 'sh', '-c', script)).toBe(
    `${uid}\n${gid}\n${uid}`,
  )
})

userTest("run shows the image's files as root's when --userns says keep-id", async ({ lichen }) => {
  const result = await lichen.ok(
    'run',
    '--rm',
    '--userns=keep-id',
    'box',
    'stat',
    '-c',
    '%u:%g',
    '/bin/busybox',
    '/home/guest',
  )
  expect(result).toBe('0:0\n1000:1000')
})

test('run gives a loopback device only when --network says none', async ({ lichen }) => {
  expect(await lichen.ok('run', '--rm', '--network', 'none', 'box', 'ls', '/sys/class/net')).toBe('lo')
  expect(await lichen.ok('run', '--rm', '--network', 'none', 'box', 'cat', '/sys/class/net/lo/operstate')).toBe(
    'unknown',
  )
})

test("run shows the host's network devices when --network says host", async ({ lichen }) => {
  const script = 'cut -d: -f1 /proc/net/dev | tail -n +3'
  const names = (await lichen.ok('run', '--rm', '--network', 'host', 'box', 'sh', '-c', script)).split('\n')
  expect(names.map((name) => name.trim()).sort()).toEqual(readdirSync('/sys/class/net').filter(isDevice).sort())
})

function isDevice(name: string): boolean {
  return name !== 'bonding_masters'
}

function namespaceOf(pid: string, name: string): string {
  return readlinkSync(`/proc/${pid}/ns/${name}`)
}

async function readStatus(lichen: Lichen, ...flags: string[]): Promise<Record<string, string>> {
  const text = await lichen.ok('run', '--rm', ...flags, 'box', 'cat', '/proc/self/status')
  return Object.fromEntries(text.split('\n').map((line) => line.split(/:\s+/, 2) as [string, string]))
}

function capabilityMask(names: readonly string[]): string {
  const bits = names.map((name) => 1n << BigInt(HIGHER[name as keyof typeof HIGHER] ?? NUMBERS.indexOf(name)))
  return bits
    .reduce((mask, bit) => mask | bit, 0n)
    .toString(16)
    .padStart(16, '0')
}
