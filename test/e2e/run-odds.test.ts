// Flags of run that few need: lines of /etc/group, no /etc/hostname, the size of systemd's file systems, ranges of subordinate ids by name,
// GPUs, an image that brings its own seccomp profile.

import { userInfo } from 'node:os'
import { expect } from 'vitest'
import { lichenTest, test, userTest } from '../support/container-test.js'
import { isLichen, readSubuidRange } from '../support/facts.js'
import { imagePath } from '../support/images.js'

lichenTest('run tells an unknown group by the line that --group-entry gives', async ({ lichen }) => {
  const group = ['--user', '1234:5678', '--group-entry', 'mine:x:$GID:me']
  expect(await lichen.ok('run', '--rm', ...group, 'box', 'grep', 'mine', '/etc/group')).toBe('mine:x:5678:me')
})

lichenTest('run makes no /etc/hostname when --no-hostname is said', async ({ lichen }) => {
  const look = ['box', 'sh', '-c', 'grep -c " /etc/hostname " /proc/self/mountinfo']
  expect(await lichen('run', '--rm', '--no-hostname', ...look)).toMatchObject({ code: 1, stdout: '0\n' })
  expect(await lichen.ok('run', '--rm', ...look)).toBe('1')
})

lichenTest('run gives the file systems of memory that systemd needs the size that was said', async ({ lichen }) => {
  const look = ['box', 'sh', '-c', 'df -k /run /tmp /run/lock /var/log/journal | grep -c " 5120 "']
  expect(await lichen.ok('run', '--rm', '--systemd', 'always', '--shm-size-systemd', '5m', ...look)).toBe('4')
})

userTest('run maps the subordinate ids of the user that is named', async ({ lichen }) => {
  const name = userInfo().username
  const names = ['--subuidname', name, '--subgidname', name]
  const maps = (await lichen.ok('run', '--rm', ...names, 'box', 'cat', '/proc/self/uid_map', '/proc/self/gid_map'))
    .split('\n')
    .map((line) => line.trim().split(/\s+/).join(' '))
  expect(maps).toEqual(Array(2).fill(`0 1 ${readSubuidRange()?.count}`))
})

lichenTest('run says which GPUs nobody has described, and makes nothing', async ({ lichen }) => {
  for (const [gpus, device] of [
    ['all', 'all'],
    ['device=GPU-1', 'GPU-1'],
  ] as const) {
    const result = await lichen('run', '--gpus', gpus, 'box', 'true')
    expect(result).toMatchObject({ code: 125, stdout: '' })
    expect(result.stderr).toContain(`unresolvable CDI devices nvidia.com/gpu=${device}`)
  }
  expect((await lichen('run', '--gpus', 'x=y', 'box', 'true')).code).toBe(125)
  expect(await lichen.ok('ps', '--all', '--quiet')).toBe('')
})

test('run filters system calls as the image says when --seccomp-policy says so', async ({ bare }) => {
  const profile =
    '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO"}]}'
  // podman 4.3 takes the quotes of an instruction as they are
  const label = `LABEL io.containers.seccomp.profile=${isLichen ? `'${profile}'` : profile}`
  await bare.ok('import', '--change', label, imagePath('box.tar'), 'strict')
  const run = (...flags: string[]) => bare('run', '--rm', ...flags, 'strict', 'mkdir', '/x')
  expect(await run('--seccomp-policy', 'image')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('not permitted'),
  })
  expect((await run('--seccomp-policy', 'default')).code).toBe(0)
  expect((await run()).code).toBe(0)
})
