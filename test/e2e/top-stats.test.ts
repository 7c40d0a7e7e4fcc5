// top and stats: a container's processes and what they use, whatever control groups the host gives.

import { expect } from 'vitest'
import { lichenTest } from '../support/container-test.js'
import { isRoot } from '../support/facts.js'
import { waitFor } from '../support/wait-for.js'

lichenTest(
  'top shows the processes of a container with its own pids and users, and on the host',
  async ({ lichen }) => {
    await lichen.ok(
      'run',
      '--detach',
      '--name',
      'web',
      '--user',
      'nobody',
      'box',
      'sh',
      '-c',
      'sleep 1001 & exec sleep 1000',
    )
    await waitFor('both processes', async () => (await lichen.ok('top', 'web', 'args')).includes('sleep 1001'))
    const [heading, ...rows] = (await lichen.ok('top', 'web')).split('\n')
    expect(heading?.split(/\s+/)).toEqual(['USER', 'PID', 'PPID', '%CPU', 'ELAPSED', 'TTY', 'TIME', 'COMMAND'])
    expect(rows.map((row) => row.split(/\s+/).slice(0, 3))).toEqual([
      ['nobody', '1', '0'],
      ['nobody', expect.any(String), '1'],
    ])
    expect(rows.map((row) => row.split(/\s{2,}/).at(-1))).toEqual(['sleep 1000', 'sleep 1001'])

    const first = await lichen.ok('inspect', '--format', '{{.State.Pid}}', 'web')
    const words = ['hpid,pid', '%c', 'state', 'capeff', 'seccomp']
    expect((await lichen.ok('top', 'web', ...words)).split('\n')[1]?.split(/\s+/)).toEqual([
      first,
      '1',
      'sleep',
      'S',
      'none',
      'filter',
    ])
    const hostUser = (await lichen.ok('top', '--latest', 'huser')).split('\n')[1]
    expect(isRoot ? hostUser : Number(hostUser) > 0).toBe(isRoot ? 'nobody' : true)
  },
)

lichenTest("top leaves other words to the container's own ps, and tells when that refuses", async ({ lichen }) => {
  await lichen.ok('run', '--detach', '--name', 'web', 'box', 'sleep', '1000')
  const output = await lichen.ok('top', 'web', '-o', 'pid,args')
  expect(output).toMatch(/PID\s+COMMAND\n\s*1 sleep 1000/)
  expect(output).not.toContain('ps -o')
  const refused = await lichen('top', 'web', '-o', 'nonsense')
  expect(refused).toMatchObject({ code: 125, stdout: '' })
  expect(refused.stderr).toContain('ps -o nonsense')
})

lichenTest('top refuses a container that does not run', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'web', 'box', 'true')
  const result = await lichen('top', 'web')
  expect(result).toMatchObject({ code: 125, stdout: '' })
  expect(result.stderr).toContain('it is created')
  expect((await lichen('top', 'nobody')).code).toBe(125)
})

const CLEAR_SCREEN = '\u001b[2J'

interface Row {
  readonly name: string
  readonly pids: string
  readonly cpu_time: string
  readonly mem_usage: string
}

lichenTest(
  'stats shows what runs; --all shows the others with dashes; a busy one uses processor time',
  async ({ lichen }) => {
    await lichen.ok('run', '--detach', '--name', 'busy', 'box', 'sh', '-c', 'while :; do :; done')
    await lichen.ok('create', '--name', 'idle', 'box', 'true')
    const rows = async (...words: string[]): Promise<Row[]> =>
      JSON.parse(await lichen.ok('stats', '--no-stream', '--format', 'json', ...words)) as Row[]
    const [busy] = await waitFor('processor time', async () => {
      const found = await rows()
      return found[0]?.cpu_time === '0s' ? undefined : found
    })
    expect(busy).toMatchObject({
      name: 'busy',
      pids: '1',
      mem_usage: expect.stringMatching(/^[\d.]+[kM]B \/ [\d.]+GB$/),
    })
    expect((await rows('--all')).map(({ name, pids }) => `${name} ${pids}`).sort()).toEqual(['busy 1', 'idle --'])
    expect((await rows('idle'))[0]).toMatchObject({ cpu_time: '0s', mem_usage: '-- / --' })
    expect((await lichen.ok('stats', '--no-stream', '--no-trunc', '--format', '{{.ID}}', 'busy')).length).toBe(64)
  },
)

lichenTest('stats goes on until its reader leaves, without a screen to clear', async ({ lichen }) => {
  await lichen.ok('run', '--detach', '--name', 'web', 'box', 'sleep', '1000')
  const stats = lichen.start('stats', '--interval', '1', '--format', '{{.Name}}')
  await waitFor('two rounds', () => stats.printed().stdout.split('web').length > 2)
  expect(stats.printed().stdout).not.toContain('\u001b')
  stats.kill('SIGTERM')
  await stats.ended
})

lichenTest('stats draws anew on a terminal', async ({ lichen }) => {
  await lichen.ok('run', '--detach', '--name', 'web', 'box', 'sleep', '1000')
  const terminal = lichen.terminal(['stats', '--interval', '1', 'web'])
  for (const seen of [CLEAR_SCREEN, 'web', CLEAR_SCREEN, 'web']) await terminal.expect(seen)
  terminal.press('\u0003')
  await terminal.exit()
})

lichenTest('stats refuses what excludes itself and intervals of nothing', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'web', 'box', 'true')
  for (const [words, message] of [
    [['--all', 'web'], '--all, --latest and containers cannot be used together'],
    [['--interval', '0'], 'invalid interval, must be a positive number greater zero'],
    [['--no-stream', 'nobody'], 'no container with name or ID "nobody"'],
  ] as const) {
    const result = await lichen('stats', ...words)
    expect(result).toMatchObject({ code: 125, stdout: '' })
    expect(result.stderr).toContain(message)
  }
})
