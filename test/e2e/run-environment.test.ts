// The environment and the person a container's process has: where variables come from, which users and groups its passwd and group tell,
// umask, time zone, and what systemd would find.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { lichenTest, test } from '../support/container-test.js'
import { isLichen } from '../support/facts.js'
import { runProcess } from '../support/process.js'

test('run reads variables from files, in order, before those that are said', async ({ lichen }) => {
  const file = (name: string, text: string): string => {
    writeFileSync(join(lichen.directory, name), text)
    return join(lichen.directory, name)
  }
  const first = file('first', '# comment\n\nA=1\n  B=two words  \nQ="quoted" # no comment\nHOSTED\nNOT_SET\nC=\n')
  const second = file('second', 'A=2\nD=second\r\nWILD_*\n')
  const { stdout } = await lichen.with(
    { env: { HOSTED: 'here', WILD_X: 'x' } },
    ...['run', '--rm', '--env-file', first, '--env-file', second, '-e', 'D=said', 'box', 'env'],
  )
  const lines = stdout.split('\n')
  expect(lines).toEqual(
    expect.arrayContaining([
      'A=2',
      'B=two words  ',
      'Q="quoted" # no comment',
      'HOSTED=here',
      'C=',
      'WILD_X=x',
      'D=said',
    ]),
  )
  expect(stdout).not.toMatch(/NOT_SET|^# comment/m)
  for (const [bad, reason] of [
    [file('bad', '=x\n'), /invalid environment variable: "=x"/],
    [join(lichen.directory, 'none'), /no such file or directory/],
  ] as const) {
    const result = await lichen('run', '--rm', '--env-file', bad, 'box', 'true')
    expect([result.code, result.stderr]).toEqual([125, expect.stringMatching(reason)])
  }
})

test('run passes proxies on, unless it is told not to, and leaves out what is unset', async ({ lichen }) => {
  const env = { http_proxy: 'http://proxy:1', NO_PROXY: 'here', OTHER: 'x' }
  const run = async (...flags: string[]) =>
    (await lichen.with({ env }, 'run', '--rm', ...flags, 'box', '/bin/env')).stdout.split('\n')
  expect(await run()).toEqual(expect.arrayContaining(['http_proxy=http://proxy:1', 'NO_PROXY=here']))
  const without = await run('--http-proxy=false', '--unsetenv', 'PATH', '--unsetenv', 'NOPE')
  expect(without.filter((line) => /proxy|OTHER|^PATH/i.test(line))).toEqual([])
  expect(without.find((line) => line.startsWith('container='))).toBeDefined()
  const bare = await run('--http-proxy=false', '--unsetenv-all', '-e', 'A=1')
  expect(bare.filter((line) => !/^(HOME|HOSTNAME)=/.test(line))).toEqual(['A=1', ''])
  expect(await run('--env-host')).toContain('OTHER=x')
  const merged = await run('--env-merge', 'PATH=/mine:${PATH}', '--env-merge', 'container=$container-${NOPE:-none}')
  expect(merged.filter((line) => /^(PATH|container)=/.test(line)).sort()).toEqual([
    expect.stringMatching(/^PATH=\/mine:\/usr\/local\/sbin:/),
    expect.stringMatching(/^container=\w+-none$/),
  ])
})

test('run makes files with the umask that is said', async ({ lichen }) => {
  const script = 'umask; touch /f; stat -c %a /f'
  expect(await lichen.ok('run', '--rm', 'box', 'sh', '-c', script)).toBe('0022\n644')
  expect(await lichen.ok('run', '--rm', '--umask', '77', 'box', 'sh', '-c', script)).toBe('0077\n600')
  const refused = await lichen('run', '--rm', '--umask', '99', 'box', 'true')
  expect([refused.code, refused.stderr]).toEqual([
    125,
    expect.stringContaining('invalid umask string 99: invalid argument'),
  ])
})

test('run shows the time of a zone when --tz names one', async ({ lichen }) => {
  expect(await lichen.ok('run', '--rm', '--tz', 'Asia/Kolkata', 'box', 'date', '+%Z%z')).toBe('IST+0530')
  for (const zone of ['Nowhere/Atall', '../../../etc/passwd', 'Europe']) {
    const refused = await lichen('run', '--rm', '--tz', zone, 'box', 'true')
    expect(refused.code, zone).not.toBe(0)
  }
})

test('run tells a number in passwd as a user, by the line that is said, or not at all', async ({ lichen }) => {
  const script = 'grep :1234: /etc/passwd; id -un'
  const run = async (...flags: string[]) =>
    (await lichen('run', '--rm', '-u', '1234:0', ...flags, 'box', 'sh', '-c', script)).stdout
  expect(await run()).toBe('1234:*:1234:0:container user:/:/bin/sh\n1234\n')
  expect(await run('--passwd-entry', '$USERNAME-x:*:$UID:$GID:$NAME:$HOME:/bin/x')).toBe(
    '1234-x:*:1234:0:container user:/:/bin/x\n1234-x\n',
  )
  expect(await run('--passwd=false')).not.toContain('1234:')
})

test('run knows a user of the host when --hostuser names it', async ({ lichen }) => {
  const found = await lichen.ok(
    'run',
    '--rm',
    '--hostuser',
    'sys',
    '-u',
    'sys',
    'box',
    'sh',
    '-c',
    'id -u; id -un; tail -1 /etc/passwd',
  )
  expect(found).toMatch(/^3\nsys\nsys:\*:3:3:sys:/)
  const unknown = await lichen('run', '--rm', '--hostuser', 'no-such-user', 'box', 'true')
  expect(unknown.stderr).toContain('unknown user')
  expect(unknown.code).not.toBe(0)
})

test('run gives more groups when --group-add names them, and takes each form of --user', async ({ lichen }) => {
  const id = async (...flags: string[]) => await lichen.ok('run', '--rm', ...flags, 'box', 'id')
  expect(await id('-u', 'guest', '--group-add', '5,guest', '--group-add', '99')).toBe(
    'uid=1000(guest) gid=1000(guest) groups=5,29(audio),99,1000(guest)',
  )
  expect(await id('-u', ':5')).toBe('uid=0(root) gid=5(5) groups=5(5)')
  expect(await id('-u', 'guest:5')).toBe('uid=1000(guest) gid=5(5) groups=5(5)')
  const unknown = await lichen('run', '--rm', '--group-add', 'nope', 'box', 'true')
  expect(unknown.code).not.toBe(0)
  const both = await lichen('run', '--rm', '--group-add', 'keep-groups,5', 'box', 'true')
  expect([both.code, both.stderr]).toEqual([125, expect.stringContaining('not allowed with any other')])
})

test('run gives a user other than root the capabilities that are added by name', async ({ lichen }) => {
  const script = 'grep -E "^Cap(Inh|Prm|Eff|Amb)" /proc/self/status'
  const text = await lichen.ok('run', '--rm', '-u', '1000', '--cap-add', 'net_raw,chown', 'box', 'sh', '-c', script)
  expect(text.split('\n').map((line) => line.split('\t')[1])).toEqual(Array(4).fill('0000000000002001'))
})

test('run furnishes a container for systemd when it is told to, and not when it runs something else', async ({
  lichen,
}) => {
  const script =
    'for d in /run /run/lock /tmp /var/log/journal; do grep -c " $d tmpfs rw" /proc/mounts; done; grep -c " /sys/fs/cgroup .* rw" /proc/mounts; echo $container_uuid'
  const run = async (flag: string) => (await lichen.ok('run', '--rm', flag, 'box', 'sh', '-c', script)).split('\n')
  const always = await run('--systemd=always')
  expect(always.slice(0, 4)).toEqual(['1', '1', '1', '1'])
  expect(always.at(-1)).toMatch(/^[0-9a-f]{32}$/)
  expect((await run('--systemd=true')).slice(0, 4)).toEqual(['0', '0', '0', '0'])
  await lichen.ok('create', '--name', 'c', 'box', '/sbin/init')
  await lichen.ok('create', '--name', 'd', '--systemd=false', 'box', '/sbin/init')
  expect(await lichen.ok('inspect', '--format', '{{.Config.StopSignal}}', 'c', 'd')).toBe(
    isLichen ? '37\nSIGTERM' : '37\n15', // podman's number became a name with version 5
  )
})

test('run sets the personality that is said', async ({ lichen }) => {
  expect(await lichen.ok('run', '--rm', '--personality', 'LINUX32', 'box', 'uname', '-m')).toMatch(/^(i686|armv8l)$/)
  expect((await lichen('run', '--rm', '--personality', 'BAD', 'box', 'true')).code).not.toBe(0)
})

lichenTest('run starts the init of the user when --init-path names one', async ({ lichen }) => {
  const init = join(lichen.directory, 'init')
  writeFileSync(init, '#!/bin/sh\necho init "$@"\nshift\nexec "$@"\n', { mode: 0o755 })
  expect(await lichen.ok('run', '--rm', '--init', '--init-path', init, 'box', 'echo', 'a')).toBe('init -- echo a\na')
  const none = await lichen('run', '--rm', '--init', '--init-path', '/no/such', 'box', 'true')
  expect([none.code, none.stderr]).toEqual([125, expect.stringContaining('--init-path /no/such: no such file')])
})

test('run makes the files of /etc below each directory of --chrootdirs, too', async ({ lichen }) => {
  const script = 'cat /jail/etc/hosts | grep -c localhost; cmp /etc/hosts /jail/etc/hosts && echo same'
  expect(await lichen.ok('run', '--rm', '--chrootdirs', '/jail', 'box', 'sh', '-c', script)).toMatch(/same$/)
})

lichenTest(
  'run and exec pass the descriptors of --preserve-fd on by their numbers, and none beside them',
  async ({ lichen }) => {
    writeFileSync(join(lichen.directory, 'data'), 'from descriptor\n')
    await lichen.ok('run', '-d', '--name', 'c', '--stop-timeout', '0', 'box', 'sleep', '1000')
    const script = 'cat <&7; for n in 3 4 5 6 7 8; do readlink /proc/self/fd/$n || echo none; done'
    const argv = lichen.argv.map((word) => `'${word}'`).join(' ')
    const data = `'${join(lichen.directory, 'data')}'`
    const sh = (words: string, redirect: string) =>
      runProcess(['sh', '-c', `exec 4>&- 5>&- 6>&-; ${argv} ${words} sh -c '${script}' ${redirect}`])
    for (const words of ['run --rm --preserve-fd 7 --preserve-fds 1 box', 'exec --preserve-fd 7,3 c']) {
      const { code, stdout, stderr } = await sh(words, `3<${data} 5<${data} 7<${data}`)
      // 8 is of the command itself: readlink opens nothing, the shell's own are above
      const [text, ...links] = stdout.trimEnd().split('\n')
      expect([words, code, stderr, text]).toEqual([words, 0, '', 'from descriptor'])
      const outside = expect.stringMatching(/data$/)
      expect(links).toEqual([outside, '/dev/null', '/dev/null', '/dev/null', outside, 'none'])
    }
    for (const words of ['run --rm --preserve-fd 7 box', 'exec --preserve-fd 7 c']) {
      const { code, stderr } = await sh(words, '7<&-')
      expect([code, stderr]).toEqual([125, expect.stringContaining('file descriptor 7 is not available')])
    }
  },
)

lichenTest('run passes as many descriptors on as --preserve-fds says', async ({ lichen }) => {
  writeFileSync(join(lichen.directory, 'data'), 'from descriptor\n')
  const sh = (flags: string, redirect: string) => {
    const argv = lichen.argv.map((word) => `'${word}'`).join(' ')
    return runProcess(['sh', '-c', `${argv} run --rm ${flags} box sh -c 'cat <&3; cat <&4' ${redirect}`])
  }
  const data = join(lichen.directory, 'data')
  const passed = await sh('--preserve-fds 2', `3<'${data}' 4<'${data}'`)
  expect([passed.code, passed.stdout]).toEqual([0, 'from descriptor\nfrom descriptor\n'])
  const missing = await sh('--preserve-fds 2', `3<'${data}'`)
  expect([missing.code, missing.stderr]).toEqual([125, expect.stringContaining('file descriptor 4 is not available')])
})
