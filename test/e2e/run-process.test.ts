// What a command finds when it starts: environment, directory, user, limits, terminal-less standard files, its own /etc and /dev.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { test } from '../support/container-test.js'

test('run sets a variable when -e says NAME=value', async ({ lichen }) => {
  expect(
    await lichen.ok('run', '--rm', '-e', 'A=b c=d', '--env', 'EMPTY=', 'box', 'sh', '-c', 'echo "$A|${EMPTY-unset}"'),
  ).toBe('b c=d|')
})

test('run takes a variable from the caller when -e says its name', async ({ lichen }) => {
  const options = { env: { MINE: 'from outside', LICHEN_ABSENT: undefined } }
  const result = await lichen.with(options, 'run', '--rm', '-e', 'MINE', '-e', 'LICHEN_ABSENT', 'box', 'env')
  expect(result.stdout).toMatch(/^MINE=from outside$/m)
  expect(result.stdout).not.toContain('LICHEN_ABSENT')
})

test('run takes every variable with a prefix when -e says PREFIX*', async ({ lichen }) => {
  const result = await lichen.with({ env: { MY_A: '1', MY_B: '2' } }, 'run', '--rm', '-e', 'MY_*', 'box', 'env')
  expect(result.stdout).toMatch(/^MY_A=1$/m)
  expect(result.stdout).toMatch(/^MY_B=2$/m)
})

test("run hides the caller's environment when nothing is asked for", async ({ lichen }) => {
  const result = await lichen.with({ env: { SECRET_OF_MINE: 'x' } }, 'run', '--rm', 'box', 'env')
  expect(result.stdout).not.toContain('SECRET_OF_MINE')
  expect(result.stdout).toMatch(/^PATH=\/usr\/local\/sbin:\/usr\/local\/bin:\/usr\/sbin:\/usr\/bin:\/sbin:\/bin$/m)
  expect(result.stdout).toMatch(/^HOME=\/root$/m)
})

test("run sets HOME to the user's directory when -u names one of the image's users", async ({ lichen }) => {
  expect(await lichen.ok('run', '--rm', '-u', 'guest', 'box', 'sh', '-c', 'echo $HOME')).toBe('/home/guest')
})

test('run starts in / when neither the image nor the user says a directory', async ({ lichen }) => {
  expect(await lichen.ok('run', '--rm', 'box', 'pwd')).toBe('/')
})

test('run starts in the directory when -w names one', async ({ lichen }) => {
  expect(await lichen.ok('run', '--rm', '-w', '/var/tmp', 'box', 'pwd')).toBe('/var/tmp')
})

test('run starts as uid 0 when no user is said', async ({ lichen }) => {
  expect(await lichen.ok('run', '--rm', 'box', 'sh', '-c', 'id -u; id -g')).toBe('0\n0')
})

test("run gives a named user its groups when -u names one of the image's users", async ({ lichen }) => {
  const [ids, groups] = (await lichen.ok('run', '--rm', '-u', 'guest', 'box', 'id')).split(' groups=')
  expect(ids).toBe('uid=1000(guest) gid=1000(guest)')
  expect(groups?.split(',').sort()).toEqual(['1000(guest)', '29(audio)'])
})

test('run gives exactly the ids when -u says uid:gid', async ({ lichen }) => {
  expect(await lichen.ok('run', '--rm', '-u', '12345:29', 'box', 'sh', '-c', 'id -u; id -g')).toBe('12345\n29')
})

test('run gives the named group when -u says user:group', async ({ lichen }) => {
  expect(await lichen.ok('run', '--rm', '-u', 'guest:audio', 'box', 'sh', '-c', 'id -un; id -gn')).toBe('guest\naudio')
})

test('run fails with 125 or 126 and names the user when the image has no such user', async ({ lichen }) => {
  const result = await lichen('run', '--rm', '-u', 'stranger', 'box', 'true')
  expect([125, 126]).toContain(result.code)
  expect(result.stderr).toContain('stranger')
})

test('run runs the given program with the arguments when --entrypoint is said', async ({ lichen }) => {
  expect(await lichen.ok('run', '--rm', '--entrypoint', 'echo', 'box', 'a', 'b')).toBe('a b')
})

test('run takes several words when --entrypoint is a JSON array', async ({ lichen }) => {
  expect(await lichen.ok('run', '--rm', '--entrypoint', '["echo","-n","x"]', 'box', 'y')).toBe('x y')
})

test('run sets the host name everywhere when --hostname is said', async ({ lichen }) => {
  const script =
    'hostname; echo $(cat /etc/hostname); cat /proc/sys/kernel/hostname; echo $HOSTNAME; grep -c "garden" /etc/hosts'
  expect(await lichen.ok('run', '--rm', '--network', 'none', '--hostname', 'garden', 'box', 'sh', '-c', script)).toBe(
    'garden\ngarden\ngarden\ngarden\n1',
  )
})

test("run names the host after the container's id when no host name is said", async ({ lichen }) => {
  const cidfile = join(lichen.directory, 'cid')
  const hostname = await lichen.ok('run', '--rm', '--network', 'none', '--cidfile', cidfile, 'box', 'hostname')
  expect(hostname).toBe(readFileSync(cidfile, 'utf8').slice(0, 12))
})

test('run sets soft and hard limits when --ulimit is said', async ({ lichen }) => {
  const script = 'ulimit -Sn; ulimit -Hn; ulimit -Sc'
  const flags = ['--ulimit', 'nofile=100:200', '--ulimit', 'core=0']
  expect(await lichen.ok('run', '--rm', ...flags, 'box', 'sh', '-c', script)).toBe('100\n200\n0')
})

test('run puts the command second and reaps orphans when --init is said', async ({ lichen }) => {
  const script =
    '(sleep 0.05 & exec true) ; echo $$; while pgrep -x sleep >/dev/null; do :; done; ps -o stat | grep -c Z'
  const result = await lichen('run', '--rm', '--init', 'box', 'sh', '-c', script)
  expect(result.stdout).not.toMatch(/^1\n/)
  expect(result.stdout).toMatch(/\n0\n$/)
})

test('run makes the command process 1 when --init is not said', async ({ lichen }) => {
  expect(await lichen.ok('run', '--rm', 'box', 'sh', '-c', 'echo $$')).toBe('1')
})

test('run provides the usual devices and nothing of the host when it is not privileged', async ({ lichen }) => {
  const script =
    'cd /dev && ls -d null zero full random urandom tty pts shm mqueue stdin stdout stderr fd ptmx; ls -d vda sda kmsg mem kvm 2>/dev/null'
  const result = await lichen('run', '--rm', 'box', 'sh', '-c', script)
  expect(result.stdout.split('\n').sort().join(' ').trim()).toBe(
    'fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero',
  )
})

test('run lets any user write to /dev/null, /tmp and /dev/shm when the image allows it', async ({ lichen }) => {
  const script = 'echo x >/dev/null && echo x >/tmp/file && echo x >/dev/shm/file && echo well'
  expect(await lichen.ok('run', '--rm', '-u', 'guest', 'box', 'sh', '-c', script)).toBe('well')
})

test("run writes the container's id to a file when --cidfile is said", async ({ lichen }) => {
  const cidfile = join(lichen.directory, 'cid')
  const id = await lichen.ok('run', '-d', '--cidfile', cidfile, 'box', 'true')
  expect(id).toMatch(/^[0-9a-f]{64}$/)
  expect(readFileSync(cidfile, 'utf8')).toBe(id)
})

test('run fails with 125 and keeps the file when --cidfile names one that exists', async ({ lichen }) => {
  const cidfile = join(lichen.directory, 'cid')
  writeFileSync(cidfile, 'mine')
  const result = await lichen('run', '--cidfile', cidfile, 'box', 'true')
  expect(result.code).toBe(125)
  expect(result.stderr).toContain(cidfile)
  expect(readFileSync(cidfile, 'utf8')).toBe('mine')
  expect(await lichen.ok('ps', '-aq')).toBe('')
})
