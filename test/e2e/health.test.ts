// Health checks: what is found out and shown, what is done about it, and that it is asked of the right container at the right time.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { lichenTest, lichenTestWhere, test } from '../support/container-test.js'
import { hasCgroup2, isRoot } from '../support/facts.js'
import { layer, ociArchive } from '../support/image-archive.js'
import type { Lichen } from '../support/lichen.js'
import { waitFor } from '../support/wait-for.js'

const STATUS = '{{.State.Health.Status}}'
const inspect = (lichen: Lichen, name: string, template: string): Promise<string> =>
  lichen.ok('inspect', '--format', template, name)
const until = (lichen: Lichen, name: string, status: string): Promise<true> =>
  waitFor(`${name} to be ${status}`, async () => (await inspect(lichen, name, STATUS)) === status)
/** Sleeps, and ends at once when it is to. */
const SLEEPER = ['--stop-timeout', '0', 'box', 'sleep', '1000']
const often = (...more: string[]) => ['--health-interval', '50ms', '--health-retries', '2', ...more]

// podman needs systemd for checks of their own accord: these are asked for
test('healthcheck run tells what the check says, and inspect and ps what came of it', async ({ lichen }) => {
  const check = ['--health-cmd', 'cat /ok', '--health-interval', 'disable', '--health-retries', '2']
  await lichen.ok('run', '-d', '--name', 'a', ...check, ...SLEEPER)
  const shown = async () => await lichen.ok('ps', '--format', '{{.Status}}')
  expect(await shown()).toMatch(/\(starting\)$/)
  expect(await lichen('healthcheck', 'run', 'a')).toMatchObject({ code: 1, stdout: 'unhealthy\n' })
  expect(await inspect(lichen, 'a', `${STATUS} {{.State.Health.FailingStreak}}`)).toBe('starting 1')
  expect((await lichen('healthcheck', 'run', 'a')).code).toBe(1)
  expect(await inspect(lichen, 'a', `${STATUS} {{.State.Health.FailingStreak}}`)).toBe('unhealthy 2')
  expect(await shown()).toMatch(/\(unhealthy\)$/)
  await lichen.ok('exec', 'a', 'touch', '/ok')
  expect(await lichen('healthcheck', 'run', 'a')).toMatchObject({ code: 0, stdout: '' })
  expect(await shown()).toMatch(/\(healthy\)$/)
  const log = JSON.parse(await inspect(lichen, 'a', '{{json .State.Health.Log}}')) as Record<string, unknown>[]
  expect(log).toMatchObject([{ ExitCode: 1 }, { ExitCode: 1 }, { ExitCode: 0, Output: '' }])
  expect(log[0]?.Output).toBe("cat: can't open '/ok': No such file or directory")
  expect(await lichen.ok('ps', '-q', '--filter', 'health=healthy')).not.toBe('')
  expect(await lichen.ok('ps', '-q', '--filter', 'health=unhealthy')).toBe('')
})

test('healthcheck run fails with 125 without a check, and when the container does not run', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'bare', ...SLEEPER)
  await lichen.ok('create', '--name', 'made', '--health-cmd', 'true', '--health-interval', 'disable', 'box', 'true')
  for (const [name, why] of [
    ['bare', 'has no defined healthcheck'],
    ['made', 'is not running'],
    ['stranger', 'stranger'],
  ] as const) {
    const { code, stderr } = await lichen('healthcheck', 'run', name)
    expect([name, code]).toEqual([name, 125])
    expect(stderr).toContain(why)
  }
})

lichenTest('a container becomes unhealthy, and healthy again, of its own accord', async ({ lichen }) => {
  const check = ['--health-cmd', '["test", "-e", "/ok"]', '--health-timeout', '10s', '--health-max-log-count', '2']
  const id = await lichen.ok('run', '-d', '--name', 'a', ...check, ...often(), ...SLEEPER)
  await until(lichen, 'a', 'unhealthy')
  const waiting = lichen.start('wait', '--condition', 'healthy', '-i', '20ms', 'a')
  await lichen.ok('exec', 'a', 'touch', '/ok')
  expect((await waiting.ended).code).toBe(0)
  await lichen.ok('exec', 'a', 'rm', '/ok')
  expect((await lichen('wait', '--condition', 'unhealthy', '-i', '20ms', 'a')).code).toBe(0)
  expect(JSON.parse(await inspect(lichen, 'a', '{{json .State.Health.Log}}'))).toHaveLength(2)
  const events = ['events', '--stream=false', '--since', '1h', '--filter', 'event=health_status']
  expect(await lichen.ok(...events, '--format', '{{.ID}} {{.HealthStatus}}')).toBe(
    [`${id} unhealthy`, `${id} healthy`, `${id} unhealthy`].join('\n'),
  )
  expect(await lichen('healthcheck', 'run', '--ignore-result', 'a')).toMatchObject({ code: 0, stdout: 'unhealthy\n' })
})

lichenTest('a check has the user, the environment and the directory of the container', async ({ lichen }) => {
  const check = ['--health-cmd', 'echo "$(id -u) $WORD $PWD"', '--health-max-log-size', '9', ...often()]
  const who = ['--user', '7:8', '-e', 'WORD=w', '-w', '/tmp', '--health-log-destination', 'local']
  await lichen.ok('run', '-d', '--name', 'a', ...check, ...who, ...SLEEPER)
  await until(lichen, 'a', 'healthy')
  expect(await inspect(lichen, 'a', '{{(index .State.Health.Log 0).Output}}')).toBe('7 w /tmp')
  const config = '{{.Config.Healthcheck.Test}} {{.Config.HealthMaxLogSize}}'
  expect(await inspect(lichen, 'a', config)).toBe('[CMD-SHELL echo "$(id -u) $WORD $PWD"] 9')
})

lichenTest('a check that takes too long has failed, and nothing of it is left', async ({ lichen }) => {
  const check = ['--health-cmd', 'sleep 777', '--health-timeout', '1s', '--health-retries', '1']
  await lichen.ok('run', '-d', '--name', 'a', ...check, '--health-interval', '10ms', ...SLEEPER)
  await until(lichen, 'a', 'unhealthy')
  expect(await inspect(lichen, 'a', '{{(index .State.Health.Log 0).Output}}')).toContain('timed out')
  await lichen.ok('stop', 'a')
})

lichenTest(
  'checks come as --health-start-interval says until one has passed in the start period',
  async ({ lichen }) => {
    const start = ['--health-start-period', '1h', '--health-start-interval', '50ms', '--health-interval', 'disable']
    await lichen.ok('run', '-d', '--name', 'a', '--health-cmd', 'test -e /ok', ...start, ...SLEEPER)
    const checks = async () => JSON.parse(await inspect(lichen, 'a', '{{json .State.Health.Log}}')) as unknown[]
    await waitFor('two checks', async () => (await checks()).length >= 2)
    expect(await inspect(lichen, 'a', STATUS)).toBe('starting')
    await lichen.ok('exec', 'a', 'touch', '/ok')
    await until(lichen, 'a', 'healthy')
    expect(await inspect(lichen, 'a', '{{json .Config.Healthcheck.StartInterval}}')).toBe('50000000')
  },
)

lichenTest('failures in the start period do not count until a check has passed', async ({ lichen }) => {
  const check = ['--health-cmd', 'test -e /ok', '--health-start-period', '1h', ...often('--health-retries', '1')]
  await lichen.ok('run', '-d', '--name', 'a', ...check, ...SLEEPER)
  const failures = async () => JSON.parse(await inspect(lichen, 'a', '{{json .State.Health.Log}}')) as unknown[]
  await waitFor('three failures', async () => (await failures()).length >= 3)
  expect(await inspect(lichen, 'a', STATUS)).toBe('starting')
  await lichen.ok('exec', 'a', 'touch', '/ok')
  await until(lichen, 'a', 'healthy')
  await lichen.ok('exec', 'a', 'rm', '/ok')
  await until(lichen, 'a', 'unhealthy')
})

lichenTest('the check begins when the startup check has passed often enough', async ({ lichen }) => {
  const startup = [
    '--health-startup-interval',
    '50ms',
    '--health-startup-success',
    '2',
    '--health-startup-timeout',
    '9s',
  ]
  const startupCheck = ['--health-startup-cmd', 'echo s >>/checks; test -e /up', ...startup]
  const check = ['--health-cmd', 'echo h >>/checks', ...often()]
  await lichen.ok('run', '-d', '--name', 'a', ...check, ...startupCheck, ...SLEEPER)
  const checks = async () => (await lichen('exec', 'a', 'cat', '/checks')).stdout.split('\n')
  await waitFor('failed startup checks', async () => (await checks()).filter((each) => each === 's').length > 1)
  expect(await lichen('healthcheck', 'run', 'a')).toMatchObject({ code: 1, stdout: 'starting\n' })
  expect(await checks()).not.toContain('h')
  await lichen.ok('exec', 'a', 'touch', '/up')
  await until(lichen, 'a', 'healthy')
  const done = await checks()
  expect(done.indexOf('h')).toBeGreaterThan(3)
  expect(done.lastIndexOf('s')).toBeLessThan(done.indexOf('h'))
})

lichenTest('a startup check that fails too often restarts the container', async ({ lichen }) => {
  const startup = [
    '--health-startup-cmd',
    'false',
    '--health-startup-interval',
    '50ms',
    '--health-startup-retries',
    '2',
  ]
  await lichen.ok('run', '-d', '--name', 'a', '--health-cmd', 'true', ...startup, ...SLEEPER)
  await waitFor('a restart', async () => Number(await inspect(lichen, 'a', '{{.RestartCount}}')) > 0)
  await lichen.ok('stop', 'a')
})

lichenTest('--health-on-failure kills, stops or restarts what is unhealthy', async ({ lichen }) => {
  const unhealthy = (action: string) => ['--health-cmd', 'false', '--health-on-failure', action, ...often()]
  const script = ['sh', '-c', 'trap "exit 4" USR1; while :; do sleep 0.02; done']
  await lichen.ok('run', '-d', '--name', 'killed', ...unhealthy('kill'), 'box', 'sleep', '1000')
  const stopped = ['--stop-signal', 'USR1', '--restart', 'always']
  await lichen.ok('run', '-d', '--name', 'stopped', ...unhealthy('stop'), ...stopped, 'box', ...script)
  await lichen.ok('run', '-d', '--name', 'again', ...unhealthy('restart'), ...SLEEPER)
  expect(await lichen.ok('wait', 'killed')).toBe('137')
  expect(await lichen.ok('wait', 'stopped')).toBe('4')
  await waitFor('a restart', async () => Number(await inspect(lichen, 'again', '{{.RestartCount}}')) > 0)
  expect(await inspect(lichen, 'stopped', '{{.State.Status}} {{.RestartCount}}')).toBe('exited 0')
  expect(await inspect(lichen, 'again', '{{.Config.HealthcheckOnFailureAction}}')).toBe('restart')
  await lichen.ok('stop', 'again')
})

/** `box` with a check of its own. */
async function loadChecked(lichen: Lichen): Promise<void> {
  const file = join(lichen.directory, 'checked.tar')
  const check = { Test: ['CMD-SHELL', 'test -e /ok'], Interval: 50_000_000, Timeout: 2_000_000_000, Retries: 1 }
  const config = { config: { Healthcheck: check } }
  writeFileSync(file, ociArchive({ layers: [layer({ 'etc/x': 'x' })], names: ['checked:1'], config }))
  await lichen.ok('load', '-i', file)
}

lichenTest("an image's check is the container's, changed or switched off by flags", async ({ lichen }) => {
  await loadChecked(lichen)
  const created = async (name: string, ...flags: string[]) => {
    await lichen.ok('create', '--name', name, ...flags, 'checked:1', 'true')
    return await inspect(lichen, name, '{{json .Config.Healthcheck}}')
  }
  const Test = ['CMD-SHELL', 'test -e /ok']
  const checked = { Test, Interval: 50_000_000, Timeout: 2_000_000_000, Retries: 1 }
  expect(JSON.parse(await created('a'))).toMatchObject(checked)
  expect(JSON.parse(await created('b', '--health-retries', '9'))).toMatchObject({ ...checked, Retries: 9 })
  expect(await inspect(lichen, 'a', '{{.State.Health.Status}}')).toBe('')
  await lichen.ok('create', '--name', 'c', '--no-healthcheck', 'checked:1', 'true')
  await lichen.ok('create', '--name', 'd', '--health-cmd', 'none', 'checked:1', 'true')
  for (const name of ['c', 'd']) {
    const [{ Config }] = JSON.parse(await lichen.ok('inspect', name)) as [{ Config: Record<string, unknown> }]
    expect(Config.Healthcheck).toBeUndefined()
  }
})

const frozenTest = lichenTestWhere(isRoot || hasCgroup2)
frozenTest('nothing is checked while the container is paused', async ({ lichen }) => {
  const check = ['--health-cmd', 'echo x >>/checks; test -e /ok', '--health-retries', '1', '--health-interval', '50ms']
  await lichen.ok('run', '-d', '--name', 'a', ...check, ...SLEEPER)
  await lichen.ok('exec', 'a', 'touch', '/ok')
  await until(lichen, 'a', 'healthy')
  await lichen.ok('pause', 'a')
  const before = await inspect(lichen, 'a', '{{json .State.Health}}')
  const { code } = await lichen('healthcheck', 'run', 'a')
  expect(code).toBe(125)
  expect(await inspect(lichen, 'a', '{{json .State.Health}}')).toBe(before)
  await lichen.ok('unpause', 'a')
  await waitFor('another check', async () => (await inspect(lichen, 'a', '{{json .State.Health}}')) !== before)
  expect(await inspect(lichen, 'a', STATUS)).toBe('healthy')
})

test('run fails with 125 and makes nothing when its checks cannot be', async ({ lichen }) => {
  for (const words of [
    ['--health-cmd', 'true', '--health-interval', 'often'],
    ['--health-cmd', 'true', '--health-retries', '0'],
    ['--health-cmd', 'true', '--health-start-period', '-1s'],
    ['--health-cmd', 'true', '--health-on-failure', 'panic'],
    ['--health-cmd', 'true', '--no-healthcheck'],
  ])
    expect([words, (await lichen('run', ...words, 'box', 'true')).code]).toEqual([words, 125])
  expect(await lichen.ok('ps', '-aq')).toBe('')
})
