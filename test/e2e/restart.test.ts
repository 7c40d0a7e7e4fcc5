// `restart`, and restart policies: what is started again, how often, and what ends it for good.

import { expect } from 'vitest'
import { lichenTest, test } from '../support/container-test.js'
import type { Lichen } from '../support/lichen.js'
import { waitFor } from '../support/wait-for.js'

const inspect = (lichen: Lichen, name: string, template: string): Promise<string> =>
  lichen.ok('inspect', '--format', template, name)

test('restart ends the process and starts another with the files kept', async ({ lichen }) => {
  const script = 'echo x >>/count; wc -l </count; exec sleep 1000'
  await lichen.ok('run', '-d', '--name', 'a', '--stop-timeout', '0', 'box', 'sh', '-c', script)
  await waitFor('the first line', async () => (await lichen.ok('logs', 'a')) === '1')
  const first = await inspect(lichen, 'a', '{{.State.Pid}}')
  expect(await lichen.ok('restart', 'a')).toBe('a')
  await waitFor('the second line', async () => (await lichen.ok('logs', 'a')) === '1\n2')
  expect(await inspect(lichen, 'a', '{{.State.Status}}')).toBe('running')
  expect(await inspect(lichen, 'a', '{{.State.Pid}}')).not.toBe(first)
})

test('restart starts what has ended, and leaves it alone when only running ones are asked for', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'a', 'box', 'sleep', '1000')
  expect((await lichen('restart', '--running', '--all')).code).toBe(0)
  expect(await inspect(lichen, 'a', '{{.State.Status}}')).toBe('created')
  await lichen.ok('restart', '-t', '0', 'a')
  expect(await inspect(lichen, 'a', '{{.State.Status}}')).toBe('running')
})

test('run --restart on-failure:2 starts it twice again, and not when it succeeds', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'bad', '--restart', 'on-failure:2', 'box', 'sh', '-c', 'echo x; exit 3')
  await lichen.ok('run', '-d', '--name', 'good', '--restart', 'on-failure', 'box', 'echo', 'x')
  await waitFor('the last end', async () => {
    return (await inspect(lichen, 'bad', '{{.RestartCount}} {{.State.Status}}')) === '2 exited'
  })
  expect(await inspect(lichen, 'bad', '{{.State.ExitCode}}')).toBe('3')
  expect(await lichen.ok('logs', 'bad')).toBe('x\nx\nx')
  await lichen.ok('wait', 'good')
  expect(await inspect(lichen, 'good', '{{.RestartCount}} {{.State.Status}}')).toBe('0 exited')
})

lichenTest('run stays in front of a container that is started again until its last end', async ({ lichen }) => {
  const result = await lichen('run', '--restart', 'on-failure:1', 'box', 'sh', '-c', 'echo x; exit 3')
  expect(result).toMatchObject({ code: 3, stdout: 'x\nx\n' })
})

lichenTest('stop and kill end a container for good when its policy would start it again', async ({ lichen }) => {
  const policy = ['--restart', 'always', '--stop-timeout', '0']
  await lichen.ok('run', '-d', '--name', 'a', ...policy, 'box', 'sleep', '1000')
  await lichen.ok('run', '-d', '--name', 'b', ...policy, 'box', 'sleep', '1000')
  await lichen.ok('run', '-d', '--name', 'c', ...policy, 'box', 'sh', '-c', 'exit 5')
  await lichen.ok('stop', 'a')
  await lichen.ok('kill', 'b')
  await waitFor('a restart', async () => Number(await inspect(lichen, 'c', '{{.RestartCount}}')) > 2)
  await lichen.ok('stop', 'c')
  for (const name of ['a', 'b', 'c']) {
    await lichen.ok('wait', name)
    expect([name, await inspect(lichen, name, '{{.State.Status}}')]).toEqual([name, 'exited'])
  }
})

lichenTest('wait returns at an end after which the container is started again', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'a', '--restart', 'always', 'box', 'sh', '-c', 'sleep 0.3; exit 6')
  expect(await lichen.ok('wait', 'a')).toBe('6')
  expect(await lichen.ok('ps', '-q')).not.toBe('')
  await lichen.ok('rm', '-f', '-t', '0', 'a')
})

test('run fails with 125 and makes nothing when its restart policy cannot be', async ({ lichen }) => {
  for (const words of [
    ['--restart', 'sometimes'],
    ['--restart', 'on-failure:x'],
    ['--restart', 'on-failure:-1'],
    ['--restart', 'always:3'],
    ['--restart', 'no:2'],
    ['--restart', 'always', '--rm'],
  ])
    expect([words, (await lichen('run', ...words, 'box', 'true')).code]).toEqual([words, 125])
  expect(await lichen.ok('ps', '-aq')).toBe('')
})
