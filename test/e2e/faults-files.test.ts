// Files of the engine's own that are damaged, and a boot they do not belong to: one clear line that names the file and the way out, the
// other containers are still told, and nothing of a damaged one stays after `rm -f`.

import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { lichenTest } from '../support/container-test.js'
import { hasCgroup2, isRoot } from '../support/facts.js'
import { imagePath } from '../support/images.js'
import { findProcesses } from '../support/leftovers.js'
import type { Lichen } from '../support/lichen.js'

const DAMAGES: readonly (readonly [string, (file: string) => void])[] = [
  ['garbage', (file) => writeFileSync(file, '%%%')],
  ['cut off', (file) => truncateSync(file, 20)],
  ['of another version', (file) => writeFileSync(file, '{"schema":2}')],
]

for (const name of ['record.json', 'runs/1/monitor.json', 'runs/1/exit.json']) {
  lichenTest(`ps lists the other containers and rm -f removes one when its ${name} is damaged`, async ({ lichen }) => {
    await lichen.ok('create', '--name', 'good', 'box', 'true')
    for (const [what, damage] of DAMAGES) {
      await lichen.ok('run', '--name', 'bad', 'box', 'true')
      const file = join(await directoryOf(lichen, 'bad'), name)
      damage(file)
      const listed = await lichen('ps', '-a', '--format', '{{.Names}}')
      expect(listed, what).toMatchObject({ code: 0, stdout: 'good\n' })
      expect(listed.stderr, what).toMatch(/^Warning: [^\n]+\n$/)
      expect(listed.stderr, what).toContain(file)
      const started = await lichen('start', 'bad')
      expect(started, what).toMatchObject({ code: 125, stdout: '' })
      expect(started.stderr, what).toMatch(/^Error: read: [^\n]+\nHint: `lichen rm -f [0-9a-f]{12}`[^\n]+\n$/)
      expect(started.stderr, what).toContain(file)
      expect(await lichen.ok('images', '-q'), what).not.toBe('')
      await lichen.ok('rm', '-f', 'bad')
    }
    expect(await lichen.ok('ps', '-a', '--format', '{{.Names}}')).toBe('good')
  })
}

lichenTest('rm -f -a ends and removes a running container when its record is empty', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'c', 'box', 'sleep', '60')
  truncateSync(join(await directoryOf(lichen, 'c'), 'record.json'), 0)
  expect((await lichen('run', '--name', 'c', 'box', 'true')).code).toBe(125)
  await lichen.ok('rm', '-f', '-a')
  expect(findProcesses(lichen.directory)).toEqual([])
  expect(await lichen.ok('run', '--name', 'c', 'box', 'echo', 'well')).toBe('well')
})

lichenTest('a container counts as exited and starts again when the machine was booted since', async ({ lichen }) => {
  await lichen.ok(
    'run',
    '-d',
    '--name',
    'c',
    'box',
    'sh',
    '-c',
    'echo again; [ ! -e /ran ] || exit 0; touch /ran; sleep 60',
  )
  const file = join(await directoryOf(lichen, 'c'), 'runs/1/monitor.json')
  const report = readFileSync(file, 'utf8')
  // as a power cut leaves it: the report of then, nobody alive, the run root empty
  await lichen.ok('kill', 'c')
  await lichen.ok('wait', 'c')
  rmSync(join(await directoryOf(lichen, 'c'), 'runs/1/exit.json'))
  rmSync(lichen.runRoot, { recursive: true })
  const own = {
    monitorPid: process.pid,
    containerPid: process.pid,
    monitorStart: startOf(process.pid),
    containerStart: startOf(process.pid),
  }
  writeFileSync(file, JSON.stringify({ ...JSON.parse(report), ...own, bootId: '00000000-0000-0000-0000-000000000000' }))
  expect(await lichen.ok('ps', '-a', '--format', '{{.Names}} {{.State}}')).toBe('c exited')
  expect((await lichen('stop', 'c')).code).toBe(0)
  expect(await lichen.ok('start', '-a', 'c')).toBe('again')
})

lichenTest('commands name the image index and the way out when it is damaged', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'c', 'box', 'echo', 'well')
  const index = join(lichen.root, 'images/index.json')
  for (const text of ['%%%', '', '{"schemaVersion":1}', '{"schemaVersion":2,"manifests":[{}]}']) {
    writeFileSync(index, text)
    for (const words of [['images'], ['create', 'box', 'true'], ['import', imagePath('box.tar'), 'box']]) {
      const { code, stderr } = await lichen(...words)
      expect({ code, stderr }, words[0]).toEqual({
        code: 125,
        stderr: expect.stringMatching(/^Error: [^\n]+\nHint: `lichen system check --repair`[^\n]+\n$/),
      })
      expect(stderr).toContain(index)
    }
  }
  expect(await lichen.ok('start', '-a', 'c')).toBe('well')
  await lichen.ok('system', 'check', '--repair')
  await lichen.ok('import', imagePath('box.tar'), 'box')
})

lichenTest('the truth is told and a container can be stopped when the run root was removed', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'c', 'box', 'sleep', '60')
  const pid = await lichen.ok('inspect', '--format', '{{.State.Pid}}', 'c')
  const [, cgroup = ''] = /^0::(.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, 'utf8')) ?? []
  rmSync(lichen.runRoot, { recursive: true })
  expect(await lichen.ok('ps', '--format', '{{.Names}} {{.State}}')).toBe('c running')
  expect((await lichen('start', 'c')).code).toBe(0)
  const { code, stderr } = await lichen('exec', 'c', 'true')
  if (code !== 0) expect(stderr).toMatch(/^Error: [^\n]+\n(Hint: [^\n]+\n)?$/)
  await lichen.ok('rm', '-f', '-t', '0', 'c')
  expect(findProcesses(lichen.directory)).toEqual([])
  expect(await lichen.ok('run', '--name', 'c', 'box', 'echo', 'well')).toBe('well')
  expect(existsSync(lichen.runRoot)).toBe(true)
  // only what was removed knew of the empty control group that the runtime had made
  if (isRoot || hasCgroup2) rmdirSync(join(hasCgroup2 ? '/sys/fs/cgroup' : '/sys/fs/cgroup/unified', cgroup))
})

async function directoryOf(lichen: Lichen, name: string): Promise<string> {
  const id = await lichen.ok('ps', '-aq', '--no-trunc', '--filter', `name=^${name}$`)
  expect(readdirSync(join(lichen.root, 'containers'))).toContain(id)
  return join(lichen.root, 'containers', id)
}

function startOf(pid: number): number {
  return Number(
    readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')[19],
  )
}
