// Containers in the background: `run -d`, `logs`, `wait`, `stop`, `kill`, and what is true of them at each moment.

import { expect } from 'vitest'
import { lichenTest, test } from '../support/container-test.js'
import { findProcesses } from '../support/leftovers.js'
import type { Lichen } from '../support/lichen.js'
import { waitFor } from '../support/wait-for.js'

const TRAP_TERM = 'trap "echo bye; exit 7" TERM; echo ready; while :; do sleep 0.05; done'

test('run -d prints the id and leaves the container running when it is started', async ({ lichen }) => {
  const id = await lichen.ok('run', '-d', '--name', 'c', 'box', 'sleep', '60')
  expect(id).toMatch(/^[0-9a-f]{64}$/)
  expect(await lichen.ok('inspect', '--format', '{{.Id}} {{.State.Status}} {{.State.Running}}', 'c')).toBe(
    `${id} running true`,
  )
})

test('run -d removes the container by itself when --rm is said and it ends', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--rm', 'box', 'true')
  await waitFor('an empty list', async () => (await lichen.ok('ps', '-aq')) === '')
})

test('run -d ends with 127 and leaves nothing running when there is no such command', async ({ lichen }) => {
  expect((await lichen('run', '-d', '--name', 'c', 'box', 'no-such-command')).code).toBe(127)
  expect(await lichen.ok('ps', '-q')).toBe('')
})

test('logs prints both streams to where they belong when the container has ended', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'c', 'box', 'sh', '-c', 'echo out; echo err >&2; printf end')
  await lichen.ok('wait', 'c')
  expect(await lichen('logs', 'c')).toMatchObject({ code: 0, stdout: 'out\nend', stderr: 'err\n' })
})

test('logs prints every byte when there are many', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'c', 'box', 'sh', '-c', 'seq 1 100000')
  await lichen.ok('wait', 'c')
  const { stdout } = await lichen('logs', 'c')
  expect(stdout).toBe(Array.from({ length: 100_000 }, (_, index) => `${index + 1}\n`).join(''))
})

test('logs keeps a long line whole when it is larger than the buffer', async ({ lichen }) => {
  await lichen.ok('run', '--name', 'c', 'box', 'sh', '-c', 'head -c 300000 /dev/zero | tr "\\0" x; echo')
  expect((await lichen('logs', 'c')).stdout).toBe(`${'x'.repeat(300_000)}\n`)
})

test('logs --tail prints the last lines only when it is said', async ({ lichen }) => {
  await lichen.ok('run', '--name', 'c', 'box', 'seq', '1', '1000')
  expect(await lichen.ok('logs', '--tail', '3', 'c')).toBe('998\n999\n1000')
  expect(await lichen.ok('logs', '--tail', '0', 'c')).toBe('')
})

test('logs -t puts a time before each line when it is said', async ({ lichen }) => {
  await lichen.ok('run', '--name', 'c', 'box', 'echo', 'line')
  const [time = '', text] = (await lichen.ok('logs', '-t', 'c')).split(' ')
  expect(text).toBe('line')
  expect(Math.abs(Date.parse(time) - Date.now())).toBeLessThan(60_000)
})

test('logs --since leaves out what is older when a time is said', async ({ lichen }) => {
  await lichen.ok('run', '--name', 'c', 'box', 'echo', 'line')
  expect(await lichen.ok('logs', '--since', '1h', 'c')).toBe('line')
  expect(await lichen.ok('logs', '--since', '2999-01-01T00:00:00Z', 'c')).toBe('')
})

test('logs -f follows what is written and ends when the container ends', async ({ lichen }) => {
  const script = 'echo first; read word; echo "$word"'
  const container = lichen.start('run', '-i', '--name', 'c', 'box', 'sh', '-c', script)
  await container.expectOutput(/first/)
  const follower = lichen.start('logs', '-f', 'c')
  await follower.expectOutput(/first/)
  container.write('second\n')
  expect(await follower.ended).toMatchObject({ code: 0, stdout: 'first\nsecond\n' })
  await container.ended
})

test('logs fails with 125 and names the container when there is none', async ({ lichen }) => {
  const result = await lichen('logs', 'stranger')
  expect(result.code).toBe(125)
  expect(result.stderr).toContain('stranger')
})

test('wait prints the exit code when the container ends', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'c', 'box', 'sh', '-c', 'sleep 0.3; exit 5')
  expect(await lichen.ok('wait', 'c')).toBe('5')
})

test('wait prints one code for each when several are named', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'a', 'box', 'sh', '-c', 'exit 1')
  await lichen.ok('run', '-d', '--name', 'b', 'box', 'sh', '-c', 'exit 2')
  expect(await lichen.ok('wait', 'a', 'b')).toBe('1\n2')
})

test('stop lets the container end by itself when it listens to SIGTERM', async ({ lichen }) => {
  await startReady(lichen, 'c')
  expect(await lichen.ok('stop', 'c')).toBe('c')
  expect(await exitState(lichen, 'c')).toBe('exited 7')
  expect((await lichen('logs', 'c')).stdout).toBe('ready\nbye\n')
})

test('stop kills the container when it does not end in time', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'c', 'box', 'sleep', '60')
  const started = Date.now()
  await lichen.ok('stop', '-t', '1', 'c')
  expect(Date.now() - started).toBeGreaterThan(900)
  expect(await exitState(lichen, 'c')).toBe('exited 137')
})

test('stop sends the signal the container was made with when --stop-signal was said', async ({ lichen }) => {
  await startReady(
    lichen,
    'c',
    'trap "exit 8" USR1; echo ready; while :; do sleep 0.05; done',
    '--stop-signal',
    'SIGUSR1',
  )
  await lichen.ok('stop', 'c')
  expect(await exitState(lichen, 'c')).toBe('exited 8')
})

lichenTest('stop and restart send the signal that is said, this time', async ({ lichen }) => {
  const script = 'trap "exit 8" USR1; trap "exit 9" USR2; echo ready; while :; do sleep 0.05; done'
  await startReady(lichen, 'c', script, '--stop-signal', 'SIGUSR1', '--stop-timeout', '60')
  await lichen.ok('stop', '--signal', 'USR2', 'c')
  expect(await exitState(lichen, 'c')).toBe('exited 9')
  const ready = (times: number) =>
    waitFor('the trap', async () => (await lichen.ok('logs', 'c')).split('\n').length === times)
  await lichen.ok('start', 'c')
  await ready(2)
  await lichen.ok('restart', '-s', '12', 'c')
  await ready(3)
  await lichen.ok('stop', 'c')
  expect(await exitState(lichen, 'c')).toBe('exited 8')
  const ends = ['events', '--stream=false', '--since', '1h', '--filter', 'event=died']
  expect(await lichen.ok(...ends, '--format', '{{.ContainerExitCode}}')).toBe('9\n9\n8')
})

lichenTest('stop sends the signal that is said also where no time is given', async ({ lichen }) => {
  // no first process of a pid namespace: the signal alone ends it, and SIGKILL comes too late to count
  await lichen.ok('run', '-d', '--name', 'c', '--pid', 'host', 'box', 'sleep', '60')
  await lichen.ok('stop', '-t', '0', '-s', 'USR1', 'c')
  expect(await exitState(lichen, 'c')).toBe('exited 138')
})

test('stop waits as long as the container was made to when --stop-timeout was said', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'c', '--stop-timeout', '0', 'box', 'sleep', '60')
  const started = Date.now()
  await lichen.ok('stop', 'c')
  expect(Date.now() - started).toBeLessThan(8000)
  expect(await exitState(lichen, 'c')).toBe('exited 137')
})

test('stop is content when the container has already ended', async ({ lichen }) => {
  await lichen.ok('run', '--name', 'c', 'box', 'true')
  expect((await lichen('stop', 'c')).code).toBe(0)
})

test('kill ends the container with 137 when no signal is said', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'c', 'box', 'sleep', '60')
  expect(await lichen.ok('kill', 'c')).toBe('c')
  expect(await lichen.ok('wait', 'c')).toBe('137')
})

test('kill sends the signal when one is said by name or number', async ({ lichen }) => {
  const script = 'trap "echo usr1" USR1; trap "echo hup; exit 3" HUP; echo ready; while :; do sleep 0.05; done'
  await startReady(lichen, 'c', script)
  await lichen.ok('kill', '--signal', 'USR1', 'c')
  await waitFor('usr1 in the log', async () => (await lichen.ok('logs', 'c')).includes('usr1'))
  await lichen.ok('kill', '-s', '1', 'c')
  expect(await lichen.ok('wait', 'c')).toBe('3')
})

test('kill fails with 125 when the container is not running', async ({ lichen }) => {
  await lichen.ok('run', '--name', 'c', 'box', 'true')
  expect((await lichen('kill', 'c')).code).toBe(125)
})

test('rm refuses a running container with an error when it is not forced', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'c', 'box', 'sleep', '60')
  expect((await lichen('rm', 'c')).code).not.toBe(0)
  expect(await lichen.ok('rm', '-f', '-t', '0', 'c')).not.toBe('')
  expect(await lichen.ok('ps', '-aq')).toBe('')
})

test('rm fails with 1 and names the container when there is none', async ({ lichen }) => {
  const result = await lichen('rm', 'stranger')
  expect(result.code).toBe(1)
  expect(result.stderr).toContain('stranger')
})

test('rm -f is content when there is no such container', async ({ lichen }) => {
  expect((await lichen('rm', '-f', 'stranger')).code).toBe(0)
})

test('rm -a removes every container when none runs', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'a', 'box', 'true')
  await lichen.ok('run', '--name', 'b', 'box', 'true')
  expect((await lichen.ok('rm', '-a')).split('\n')).toHaveLength(2)
  expect(await lichen.ok('ps', '-aq')).toBe('')
})

test('rm -f ends every process of the container when it forked some', async ({ lichen }) => {
  await startReady(lichen, 'c', 'sleep 61 & sleep 62 & echo ready; wait')
  await lichen.ok('rm', '-f', '-t', '0', 'c')
  await waitFor(
    'an end of its processes',
    () => !findProcesses(lichen.directory).some((line) => /sleep 6[12]/.test(line)),
  )
})

lichenTest('no command line of the engine stays when the container runs detached', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'c', 'box', 'sleep', '60')
  expect(findProcesses(lichen.directory).filter((line) => line.includes('node'))).toEqual([])
  // whatever was forked for the launch may take a moment to end
  await expect.poll(() => findProcesses(lichen.directory)).toHaveLength(1)
})

async function startReady(lichen: Lichen, name: string, script = TRAP_TERM, ...flags: string[]): Promise<void> {
  await lichen.ok('run', '-d', '--name', name, ...flags, 'box', 'sh', '-c', script)
  await waitFor('the container to be ready', async () => (await lichen('logs', name)).stdout.includes('ready'))
}

function exitState(lichen: Lichen, name: string): Promise<string> {
  return lichen.ok('inspect', '--format', '{{.State.Status}} {{.State.ExitCode}}', name)
}
