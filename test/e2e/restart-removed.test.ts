// `restart` of a container that runs with --rm: it stays, with all that it has, and is removed at its next end. (podman 4.3 loses it.)

import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { lichenTest } from '../support/container-test.js'
import type { Lichen } from '../support/lichen.js'
import { waitFor } from '../support/wait-for.js'

const COUNTER = ['box', 'sh', '-c', 'trap "exit 3" USR1; echo x >>/count; wc -l </count; sleep 1000 & wait']
/** No stop signal ends it. */
const STUBBORN = ['box', 'sh', '-c', 'trap "" TERM; trap "exit 3" USR1; echo ready; sleep 1000 & wait']
const endItself = ['kill', '--signal', 'USR1', 'a']

const inspect = (lichen: Lichen, template: string): Promise<string> => lichen.ok('inspect', '-f', template, 'a')
const untilLogged = (lichen: Lichen, text: string): Promise<unknown> =>
  waitFor(`the log ${text}`, async () => (await lichen.ok('logs', 'a')) === text)

async function told(lichen: Lichen): Promise<string[]> {
  const words = ['--stream=false', '--since', '1h', '--format', '{{.Status}}', '--filter', 'container=a']
  return (await lichen.ok('events', ...words)).split('\n')
}

async function expectGone(lichen: Lichen): Promise<void> {
  expect(await lichen.ok('ps', '-aq')).toBe('')
  expect(readdirSync(join(lichen.root, 'names'))).toEqual([])
}

lichenTest('it keeps its files, its log and its place, and is removed at its next end', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--rm', '--name', 'a', ...COUNTER)
  await untilLogged(lichen, '1')
  const before = [await inspect(lichen, '{{.State.Pid}}'), await inspect(lichen, '{{.State.StartedAt}}')]
  expect(await lichen.ok('restart', '--running', '--time', '0')).toMatch(/^[0-9a-f]{64}$/)
  await untilLogged(lichen, '1\n2')
  expect(await lichen.ok('container', 'restart', '-t', '-1', '-s', 'KILL', 'a')).toBe('a')
  await untilLogged(lichen, '1\n2\n3')
  expect(await inspect(lichen, '{{.State.Pid}}')).not.toBe(before[0])
  expect(await inspect(lichen, '{{.State.StartedAt}}')).not.toBe(before[1])
  expect(await inspect(lichen, '{{.State.Status}} {{.RestartCount}} {{.HostConfig.AutoRemove}}')).toBe('running 0 true')
  await lichen.ok(...endItself)
  await waitFor('its removal', async () => (await lichen.ok('ps', '-aq')) === '')
  const again = ['restart', 'died', 'init', 'start']
  const ofStates = (await told(lichen)).filter((status) => status !== 'kill')
  expect(ofStates).toEqual(['create', 'init', 'start', ...again, ...again, 'died', 'remove'])
  await expectGone(lichen)
})

lichenTest('whoever runs it in front or is attached stays so', async ({ lichen }) => {
  const script = 'echo on; read line; echo "$line"; exec sleep 1000'
  const run = lichen.start('run', '-i', '--rm', '--name', 'a', 'box', 'sh', '-c', script)
  await run.expectOutput(/on\n/)
  const attached = lichen.start('attach', '--no-stdin', 'a')
  await waitFor('both', async () => (await told(lichen)).filter((status) => status === 'attach').length === 2)
  run.write('one\n')
  await attached.expectOutput(/one\n/)
  await lichen.ok('restart', '-t', '0', 'a')
  await run.expectOutput(/on\none\non\n/)
  run.write('two\n')
  await attached.expectOutput(/one\non\ntwo\n/)
  await lichen.ok('stop', '-t', '0', 'a')
  expect(await run.ended).toMatchObject({ code: 137, stdout: 'on\none\non\ntwo\n' })
  expect(await attached.ended).toMatchObject({ code: 137, stdout: 'one\non\ntwo\n' })
  await expectGone(lichen)
})

lichenTest('a restart that fails says why, and is its end', async ({ lichen }) => {
  const once = join(lichen.directory, 'once')
  writeFileSync(once, '#!/bin/sh\nrm /once && echo on\nexec sleep 1000\n', { mode: 0o755 })
  await lichen.ok('create', '--rm', '--name', 'a', 'box', '/once')
  await lichen.ok('cp', once, 'a:/once')
  await lichen.ok('start', 'a')
  await untilLogged(lichen, 'on')
  const result = await lichen('restart', '-t', '0', 'a')
  expect(result).toMatchObject({ code: 127, stdout: '' })
  expect(result.stderr).toMatch(/^Error: run command: \/once: not found in the container\n/)
  await expectGone(lichen)
})

lichenTest('stop, kill and rm end it while its restart waits for its end', async ({ lichen }) => {
  for (const verb of [
    ['stop', '-t', '0', 'a'],
    ['kill', 'a'],
    ['rm', '-f', '-t', '0', 'a'],
  ]) {
    await lichen.ok('run', '-d', '--rm', '--name', 'a', ...STUBBORN)
    await untilLogged(lichen, 'ready')
    const restart = lichen.start('restart', '-t', '1000', 'a')
    await waitFor('the stop', async () => (await told(lichen)).at(-1) === 'restart')
    await lichen.ok(...verb)
    expect(await restart.ended).toMatchObject({ code: 125, stdout: '' })
    expect((await restart.ended).stderr).toContain('no container with name or ID "a"')
    await waitFor('its removal', async () => (await lichen.ok('ps', '-aq')) === '')
  }
  await expectGone(lichen)
})

lichenTest('a restart that is given up is none: it runs on, and its end is its end', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--rm', '--name', 'a', ...STUBBORN)
  await untilLogged(lichen, 'ready')
  const restart = lichen.start('restart', '-t', '-1', 'a')
  await waitFor('the stop', async () => (await told(lichen)).at(-1) === 'restart')
  restart.kill('SIGINT')
  expect((await restart.ended).code).toBe(130)
  expect(await inspect(lichen, '{{.State.Status}}')).toBe('running')
  await lichen.ok(...endItself)
  await waitFor('its removal', async () => (await lichen.ok('ps', '-aq')) === '')
})

lichenTest(
  'it is left alone where its monitor was killed, and started where it only waits to be',
  async ({ lichen }) => {
    await lichen.ok('run', '-d', '--rm', '--name', 'a', ...COUNTER)
    await untilLogged(lichen, '1')
    const monitorPid = Number(await inspect(lichen, '{{.State.ConmonPid}}'))
    process.kill(monitorPid, 'SIGKILL')
    await waitFor('its end', async () => {
      const { code, stderr } = await lichen('restart', '-t', '0', 'a')
      return code === 125 && stderr.includes('its monitor cannot be reached')
    })
    expect(await inspect(lichen, '{{.State.Status}}')).toBe('running')
    await lichen.ok('rm', '-f', '-t', '0', 'a')
    await lichen.ok('create', '--rm', '--name', 'a', ...COUNTER)
    await lichen.ok('init', 'a')
    await lichen.ok('restart', '-t', '0', 'a')
    await untilLogged(lichen, '1')
    expect(await inspect(lichen, '{{.State.Status}}')).toBe('running')
  },
)
