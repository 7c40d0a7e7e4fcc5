// What users of docker and podman type and script without thinking about it. Each of these was once answered otherwise.

import { join } from 'node:path'
import { expect } from 'vitest'
import { lichenTest, test, userTest } from '../support/container-test.js'
import { isLichen } from '../support/facts.js'
import { imagePath } from '../support/images.js'
import { mustRun } from '../support/process.js'

lichenTest("run passes --env-file on to the command when it stands among the command's words", async ({ lichen }) => {
  // As typed at a shell, through the program's first line: node itself would read a file of that name, and fail.
  const typed = lichen.argv[0] === process.execPath ? lichen.argv.slice(2) : lichen.argv // without node and --
  const words = ['run', '--rm', '--network', 'none', 'box', 'echo', '--env-file', '/no/such/file', '--env-file=x']
  expect(await mustRun([...typed, ...words])).toBe('--env-file /no/such/file --env-file=x')
})

test('ps -l and -n show the newest in whatever state when they are said', async ({ lichen }) => {
  for (const name of ['first', 'second', 'third']) await lichen.ok('create', '--name', name, 'box', 'true')
  const names = async (...flags: string[]): Promise<string[]> =>
    (await lichen.ok('ps', ...flags, '--format', '{{.Names}}')).split('\n').sort()
  expect(await names('-l')).toEqual(['third'])
  expect(await names('-n', '2')).toEqual(['second', 'third'])
  expect(await names('--last=5')).toHaveLength(3)
})

test('ps finds what there is when a filter also names a state nothing is in', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'made', 'box', 'true')
  const filters = ['--filter', 'status=paused', '--filter', 'status=created']
  expect(await lichen.ok('ps', ...filters, '--format', '{{.Names}}')).toBe('made')
  expect(await lichen.ok('ps', '-q', '--filter', 'status=paused')).toBe('')
})

test('ps --filter until chooses what was made before a time when it is said', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'made', 'box', 'true')
  const until = (time: string): Promise<string> =>
    lichen.ok('ps', '-a', '--filter', `until=${time}`, '--format', '{{.Names}}')
  expect(await until('1h')).toBe('')
  expect(await until('2099-01-01T00:00:00Z')).toBe('made')
})

test('ps --format knows when a container started and ended when its template asks', async ({ lichen }) => {
  await lichen.ok('run', '--name', 'done', '--network', 'none', 'box', 'true')
  const format = '{{.Exited}} {{.StartedAt}} {{.ExitedAt}}'
  const [exited, ...times] = (await lichen.ok('ps', '-a', '--format', format)).split(' ')
  expect(exited).toBe('true')
  for (const time of times) expect(Math.abs(Number(time) - Date.now() / 1000)).toBeLessThan(60)
})

test('logs --since 0 prints everything when it is said', async ({ lichen }) => {
  await lichen.ok('run', '--name', 'done', '--network', 'none', 'box', 'echo', 'kept')
  expect(await lichen.ok('logs', '--since', '0', 'done')).toBe('kept')
})

test('inspect --format answers what scripts ask when a container runs', async ({ lichen }) => {
  const id = await lichen.ok('run', '-d', '--name', 'up', '--network', 'none', 'box', 'sleep', '60')
  const ask = (format: string): Promise<string> => lichen.ok('inspect', '--format', format, 'up')
  expect(await ask('{{.ID}} {{.Id}}')).toBe(`${id} ${id}`)
  expect(await ask('{{.State.OOMKilled}} {{.RestartCount}}')).toBe('false 0')
  expect(await ask('{{.NetworkSettings.IPAddress}}{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}')).toBe('')
})

test('version and info answer what scripts ask when a template is said', async ({ lichen }) => {
  const client = await lichen.ok('version', '--format', '{{.Client.Version}}')
  expect(client).toMatch(/^\d+\.\d+\.\d+/)
  expect(await lichen.ok('version', '--format', '{{.Server.Version}}')).toBe(client)
  expect(await lichen.ok('info', '--format', '{{.Host.CgroupsVersion}} {{.Host.LogDriver}}')).toMatch(
    isLichen ? /^(v1|v2|hybrid) k8s-file$/ : /^v2 k8s-file$/,
  )
})

test("import sets the image's platform when --os, --arch and --variant say it", async ({ bare }) => {
  const platform = ['--os', 'linux', '--arch', 'arm64', '--variant', 'v8']
  await bare.ok('import', ...platform, imagePath('box.tar'), 'foreign')
  expect(await bare.ok('image', 'inspect', '--format', '{{.Os}} {{.Architecture}}', 'foreign')).toBe('linux arm64')
})

userTest('import and load keep warnings to themselves when -q is said', async ({ bare }) => {
  const archive = join(bare.directory, 'device.tar')
  const python = `import sys, tarfile
entry = tarfile.TarInfo('device')
entry.type, entry.devmajor, entry.devminor = tarfile.CHRTYPE, 1, 3
with tarfile.open(sys.argv[1], 'w') as tar: tar.addfile(entry)`
  await mustRun(['python3', '-c', python, archive])
  if (isLichen) expect((await bare('import', archive, 'said')).stderr).toContain('1 device node')
  expect((await bare('import', '-q', archive, 'unsaid')).stderr).toBe('')
})

test('rmi -f is content when there is no such image', async ({ bare }) => {
  expect(await bare('rmi', '-f', 'localhost/stranger')).toMatchObject({ code: 0, stderr: '' })
})

test('run gives its user and group an entry when -u says numbers that the image does not know', async ({ lichen }) => {
  const script = 'tail -n 1 /etc/passwd | cut -d: -f1-4; tail -n 1 /etc/group'
  const entries = await lichen.ok('run', '--rm', '--network', 'none', '-u', '1234:5678', 'box', 'sh', '-c', script)
  expect(entries).toMatch(/^1234:\*:1234:5678\n5678:x:5678:/)
})

test('run --rm stops the container when whoever read its output has gone', async ({ lichen }) => {
  const words = ['run', '--rm', '--network', 'none', '--stop-timeout', '1', 'box', 'yes']
  const pipeline = `${[...lichen.argv, ...words].join(' ')} | head -n 1`
  expect(await mustRun(['sh', '-c', pipeline], { timeoutMs: 30_000 })).toBe('y')
  expect(await lichen.ok('ps', '-aq')).toBe('')
})

lichenTest('run and ps fail with one clear line when what they write to is full', async ({ lichen }) => {
  for (const words of [['ps'], ['run', '--rm', '--network', 'none', 'box', 'echo', 'lost']]) {
    const shell = `${[...lichen.argv, ...words].join(' ')} 2>&1 >/dev/full; echo $?`
    expect(await mustRun(['sh', '-c', shell])).toBe('Error: write: standard output: ENOSPC\n125')
  }
})

test('run takes flags with an empty value for flags that were not typed when a variable was empty', async ({
  lichen,
}) => {
  const flags = ['-w', '-u', '-h', '--name', '--cidfile', '--stop-signal', '--platform', '--userns', '--log-driver']
  const more = ['--env-file', '--shm-size', '--umask', '--pull', '--restart', '-m', '--pid', '--tz']
  const words = [...flags, ...more].flatMap((flag) => [flag, ''])
  expect(await lichen.ok('run', '--rm', '--network', 'none', ...words, 'box', 'pwd')).toBe('/')
  await lichen.ok('run', '-d', '--name', 'up', '--network', 'none', '-w', '/tmp', 'box', 'sleep', '60')
  expect(await lichen.ok('exec', '-w', '', 'up', 'pwd')).toBe('/tmp')
})

test('verbs say what scripts look for in an error when there is no such container', async ({ lichen }) => {
  for (const words of [
    ['logs'],
    ['start'],
    ['stop'],
    ['rm'],
    ['exec'],
    ['wait'],
    ['rename'],
    ['container', 'inspect'],
  ]) {
    const rest = words[0] === 'exec' ? ['true'] : words[0] === 'rename' ? ['other'] : []
    const { stderr } = await lichen(...words, 'nobody', ...rest)
    expect([words, stderr.split('\n')[0]]).toEqual([words, expect.stringMatching(/no such container/)])
  }
  expect((await lichen('inspect', 'nobody')).stderr).toContain('no such object: "nobody"')
})

lichenTest("ps knows docker's fields and its bare table when they are said", async ({ lichen }) => {
  await lichen.ok('create', '--name', 'made', '-v', 'data:/data', '-v', `${lichen.directory}:/host`, 'box', 'true')
  expect(await lichen.ok('ps', '-a', '--format', '{{.LocalVolumes}} {{.IsInfra}}')).toBe('1 false')
  const table = await lichen.ok('ps', '-a', '--format', 'table')
  expect(table.split('\n')[0]).toMatch(/^CONTAINER ID +IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES$/)
})
