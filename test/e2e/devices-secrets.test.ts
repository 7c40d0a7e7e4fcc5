// Devices of the host and secrets, in a container: which nodes there are, who may read what, and what never shows.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { lichenTest, rootTest, test, userTest } from '../support/container-test.js'
import type { Lichen } from '../support/lichen.js'

test('run gives a device by another name when --device says so, and can use it', async ({ lichen }) => {
  const script = 'stat -c %t:%T /dev/nothing; echo x >/dev/nothing && cat /dev/nothing && echo well'
  const flags = ['--device', '/dev/null:/dev/nothing:rw', '--device', '/dev/zero:/dev/again']
  expect(await lichen.ok('run', '--rm', ...flags, 'box', 'sh', '-c', script)).toBe('1:3\nwell')
})

test('run gives every device of a directory when --device names one', async ({ lichen }) => {
  expect(await lichen.ok('run', '--rm', '--device', '/dev/net:/dev/mine', 'box', 'ls', '/dev/mine')).toBe('tun')
})

test.for([
  ['/dev/none', 'no such file or directory'],
  ['/dev/null:/dev/x:q', 'invalid device mode: q'],
  ['/etc/ssl', 'no devices found in /etc/ssl'],
  ['vendor.com/class=none', 'unresolvable CDI devices vendor.com/class=none'],
] as const)('run fails and makes nothing when --device is %s', async ([device, message], { lichen }) => {
  const result = await lichen('run', '--device', device, 'box', 'true')
  expect(result.stderr).toContain(message)
  expect([125, 126]).toContain(result.code)
  await lichen.ok('rm', '--all')
})

// that others are refused depends on the kernel's filter, which not every kernel has: test/unit/runtime/oci-mounts.test.ts
rootTest('run lets devices of a rule be opened as root', async ({ lichen }) => {
  const script = 'mknod /dev/mine c 10 229 && (: </dev/mine) && echo open'
  const flags = ['--cap-add', 'mknod', '--device-cgroup-rule', 'c 10:229 rwm']
  expect(await lichen.ok('run', '--rm', ...flags, 'box', 'sh', '-c', script)).toBe('open')
})

userTest('run refuses a rule for devices when the user is not root', async ({ lichen }) => {
  const result = await lichen('run', '--rm', '--device-cgroup-rule', 'c 1:11 rwm', 'box', 'true')
  expect(result.code).toBe(125)
  expect(result.stderr).toContain('device')
})

async function makeSecret(lichen: Lichen, name: string, data: string): Promise<void> {
  const file = join(lichen.directory, `${name}.txt`)
  writeFileSync(file, data)
  await lichen.ok('secret', 'create', name, file)
}

test('run gives a secret as a file with its owner and mode, and as a variable', async ({ lichen }) => {
  for (const name of ['word', 'key']) await makeSecret(lichen, name, 'open sesame')
  const flags = ['word', 'key,target=/keys/own,uid=3,gid=4,mode=0440', 'word,type=env,target=WORD']
  const script =
    'cat /run/secrets/word; echo; stat -c "%u:%g %a" /run/secrets/word /keys/own; echo $WORD; umount /keys 2>/dev/null; ls /keys'
  expect(
    await lichen.ok('run', '--rm', ...flags.flatMap((flag) => ['--secret', flag]), 'box', 'sh', '-c', script),
  ).toBe('open sesame\n0:0 444\n3:4 440\nopen sesame\nown')
})

test('a container keeps its secret as it was when it was made', async ({ lichen }) => {
  await makeSecret(lichen, 'word', 'before')
  await lichen.ok('create', '--name', 'holder', '--secret', 'word', 'box', 'cat', '/run/secrets/word')
  await lichen.ok('secret', 'rm', 'word')
  await makeSecret(lichen, 'word', 'after')
  expect(await lichen.ok('start', '--attach', 'holder')).toBe('before')
})

test('inspect names secrets that are files and shows no secret', async ({ lichen }) => {
  await makeSecret(lichen, 'word', 'open sesame')
  await lichen.ok(
    'create',
    '--name',
    'holder',
    '--secret',
    'word,mode=0400',
    '--secret',
    'word,type=env',
    'box',
    'true',
  )
  const shown = await lichen.ok('inspect', 'holder')
  expect(shown).not.toContain('open sesame')
  expect(await lichen.ok('inspect', '--format', '{{range .Config.Secrets}}{{.Name}} {{.Mode}}{{end}}', 'holder')).toBe(
    'word 256',
  )
})

lichenTest('a secret is in no file that others may read', async ({ lichen }) => {
  await makeSecret(lichen, 'word', 'open sesame')
  await lichen.ok('create', '--name', 'holder', '--secret', 'word', '--secret', 'word,type=env', 'box', 'true')
  const dir = join(lichen.root, 'containers', await lichen.ok('inspect', '--format', '{{.Id}}', 'holder'))
  expect(readdirSync(join(dir, 'secrets'))).toEqual(['0'])
  expect(readFileSync(join(dir, 'record.json'), 'utf8')).not.toContain('open sesame')
})

test.for([
  ['none', 'no secret with name or id "none"'],
  ['word,type=foo', 'type foo is invalid'],
  ['word,mode=999', 'mode 999 invalid'],
  ['word,uid=x', 'UID x invalid'],
  ['word,type=env,mode=0400', 'cannot be set with secret type env'],
] as const)('run fails with 125 and makes nothing when --secret is %s', async ([secret, message], { lichen }) => {
  await makeSecret(lichen, 'word', 'open sesame')
  const result = await lichen('run', '--secret', secret, 'box', 'true')
  expect(result).toMatchObject({ code: 125, stderr: expect.stringContaining(message) })
  expect(await lichen.ok('ps', '--all', '--quiet')).toBe('')
})
