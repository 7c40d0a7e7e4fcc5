// `inspect`: podman's field names, with what was decided and what is true now.

import { existsSync } from 'node:fs'
import { expect } from 'vitest'
import { lichenTest, test } from '../support/container-test.js'
import { isLichen } from '../support/facts.js'

test('inspect prints podman’s fields when a container runs', async ({ lichen }) => {
  const flags = [
    '--label',
    'kind=a',
    '-e',
    'A=b',
    '-w',
    '/tmp',
    '-u',
    'guest',
    '--hostname',
    'garden',
    '--stop-signal',
    'SIGUSR1',
  ]
  const id = await lichen.ok('run', '-d', '--name', 'c', ...flags, 'box', 'sleep', '60')
  const [container] = JSON.parse(await lichen.ok('inspect', 'c')) as Record<string, unknown>[]
  expect(container).toMatchObject({
    Id: id,
    Name: 'c',
    Path: 'sleep',
    Args: ['60'],
    ImageName: 'localhost/box:latest',
    State: { Status: 'running', Running: true, Paused: false, ExitCode: 0, OOMKilled: false },
    Config: {
      Hostname: 'garden',
      User: 'guest',
      WorkingDir: '/tmp',
      Cmd: ['sleep', '60'],
      Labels: { kind: 'a' },
      Tty: false,
    },
    HostConfig: { Privileged: false, ReadonlyRootfs: false },
  })
  const { State, Config } = container as { State: { Pid: number; StartedAt: string }; Config: { Env: string[] } }
  expect(existsSync(`/proc/${State.Pid}`)).toBe(true)
  expect(Math.abs(Date.parse(State.StartedAt) - Date.now())).toBeLessThan(60_000)
  expect(Config.Env).toContain('A=b')
})

test('inspect tells how a container ended when it has', async ({ lichen }) => {
  await lichen('run', '--name', 'c', 'box', 'sh', '-c', 'exit 3')
  const format = '{{.State.Status}} {{.State.Running}} {{.State.ExitCode}} {{.State.Pid}}'
  expect(await lichen.ok('inspect', '--format', format, 'c')).toBe('exited false 3 0')
})

test('inspect finds a container when a part of its id is said', async ({ lichen }) => {
  const id = await lichen.ok('create', '--name', 'c', 'box', 'true')
  expect(await lichen.ok('inspect', '--format', '{{.Name}}', id.slice(0, 12))).toBe('c')
  expect(await lichen.ok('container', 'inspect', '--format', '{{.Id}}', 'c')).toBe(id)
})

test('inspect prints one entry for each when several are named', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'a', 'box', 'true')
  await lichen.ok('create', '--name', 'b', 'box', 'true')
  expect(await lichen.ok('inspect', '--format', '{{.Name}}', 'b', 'a')).toBe('b\na')
})

test('inspect prints an image when no container has the name', async ({ lichen }) => {
  const [image] = JSON.parse(await lichen.ok('inspect', 'box')) as Record<string, unknown>[]
  expect(image).toMatchObject({ RepoTags: ['localhost/box:latest'], Os: 'linux' })
})

test('inspect fails with 125 and names it when there is nothing of the name', async ({ lichen }) => {
  const result = await lichen('inspect', 'stranger')
  expect(result.code).toBe(125)
  expect(result.stderr).toContain('stranger')
})

test('inspect fails with 125 and names the field when a template asks for one there is not', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'c', 'box', 'true')
  const result = await lichen('inspect', '--format', '{{.NoSuchField}}', 'c')
  expect(result.code).toBe(125)
  expect(result.stderr).toContain('NoSuchField')
})

test('inspect shows mounts when the container has some', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'c', '-v', `${lichen.directory}:/mnt:ro`, '-v', 'keep:/data', 'box', 'true')
  const [container] = JSON.parse(await lichen.ok('inspect', 'c')) as { Mounts: Record<string, unknown>[] }[]
  const mounts = container?.Mounts.toSorted((a, b) => (String(a.Type) < String(b.Type) ? -1 : 1))
  expect(mounts).toMatchObject([
    { Type: 'bind', Source: lichen.directory, Destination: '/mnt', RW: false },
    { Type: 'volume', Name: 'keep', Destination: '/data', RW: true },
  ])
})

test('inspect shows volumes, the newest container and how much was written when it is asked to', async ({ lichen }) => {
  await lichen.ok('volume', 'create', 'data')
  await lichen.ok('run', '--name', 'web', 'box', 'sh', '-c', 'head -c 5000 /dev/zero >/file')
  expect(await lichen.ok('inspect', '--format', '{{.Name}} {{.Driver}}', 'data')).toBe('data local')
  expect(await lichen.ok('inspect', '--type', 'volume', '--format', '{{.Name}}', 'data')).toBe('data')
  expect((await lichen('inspect', '--type', 'volume', 'web')).code).toBe(125)
  expect((await lichen('inspect', '--type', 'image', 'web')).code).toBe(125)
  expect(await lichen.ok('inspect', '--latest', '--format', '{{.Name}}')).toBe('web')
  const size = await lichen.ok('inspect', '--size', '--format', '{{.SizeRw}} {{.SizeRootFs}}', 'web')
  const [own = 0, all = 0] = size.split(' ').map(Number)
  expect(own).toBeGreaterThanOrEqual(5000)
  expect(all).toBeGreaterThan(own)
  expect(await lichen.ok('container', 'inspect', '--latest', '--size', '--format', '{{.SizeRw}}')).toBe(`${own}`)
  for (const words of [['--latest', 'web'], [], ['--type', 'bogus', 'web']])
    expect([words, (await lichen('inspect', ...words)).code]).toEqual([words, 125])
})

test('inspect tells the command line that made the container', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'c', '-e', 'A=x y', 'box', 'echo', '--', "it's")
  await lichen.ok('run', '--name', 'r', '--network', 'none', 'box', 'true')
  const commandOf = async (name: string): Promise<string[]> => {
    const words = JSON.parse(await lichen.ok('inspect', '-f', '{{json .Config.CreateCommand}}', name)) as string[]
    expect(words[0]).toBe(isLichen ? 'lichen' : 'podman')
    expect(words).toContain(lichen.root)
    return words.slice(words.indexOf('--name') - 1)
  }
  expect(await commandOf('c')).toEqual(['create', '--name', 'c', '-e', 'A=x y', 'box', 'echo', '--', "it's"])
  expect(await commandOf('r')).toEqual(['run', '--name', 'r', '--network', 'none', 'box', 'true'])
})

test('inspect gives templates times, durations and what is not there as Go has them', async ({ lichen }) => {
  const health = ['--health-cmd', 'true', '--health-interval', '90s']
  await lichen.ok('create', '--name', 'c', ...(isLichen ? health : []), 'box', 'true')
  const year = `${new Date().getUTCFullYear()}`
  for (const [template, expected] of [
    ['{{.Created.Year}} {{.Created.Format "2006"}} {{.State.StartedAt.IsZero}}', `${year} ${year} true`],
    ['{{.State.StartedAt}}', '0001-01-01 00:00:00 +0000 UTC'],
    ['{{json .State.StartedAt}}', '"0001-01-01T00:00:00Z"'],
    ['{{if gt .Created.Unix 1700000000}}{{.State.ConmonPid}}{{end}}', '0'],
    ['{{.Config.Volumes}} {{.Config.AttachStdout}} {{.Config.AttachStderr}}', 'map[] false false'],
    ['{{if .SizeRw}}measured{{else}}not{{end}} {{.Config.SystemdMode}}', 'not false'],
    ...(isLichen ? ([['{{.Config.Healthcheck.Interval}} {{.Config.Entrypoint}}', '1m30s []']] as const) : []),
  ] as const)
    expect([template, (await lichen('inspect', '-f', template, 'c')).stdout]).toEqual([template, `${expected}\n`])
  expect(await lichen.ok('inspect', '-f', '{{.ImageDigest}}', 'c')).toMatch(/^sha256:[0-9a-f]{64}$/)
})

test('inspect prints JSON when the template is empty, and no empty line when it ends its own', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'c', 'box', 'true')
  expect(JSON.parse(await lichen.ok('inspect', '-f', '', 'c'))).toMatchObject([{ Name: 'c' }])
  expect((await lichen('inspect', '-f', '{{.Name}}\\n', 'c')).stdout).toBe('c\n')
  expect((await lichen('inspect', '-f', '{{.Name}}\n', 'c', 'c')).stdout).toBe('c\nc\n')
})

lichenTest('inspect shows no health where there is no check, as docker and podman 5', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'c', '--entrypoint', '["sh","-c"]', 'box', 'true')
  const status = '{{if .State.Health}}{{.State.Health.Status}}{{else}}{{.State.Status}}{{end}}'
  expect(await lichen.ok('inspect', '-f', status, 'c')).toBe('created')
  const [container] = JSON.parse(await lichen.ok('inspect', 'c')) as { State: object; Config: object }[]
  expect(container?.State).not.toHaveProperty('Health')
  expect(container?.Config).toMatchObject({ Entrypoint: ['sh', '-c'], Cmd: ['true'], StopSignal: 'SIGTERM' })
})

test('inspect answers the templates that scripts use', async ({ lichen }) => {
  const flags = ['--restart', 'on-failure:3', '--entrypoint', '["sh"]', '--stop-timeout', '3']
  const more = ['--health-cmd', 'true', '--health-interval', 'disable', '--hostname', 'h', '-v', 'vol:/v:ro']
  await lichen.ok('create', '--name', 'c', ...flags, ...more, '--tmpfs', '/t', 'box', '-c', 'exit 4')
  for (const [template, expected] of [
    ['{{.State.Health.Status}}', ''],
    ['{{.State.Running}} {{.State.Pid}} {{.State.Restarting}} {{.State.OOMKilled}}', 'false 0 false false'],
    ['{{.HostConfig.RestartPolicy.Name}}:{{.HostConfig.RestartPolicy.MaximumRetryCount}}', 'on-failure:3'],
    ['{{json .Config.Cmd}} {{.Config.StopTimeout}} {{.Config.Hostname}}', '["-c","exit 4"] 3 h'],
    ['{{range .Mounts}}{{.Type}} {{.Name}} {{.Destination}} {{.RW}}{{end}}', 'volume vol /v false'],
    ['{{len .NetworkSettings.Ports}} {{.NetworkSettings.IPAddress}}{{.NetworkSettings.MacAddress}}', '0 '],
    ['{{.HostConfig.LogConfig.Type}} {{.HostConfig.AutoRemove}} {{.RestartCount}}', 'k8s-file false 0'],
    ['{{index .HostConfig.Tmpfs "/t" | printf "%.2s"}}', 'rw'],
    ['{{join .Config.Healthcheck.Test " "}}', 'CMD-SHELL true'],
    ['{{.ImageName}} {{.Config.Image}}', 'localhost/box:latest localhost/box:latest'],
  ] as const)
    expect([template, (await lichen('inspect', '-f', template, 'c')).stdout]).toEqual([template, `${expected}\n`])
})
