// `logs` beyond one container's plain lines (detached.test.ts): several containers, colours, times, tails; logs that are put aside while
// they are read, at places of their own, or that are gone.

import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { lichenTest, lichenTestWhere, test } from '../support/container-test.js'
import type { Lichen } from '../support/lichen.js'
import { waitFor } from '../support/wait-for.js'

const short = (id: string) => id.slice(0, 12)
const say = async (lichen: Lichen, name: string, script: string): Promise<string> => {
  await lichen.ok('run', '--name', name, 'box', 'sh', '-c', script)
  return short(await lichen.ok('inspect', '--format', '{{.Id}}', name))
}

test('logs of several containers say whose each line is, by time', async ({ lichen }) => {
  const one = await say(lichen, 'one', 'echo 1; echo 2')
  const two = await say(lichen, 'two', 'echo 3; echo 4 >&2')
  const { stdout, stderr } = await lichen('logs', 'two', 'one')
  expect(stdout.split('\n').sort()).toEqual(['', `${one} 1`, `${one} 2`, `${two} 3`].sort())
  expect(stderr).toBe(`${two} 4\n`)
  const named = await lichen('logs', '--names', 'one', 'two')
  expect(named.stdout.split('\n').sort()).toEqual(['', 'one 1', 'one 2', 'two 3'])
  expect((await lichen('logs', 'one', 'stranger')).code).toBe(125)
})

lichenTest('logs of several containers are merged line by line, also followed', async ({ lichen }) => {
  const script = (first: number) => `for i in $(seq ${first} 2 7); do echo $i; sleep 0.1; done`
  await lichen.ok('run', '-d', '--name', 'even', 'box', 'sh', '-c', `sleep 0.05; ${script(2)}`)
  await lichen.ok('run', '-d', '--name', 'odd', 'box', 'sh', '-c', script(1))
  const followed = await lichen('logs', '-f', '-n', 'even', 'odd')
  const lines = (await lichen('logs', '-t', '-n', 'even', 'odd')).stdout.trimEnd().split('\n')
  const times = lines.map((line) => line.split(' ')[1] ?? '')
  expect(times).toEqual(times.toSorted())
  const expected = ['even 2', 'even 4', 'even 6', 'odd 1', 'odd 3', 'odd 5', 'odd 7']
  expect(lines.map((line) => line.replace(/ \S+ /, ' ')).sort()).toEqual(expected)
  expect(followed.stdout.trimEnd().split('\n').sort()).toEqual(expected)
})

test('logs --tail, --since and --until choose lines, together too', async ({ lichen }) => {
  await say(lichen, 'a', 'echo 1; echo 2; sleep 0.3; echo 3; echo end')
  const second = (await lichen.ok('logs', '-t', 'a')).split('\n')[1]?.split(' ')[0] ?? ''
  const between = new Date(Date.parse(second) + 100).toISOString()
  expect(await lichen.ok('logs', '--since', between, 'a')).toBe('3\nend')
  expect(await lichen.ok('logs', '--until', between, 'a')).toBe('1\n2')
  expect(await lichen.ok('logs', '--until', '10m', 'a')).toBe('1\n2\n3\nend')
  expect(await lichen.ok('logs', '--tail', '-1', 'a')).toBe('1\n2\n3\nend')
  expect(await lichen.ok('logs', '--tail', '2', 'a')).toBe('3\nend')
  expect(await lichen.ok('logs', '--tail', '0', 'a')).toBe('')
  expect(await lichen.ok('logs', '--latest')).toBe('1\n2\n3\nend')
  for (const words of [['--tail', 'x', 'a'], ['--since', 'yesterday', 'a'], ['--latest', 'a'], []])
    expect([words, (await lichen('logs', ...words)).code]).toEqual([words, 125])
})

lichenTest('logs --tail counts in what passes --since', async ({ lichen }) => {
  await say(lichen, 'a', 'echo 1; sleep 0.1; for i in 2 3 4; do echo $i; done')
  const second = (await lichen.ok('logs', '-t', 'a')).split('\n')[1]?.split(' ')[0] ?? ''
  expect(await lichen.ok('logs', '--since', second, '--tail', '2', 'a')).toBe('3\n4')
  expect(await lichen.ok('logs', '--since', second, '--tail', '9', 'a')).toBe('2\n3\n4')
})

lichenTest('logs --color gives each container a colour of its own', async ({ lichen }) => {
  await say(lichen, 'a', 'echo 1')
  await say(lichen, 'b', 'echo 2')
  expect((await lichen('logs', '--color', '-n', 'a', 'b')).stdout).toBe(
    '\u001b[37ma 1\u001b[0m\n\u001b[31mb 2\u001b[0m\n',
  )
})

lichenTest('logs -f has every line of a log that is put aside under it again and again', async ({ lichen }) => {
  const rotation = ['--log-opt', 'max-size=100kb', '--log-opt', 'max-file=1000']
  await lichen.ok('create', '--name', 'a', ...rotation, 'box', 'seq', '1', '60000')
  await lichen.ok('start', 'a')
  const followed = await lichen('logs', '-f', 'a')
  const expected = Array.from({ length: 60_000 }, (_, index) => `${index + 1}\n`).join('')
  expect(followed.stdout === expected).toBe(true)
  expect((await lichen('logs', 'a')).stdout === expected).toBe(true)
  const dir = join(await lichen.ok('inspect', '--format', '{{.LogPath}}', 'a'), '..')
  const parts = readdirSync(dir).filter((name) => name.startsWith('ctr.log'))
  expect(parts.length).toBeGreaterThan(20)
  for (const part of parts) expect(statSync(join(dir, part)).size).toBeLessThanOrEqual(100 * 1024)
})

lichenTest('a log keeps so many files, and logs has what is in them', async ({ lichen }) => {
  const rotation = ['--log-opt', 'max-size=20kb', '--log-opt', 'max-file=2', '--log-opt', 'tag={{.Name}}']
  await lichen.ok('run', '--name', 'a', ...rotation, 'box', 'seq', '1', '5000')
  const lines = (await lichen.ok('logs', 'a')).split('\n').map(Number)
  expect(lines.at(-1)).toBe(5000)
  expect(lines.length).toBeLessThan(1000)
  expect(lines).toEqual(Array.from({ length: lines.length }, (_, index) => 5001 - lines.length + index))
  const dir = join(await lichen.ok('inspect', '--format', '{{.LogPath}}', 'a'), '..')
  expect(
    readdirSync(dir)
      .filter((name) => name.startsWith('ctr.log'))
      .sort(),
  ).toEqual(['ctr.log', 'ctr.log.1'])
  const config = JSON.parse(await lichen.ok('inspect', '--format', '{{json .HostConfig.LogConfig}}', 'a')) as object
  expect(config).toMatchObject({ Type: 'k8s-file', Size: '20kB', Tag: '{{.Name}}' })
})

test('a log is where it is said to be, in lines of its format, and stays when the container goes', async ({
  lichen,
}) => {
  const file = join(lichen.directory, 'own.log')
  const flags = ['--log-driver', 'k8s-file', '--log-opt', `path=${file}`]
  await lichen.ok('run', '--name', 'a', ...flags, 'box', 'sh', '-c', 'echo out; echo err >&2')
  expect(await lichen('logs', 'a')).toMatchObject({ stdout: 'out\n', stderr: 'err\n' })
  expect(await lichen.ok('inspect', '--format', '{{.HostConfig.LogConfig.Path}}', 'a')).toBe(file)
  await lichen.ok('start', '-a', 'a')
  expect((await lichen('logs', 'a')).stdout).toBe('out\nout\n')
  await lichen.ok('rm', 'a')
  expect(existsSync(file)).toBe(true)
})

lichenTest(
  'logs of a container whose file was removed are empty, and go on with what is written anew',
  async ({ lichen }) => {
    const id = await say(lichen, 'a', 'echo 1')
    rmSync(await lichen.ok('inspect', '--format', '{{.LogPath}}', id))
    expect(await lichen.ok('logs', 'a')).toBe('')
    await lichen.ok('start', '-a', 'a')
    expect(await lichen.ok('logs', 'a')).toBe('1')
  },
)

lichenTest('run fails with 125 and makes nothing when there is nowhere to log to', async ({ lichen }) => {
  const { directory } = lichen
  for (const [option, why] of [
    [`path=${directory}/none/x.log`, `no such directory: ${directory}/none`],
    [`path=${directory}`, 'is a directory'],
    ['max-size=huge', 'invalid'],
    ['max-file=0', 'max-file'],
    ['bogus=1', 'bogus'],
    ['path=', 'empty'],
  ] as const) {
    const { code, stderr } = await lichen('run', '--log-opt', option, 'box', 'true')
    expect([option, code]).toEqual([option, 125])
    expect(stderr).toContain(why)
  }
  expect((await lichen('run', '--log-driver', 'syslog', 'box', 'true')).code).toBe(125)
  expect(await lichen.ok('ps', '-aq')).toBe('')
})

test('a container without a log has none to show', async ({ lichen }) => {
  expect(await lichen.ok('run', '--name', 'a', '--log-driver', 'none', 'box', 'echo', 'x')).toBe('x')
  const { code, stdout, stderr } = await lichen('logs', 'a')
  expect([code, stdout]).toEqual([125, ''])
  expect(stderr).toContain("'none' log driver, cannot read logs")
  expect(await lichen.ok('inspect', '--format', '{{.HostConfig.LogConfig.Type}}', 'a')).toBe('none')
})

lichenTest('passthrough gives the container the very streams of ours', async ({ lichen }) => {
  const flags = ['--log-driver', 'passthrough', '--name', 'a']
  const script = 'read word; echo "out $word"; echo err >&2; exit 3'
  const { code, stdout, stderr } = await lichen.with(
    { input: 'in\n' },
    'run',
    '-i',
    ...flags,
    'box',
    'sh',
    '-c',
    script,
  )
  expect([code, stdout, stderr]).toEqual([3, 'out in\n', 'err\n'])
  expect((await lichen('logs', 'a')).stderr).toContain("'passthrough' log driver, cannot read logs")
  expect((await lichen('run', '-t', '--log-driver', 'passthrough', 'box', 'true')).code).toBe(125)
  expect((await lichen('run', ...flags.slice(0, 2), '--log-opt', 'path=/x', 'box', 'true')).code).toBe(125)
})

lichenTestWhere(!existsSync('/run/systemd/journal/socket'))(
  'journald is refused in plain words where there is no journal',
  async ({ lichen }) => {
    const { code, stderr } = await lichen('create', '--log-driver', 'journald', 'box', 'true')
    expect(code).toBe(125)
    expect(stderr).toContain('there is no journal on this host')
    expect(await lichen.ok('ps', '-aq')).toBe('')
  },
)

lichenTest('logs -f of a container that is started again goes on over its restarts', async ({ lichen }) => {
  const script = 'echo x >>/runs; wc -l </runs; [ $(wc -l </runs) -lt 3 ] && exit 1; exit 0'
  await lichen.ok('create', '--name', 'a', '--restart', 'on-failure', 'box', 'sh', '-c', script)
  await lichen.ok('start', 'a')
  expect((await lichen('logs', '-f', 'a')).stdout).toBe('1\n2\n3\n')
  await waitFor('its end', async () => (await lichen.ok('ps', '-q')) === '')
})
