// Signals to whoever stands in front of a container: passed on, or with --sig-proxy=false meant for the command line alone. And start's own
// way out, --detach-keys.

import { expect } from 'vitest'
import { lichenTest, test } from '../support/container-test.js'
import type { Lichen } from '../support/lichen.js'
import { waitFor } from '../support/wait-for.js'

const TRAPPING = ['box', 'sh', '-c', 'trap "echo asked; exit 7" TERM; echo ready; while :; do sleep 0.05; done']

const statusOf = (lichen: Lichen): Promise<string> =>
  lichen.ok('inspect', '--format', '{{.State.Status}} {{.State.ExitCode}}', 'c')

test('run and start pass a signal on to the container', async ({ lichen }) => {
  const run = lichen.start('run', '--sig-proxy', '--name', 'c', ...TRAPPING)
  await run.expectOutput(/ready/)
  run.kill('SIGTERM')
  expect(await run.ended).toMatchObject({ code: 7, stdout: 'ready\nasked\n' })

  const start = lichen.start('start', '--attach', '--sig-proxy', 'c')
  await start.expectOutput(/ready/)
  start.kill('SIGTERM')
  expect((await start.ended).code).toBe(7)
  await waitFor('the end', async () => (await statusOf(lichen)) === 'exited 7')
})

test('run and start keep a signal to themselves when --sig-proxy is false', async ({ lichen }) => {
  const run = lichen.start('run', '--sig-proxy=false', '--name', 'c', ...TRAPPING)
  await run.expectOutput(/ready/)
  run.kill('SIGTERM')
  expect((await run.ended).code).not.toBe(7)
  expect(await statusOf(lichen)).toBe('running 0')
  await lichen.ok('stop', 'c')

  const start = lichen.start('start', '--attach', '--sig-proxy=false', 'c')
  await start.expectOutput(/ready/)
  start.kill('SIGTERM')
  await start.ended
  expect(await statusOf(lichen)).toBe('running 0')
})

// podman 4.3's attach shows nothing without a terminal, so it cannot be seen to be attached
lichenTest('attach passes a signal on, and keeps it to itself when --sig-proxy is false', async ({ lichen }) => {
  const script = 'trap "exit 7" TERM; while :; do echo ready; sleep 0.05; done'
  await lichen.ok('run', '-d', '--name', 'c', 'box', 'sh', '-c', script)
  const alone = lichen.start('attach', '--sig-proxy=false', 'c')
  await alone.expectOutput(/ready/)
  alone.kill('SIGTERM')
  await alone.ended
  expect(await statusOf(lichen)).toBe('running 0')

  const proxied = lichen.start('attach', '--sig-proxy', 'c')
  await proxied.expectOutput(/ready/)
  proxied.kill('SIGTERM')
  expect((await proxied.ended).code).toBe(7)
})

test('start leaves the container running when the keys said with --detach-keys are typed', async ({ lichen }) => {
  await lichen.ok('create', '-it', '--name', 'c', 'box', 'sh')
  const terminal = lichen.terminal(['start', '--attach', '--interactive', '--detach-keys', 'ctrl-a,d', 'c'])
  terminal.type('echo ma""rk\n')
  await terminal.expect('mark\r\n')
  terminal.press('\x01d')
  expect(await terminal.exit()).toMatchObject({ code: 0, canonical: true, echo: true })
  expect(await statusOf(lichen)).toBe('running 0')
})
