// `ps`: what is listed, how it is chosen and how it is printed.

import { readlinkSync } from 'node:fs'
import { expect } from 'vitest'
import { test } from '../support/container-test.js'
import type { Lichen } from '../support/lichen.js'

/** One running (up), one ended with 3 (down), one only created (made). */
async function makeThree(lichen: Lichen): Promise<void> {
  await lichen.ok('run', '-d', '--name', 'up', '--label', 'kind=a', 'box', 'sleep', '60')
  await lichen('run', '--name', 'down', '--label', 'kind=b', 'box', 'sh', '-c', 'exit 3')
  await lichen.ok('create', '--name', 'made', 'box', 'true')
}

async function names(lichen: Lichen, ...flags: string[]): Promise<string> {
  const lines = (await lichen.ok('ps', ...flags, '--format', '{{.Names}}')).split('\n')
  return lines.sort().join(' ').trim()
}

test('ps prints podman’s columns when containers run', async ({ lichen }) => {
  const id = await lichen.ok('run', '-d', '--name', 'up', 'box', 'sleep', '60')
  const [header = '', row = '', ...rest] = (await lichen.ok('ps')).split('\n')
  expect(header.split(/\s{2,}/).map((word) => word.trim())).toEqual([
    'CONTAINER ID',
    'IMAGE',
    'COMMAND',
    'CREATED',
    'STATUS',
    'PORTS',
    'NAMES',
  ])
  expect(row).toMatch(new RegExp(`^${id.slice(0, 12)}  localhost/box:latest  sleep 60  +[^ ].* ago  Up .*  up$`))
  expect(rest).toEqual([])
})

test('ps prints the header alone when there is no container', async ({ lichen }) => {
  expect((await lichen.ok('ps', '-a')).split('\n')).toHaveLength(1)
})

test('ps lists running containers only when -a is not said', async ({ lichen }) => {
  await makeThree(lichen)
  expect(await names(lichen)).toBe('up')
  expect(await names(lichen, '-a')).toBe('down made up')
})

test('ps -q prints ids, whole when --no-trunc is said', async ({ lichen }) => {
  const id = await lichen.ok('create', 'box', 'true')
  expect(await lichen.ok('ps', '-aq')).toBe(id.slice(0, 12))
  expect(await lichen.ok('ps', '-aq', '--no-trunc')).toBe(id)
})

test('ps --filter chooses by name, label, status, exit code and id when they are said', async ({ lichen }) => {
  await makeThree(lichen)
  const filter = (...filters: string[]): Promise<string> =>
    names(lichen, '-a', ...filters.flatMap((word) => ['--filter', word]))
  expect(await filter('name=up')).toBe('up')
  expect(await filter('name=^(up|made)$')).toBe('made up')
  expect(await filter('label=kind')).toBe('down up')
  expect(await filter('label=kind=b')).toBe('down')
  expect(await filter('status=exited')).toBe('down')
  expect(await filter('status=running', 'status=created')).toBe('made up')
  expect(await filter('exited=3')).toBe('down')
  expect(await filter('label=kind', 'status=running')).toBe('up')
  expect(await filter('ancestor=localhost/box:latest')).toBe('down made up')
  const id = await lichen.ok('inspect', '--format', '{{.Id}}', 'made')
  expect(await filter(`id=${id.slice(0, 8)}`)).toBe('made')
})

test('ps fails with 125 and names it when a filter is unknown', async ({ lichen }) => {
  const result = await lichen('ps', '--filter', 'colour=green')
  expect(result.code).toBe(125)
  expect(result.stderr).toContain('colour')
})

test('ps --format prints the fields of each container when a template is said', async ({ lichen }) => {
  await makeThree(lichen)
  const rows = await lichen.ok(
    'ps',
    '-a',
    '--filter',
    'name=down',
    '--format',
    '{{.Names}}|{{.Image}}|{{.ExitCode}}|{{.Command}}',
  )
  expect(rows).toBe('down|localhost/box:latest|3|sh -c exit 3')
  expect(await lichen.ok('ps', '-a', '--filter', 'name=down', '--format', '{{index .Labels "kind"}}')).toBe('b')
  expect(await lichen.ok('ps', '-a', '--filter', 'name=down', '--format', '{{.Status}}')).toMatch(
    /^Exited \(3\) .* ago$/,
  )
})

test('ps --format table prints a header when a table is asked for', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'made', 'box', 'true')
  const table = await lichen.ok('ps', '-a', '--format', 'table {{.Names}}\t{{.Image}}')
  expect(table.split('\n').map((line) => line.split(/\s+/).filter(Boolean))).toEqual([
    ['NAMES', 'IMAGE'],
    ['made', 'localhost/box:latest'],
  ])
})

test('ps --format json prints what scripts read when json is asked for', async ({ lichen }) => {
  await makeThree(lichen)
  const list = JSON.parse(await lichen.ok('ps', '-a', '--format', 'json')) as Record<string, unknown>[]
  const down = list.find((item) => (item.Names as string[]).includes('down'))
  expect(down).toMatchObject({ Image: 'localhost/box:latest', State: 'exited', ExitCode: 3, Labels: { kind: 'b' } })
  expect(list).toHaveLength(3)
})

test('ps --ns shows the namespaces of the process that runs', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'up', '--stop-timeout', '0', 'box', 'sleep', '1000')
  const pid = await lichen.ok('inspect', '--format', '{{.State.Pid}}', 'up')
  const [shown = '', mnt = '', uts = ''] = (
    await lichen.ok('ps', '--ns', '--format', '{{.Pid}} {{.MNT}} {{.UTS}}')
  ).split(' ')
  expect(shown).toBe(pid)
  expect(`mnt:[${mnt}]`).toBe(readlinkSync(`/proc/${pid}/ns/mnt`))
  expect(`uts:[${uts}]`).toBe(readlinkSync(`/proc/${pid}/ns/uts`))
  expect((await lichen.ok('ps', '--ns')).split('\n')[0]).toMatch(
    /^CONTAINER ID +NAMES +PID +CGROUPNS +IPC +MNT +NET +PIDNS/,
  )
  for (const words of [
    ['-q', '--ns'],
    ['--ns', '-s'],
    ['-q', '-s'],
    ['-n', '1', '-l'],
    ['--sort', 'colour'],
    ['-w', 'x'],
  ])
    expect([words, (await lichen('ps', ...words)).code]).toEqual([words, 125])
})

test('ps --size shows what a container has written, and orders by it', async ({ lichen }) => {
  await lichen.ok('run', '--name', 'small', 'box', 'sh', '-c', 'head -c 5000 /dev/zero >/x')
  await lichen.ok('run', '--name', 'big', 'box', 'sh', '-c', 'head -c 50000 /dev/zero >/x')
  const sizes = await lichen.ok('ps', '-as', '--sort', 'size', '--format', '{{.Names}} {{.Size}}')
  expect(sizes).toMatch(/^small 5(\.\d+)?kB \(virtual [\d.]+MB\)\nbig 50(\.\d)?kB \(virtual [\d.]+MB\)$/)
  const [row] = JSON.parse(await lichen.ok('ps', '-as', '--filter', 'name=big', '--format', 'json'))
  expect(row.Size.rwSize).toBeGreaterThanOrEqual(50_000)
  expect(row.Size.rootFsSize).toBeGreaterThan(row.Size.rwSize)
})

test('ps --last and --latest show the newest in whatever state', async ({ lichen }) => {
  await makeThree(lichen)
  expect(await names(lichen, '-n', '2')).toBe('down made')
  expect(await names(lichen, '--latest')).toBe('made')
  expect(await names(lichen, '-n', '-1')).toBe('up')
  expect(await names(lichen, '-n', '0')).toBe('up')
  expect(await lichen.ok('ps', '-a', '--sort', 'names', '--format', '{{.Names}}')).toBe('down\nmade\nup')
  expect(await lichen.ok('ps', '-a', '--sort', 'created', '--format', '{{.Names}}')).toBe('up\ndown\nmade')
})
