// `exec`: another command in a running container.

import { randomBytes } from 'node:crypto'
import { readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { lichenTest, test } from '../support/container-test.js'
import type { Lichen } from '../support/lichen.js'
import { runProcess } from '../support/process.js'
import { waitFor } from '../support/wait-for.js'

async function startSleeper(lichen: Lichen, ...flags: string[]): Promise<void> {
  await lichen.ok('run', '-d', '--name', 'c', ...flags, 'box', 'sleep', '60')
}

test('exec keeps output and error output apart and ends with the exit code when the command fails', async ({
  lichen,
}) => {
  await startSleeper(lichen)
  const result = await lichen('exec', 'c', 'sh', '-c', 'echo out; echo err >&2; exit 42')
  expect(result).toMatchObject({ code: 42, stdout: 'out\n', stderr: 'err\n' })
})

test('exec ends with 127, 126 and 143 when there is no command, it may not run, it is killed', async ({ lichen }) => {
  await startSleeper(lichen)
  expect((await lichen('exec', 'c', 'no-such-command')).code).toBe(127)
  expect((await lichen('exec', 'c', '/etc/passwd')).code).toBe(126)
  expect((await lichen('exec', 'c', 'sh', '-c', 'kill -TERM $$')).code).toBe(143)
})

test("exec sees the container's processes, files and host name when it runs", async ({ lichen }) => {
  await startSleeper(lichen, '--hostname', 'garden')
  await lichen.ok('exec', 'c', 'sh', '-c', 'echo x >/tmp/file')
  const result = await lichen.ok('exec', 'c', 'sh', '-c', 'cat /tmp/file; hostname; tr "\\0" " " </proc/1/cmdline')
  expect(result).toBe('x\ngarden\nsleep 60 ')
})

test('exec -i passes bytes unchanged both ways when they are binary', async ({ lichen }) => {
  await startSleeper(lichen)
  const input = randomBytes(2_000_000)
  const result = await lichen.with({ input }, 'exec', '-i', 'c', 'cat')
  expect(result.code).toBe(0)
  expect(result.stdoutBytes.equals(input)).toBe(true)
})

test('exec keeps its input to itself when -i is not given', async ({ lichen }) => {
  await startSleeper(lichen)
  expect(await lichen.with({ input: 'x' }, 'exec', 'c', 'cat')).toMatchObject({ code: 0, stdout: '' })
})

test('exec sets variables, directory and user when -e, -w and -u are said', async ({ lichen }) => {
  await startSleeper(lichen, '-e', 'KEPT=from run')
  const script = 'echo "$A $KEPT"; pwd; id -un; echo $HOME'
  const result = await lichen.ok('exec', '-e', 'A=b', '-w', '/var/tmp', '-u', 'guest', 'c', 'sh', '-c', script)
  expect(result).toBe('b from run\n/var/tmp\nguest\n/home/guest')
})

test("exec starts as the container's user and in its directory when nothing is said", async ({ lichen }) => {
  await startSleeper(lichen, '-u', 'guest', '-w', '/home')
  expect(await lichen.ok('exec', 'c', 'sh', '-c', 'id -un; pwd')).toBe('guest\n/home')
})

test('exec is as confined as the container when it is not privileged', async ({ lichen }) => {
  await startSleeper(lichen, '--cap-drop', 'all')
  const status = await lichen.ok('exec', 'c', 'grep', '-E', '^(CapBnd|CapEff|Seccomp):', '/proc/self/status')
  expect(status).toBe('CapEff:\t0000000000000000\nCapBnd:\t0000000000000000\nSeccomp:\t2')
})

test('exec -d returns at once and the command goes on when it is said', async ({ lichen }) => {
  await startSleeper(lichen)
  await lichen.ok('exec', '-d', 'c', 'sh', '-c', 'echo done >/tmp/file')
  await waitFor('the file', async () => (await lichen('exec', 'c', 'cat', '/tmp/file')).stdout === 'done\n')
})

test('exec runs in the namespaces of the container when it is asked of the kernel', async ({ lichen }) => {
  await startSleeper(lichen)
  const pid = await lichen.ok('inspect', '--format', '{{.State.Pid}}', 'c')
  for (const name of ['mnt', 'pid', 'net', 'uts', 'ipc']) {
    const inside = await lichen.ok('exec', 'c', 'readlink', `/proc/self/ns/${name}`)
    expect(inside).toBe(readlinkSync(`/proc/${pid}/ns/${name}`))
  }
})

test('exec fails and names the container when it is not running', async ({ lichen }) => {
  await lichen.ok('run', '--name', 'ended', 'box', 'true')
  const result = await lichen('exec', 'ended', 'true')
  expect([125, 255]).toContain(result.code)
  expect(result.stderr).toMatch(/running/)
})

test('exec fails with 125 and names the container when there is none', async ({ lichen }) => {
  const result = await lichen('exec', 'stranger', 'true')
  expect(result.code).toBe(125)
  expect(result.stderr).toContain('stranger')
})

test('exec leaves the container running when the command line is killed', async ({ lichen }) => {
  await startSleeper(lichen)
  const running = lichen.start('exec', '-i', 'c', 'sh', '-c', 'echo ready; cat')
  await running.expectOutput(/ready/)
  running.kill('SIGKILL')
  await running.ended
  expect(await lichen.ok('exec', 'c', 'echo', 'still here')).toBe('still here')
})

test('exec ends with 127, or 125 in the background, when directory or command are missing', async ({ lichen }) => {
  await startSleeper(lichen)
  const missing = await lichen('exec', '-w', '/missing', 'c', 'pwd')
  expect(missing.code).toBe(127)
  expect(missing.stderr).toContain('/missing')
  expect((await lichen('exec', '-t', 'c', 'no-such-command')).code).toBe(127)
  const inBackground = await lichen('exec', '-d', 'c', 'no-such-command')
  expect(inBackground).toMatchObject({ code: 125, stdout: '' })
  expect(inBackground.stderr).toContain('no-such-command')
})

test('exec -d prints the ID of its session, and gives a terminal with -t', async ({ lichen }) => {
  await startSleeper(lichen)
  const ids = [
    await lichen.ok('exec', '-d', 'c', 'true'),
    await lichen.ok('exec', '-dt', 'c', 'sh', '-c', 'tty >/tmp/tty'),
  ]
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{64}$/)
  await waitFor('the file', async () => (await lichen('exec', 'c', 'cat', '/tmp/tty')).stdout === '/dev/pts/0\n')
})

test('exec -l runs in the container that was created last', async ({ lichen }) => {
  await startSleeper(lichen)
  await lichen.ok('run', '-d', '--name', 'newer', '--hostname', 'newer', 'box', 'sleep', '60')
  expect(await lichen.ok('exec', '-l', 'hostname')).toBe('newer')
  // podman's words and ours; its exit code for the second is 255
  expect((await lichen('exec')).stderr).toContain('exec requires the name or ID of a container or the --latest flag')
  expect((await lichen('exec', 'c')).stderr).toContain('must provide a non-empty command to start an exec session')
})

lichenTest('exec --cidfile runs in the container whose ID is in the file', async ({ lichen }) => {
  const file = join(lichen.directory, 'cid')
  await lichen.ok('run', '-d', '--cidfile', file, '--hostname', 'filed', 'box', 'sleep', '60')
  expect(await lichen.ok('exec', '--cidfile', file, 'hostname')).toBe('filed')
})

test('exec reads variables from files when --env-file is said, and -e wins', async ({ lichen }) => {
  await startSleeper(lichen)
  const file = join(lichen.directory, 'env')
  writeFileSync(file, '# none\nA=from file\nB=both\n')
  expect(await lichen.ok('exec', '--env-file', file, '-e', 'B=said', 'c', 'sh', '-c', 'echo "$A, $B"')).toBe(
    'from file, said',
  )
  const missing = await lichen('exec', '--env-file', `${file}.none`, 'c', 'true')
  expect(missing.code).toBe(125)
  expect(missing.stderr).toContain(`${file}.none`)
})

// podman takes them for --preserve-fds
lichenTest('exec gives no descriptor on that systemd has counted for us', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'c', 'box', 'sleep', '60')
  const env = { LISTEN_FDS: '1', LISTEN_PID: '1', LISTEN_FDNAMES: 'a' }
  const words = ['c', 'sh', '-c', 'ls -1 /proc/self/fd; echo "<$LISTEN_FDS$LISTEN_PID>"']
  for (const flags of [[], ['-t']]) {
    const { code, stdout } = await lichen.with({ env }, 'exec', ...flags, ...words)
    expect({ code, stdout: stdout.replaceAll('\r', '') }).toEqual({ code: 0, stdout: '0\n1\n2\n3\n<>\n' })
  }
})

lichenTest('exec --preserve-fds passes descriptors on, and refuses one that is not open', async ({ lichen }) => {
  await startSleeper(lichen)
  const file = join(lichen.directory, 'file')
  writeFileSync(file, 'from outside\n')
  const withFile = ['sh', '-c', 'exec 4>&-; exec "$@" 3<"$0"', file, ...lichen.argv, 'exec']
  const ran = await runProcess([...withFile, '--preserve-fds', '1', 'c', 'sh', '-c', 'cat <&3'])
  expect(ran).toMatchObject({ code: 0, stdout: 'from outside\n' })
  const refused = await runProcess([...withFile, '--preserve-fds', '2', 'c', 'true'])
  expect(refused.code).toBe(125)
  expect(refused.stderr).toContain('file descriptor 4 is not available')
})
