// `wait`: its conditions, the first of several, and containers that are not there.

import { expect } from 'vitest'
import { lichenTest, test } from '../support/container-test.js'

test('wait is over at once when the condition is met already', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'made', 'box', 'true')
  await lichen.ok('run', '-d', '--name', 'up', '--stop-timeout', '0', 'box', 'sleep', '1000')
  await lichen('run', '--name', 'down', 'box', 'sh', '-c', 'exit 3')
  expect(await lichen.ok('wait', '--condition', 'created', 'made')).toBe('-1')
  expect(await lichen.ok('wait', '--condition', 'running', 'up')).toBe('-1')
  expect(await lichen.ok('wait', '--condition', 'running,exited', 'down')).toBe('3')
  expect(await lichen.ok('wait', '--condition', 'stopped', '--latest')).toBe('3')
  expect((await lichen('wait', '--condition', 'bogus', 'up')).code).toBe(125)
  expect((await lichen('wait', '--interval', '1x', 'down')).code).toBe(125)
  expect(await lichen('wait', 'down', 'stranger')).toMatchObject({ code: 125, stdout: '' })
})

test('wait --condition running ends when the container is started', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'a', '--stop-timeout', '0', 'box', 'sleep', '1000')
  const waiting = lichen.start('wait', '--condition', 'running', '-i', '20ms', 'a')
  await lichen.ok('start', 'a')
  expect((await waiting.ended).stdout).toBe('-1\n')
})

lichenTest('wait --condition removing ends when the container is gone', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'a', 'box', 'true')
  const waiting = lichen.start('wait', '--condition', 'removing', '-i', '20ms', 'a')
  await lichen.ok('rm', 'a')
  const { code, stdout } = await waiting.ended
  // one that came after the removal has nothing to wait for
  expect([code, stdout]).toEqual(code === 0 ? [0, '-1\n'] : [125, ''])
})

lichenTest('wait --exit-first-match prints the code of the first to end', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'long', '--stop-timeout', '0', 'box', 'sleep', '1000')
  await lichen.ok('run', '-d', '--name', 'short', 'box', 'sh', '-c', 'exit 7')
  expect(await lichen.ok('wait', '--exit-first-match', 'long', 'short')).toBe('7')
  expect(await lichen.ok('wait', '--return-on-first', 'long', 'short')).toBe('7')
})

lichenTest('wait --ignore counts a container that does not exist as ended with -1', async ({ lichen }) => {
  await lichen('run', '--name', 'a', 'box', 'sh', '-c', 'exit 3')
  expect(await lichen.ok('wait', '--ignore', 'a', 'stranger')).toBe('3\n-1')
})
