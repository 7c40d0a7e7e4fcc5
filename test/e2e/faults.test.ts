// Faults: parts of the engine killed at any moment, programs and settings missing, a full disk. Each ends in one clear line or a
// true status, the next command works, and (by the fixture) nothing is left.

import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { lichenTest, rootTest } from '../support/container-test.js'
import { findProgram, isLichen, isRoot } from '../support/facts.js'
import { imagePath } from '../support/images.js'
import { findProcesses } from '../support/leftovers.js'
import type { Lichen } from '../support/lichen.js'
import { waitFor } from '../support/wait-for.js'

const ONE_LINE_AND_HINT = /^Error: [^\n]+\n(Hint: [^\n]+\n)?$/

lichenTest('a container runs on and can be removed when its monitor is killed', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'c', 'box', 'sleep', '60')
  killMonitors(lichen)
  await waitFor('the end of the monitor', () => monitors(lichen).length === 0)
  expect(await lichen.ok('inspect', '--format', '{{.State.Status}}', 'c')).toBe('running')
  expect(await lichen.ok('exec', 'c', 'echo', 'still here')).toBe('still here')
  await lichen.ok('rm', '-f', '-t', '0', 'c')
  expect(await lichen.ok('ps', '-aq')).toBe('')
})

lichenTest('stop ends a container when its monitor was killed', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'c', 'box', 'sleep', '60')
  killMonitors(lichen)
  await lichen.ok('stop', '-t', '0', 'c')
  expect(await lichen.ok('inspect', '--format', '{{.State.Status}} {{.State.Running}}', 'c')).toBe('exited false')
  expect((await lichen('start', 'c')).code).toBe(0)
})

lichenTest('a container is exited when it and its monitor were killed together', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'c', 'box', 'sleep', '60')
  const pid = Number(await lichen.ok('inspect', '--format', '{{.State.Pid}}', 'c'))
  killMonitors(lichen)
  process.kill(pid, 'SIGKILL')
  await waitFor(
    'a true status',
    async () => (await lichen.ok('inspect', '--format', '{{.State.Status}}', 'c')) === 'exited',
  )
  expect(await lichen.ok('ps', '-q')).toBe('')
})

lichenTest('a foreground container goes on when the command line is killed', async ({ lichen }) => {
  const running = lichen.start('run', '--name', 'c', 'box', 'sh', '-c', 'echo ready; sleep 60')
  await running.expectOutput(/ready/)
  running.kill('SIGKILL')
  await running.ended
  expect(await lichen.ok('inspect', '--format', '{{.State.Status}}', 'c')).toBe('running')
  expect(await lichen.ok('logs', 'c')).toBe('ready')
})

lichenTest('run --rm leaves nothing when the command line is killed and the container ends', async ({ lichen }) => {
  const running = lichen.start('run', '--rm', '-i', 'box', 'sh', '-c', 'echo ready; read word')
  await running.expectOutput(/ready/)
  running.kill('SIGKILL')
  await running.ended
  const ids = (await lichen.ok('ps', '-q')).split('\n').filter(Boolean)
  for (const id of ids) await lichen.ok('kill', id)
  await waitFor('an empty list', async () => (await lichen.ok('ps', '-aq')) === '')
})

lichenTest('the next command works when the command line is killed at any moment of a run', async ({ lichen }) => {
  for (let afterMs = 5; afterMs <= 165; afterMs += 20) {
    const running = lichen.start('run', '--name', 'c', '--replace', 'box', 'sleep', '60')
    const timer = setTimeout(() => running.kill('SIGKILL'), afterMs)
    await running.ended
    clearTimeout(timer)
    expect((await lichen('ps', '-a')).code, `killed after ${afterMs} ms`).toBe(0)
    expect((await lichen('rm', '-f', '-t', '0', 'c')).code, `killed after ${afterMs} ms`).toBe(0)
  }
  expect(await lichen.ok('run', '--name', 'c', 'box', 'echo', 'well')).toBe('well')
})

lichenTest('import keeps nothing and works the next time when it is killed at any moment', async ({ bare }) => {
  for (let afterMs = 20; afterMs <= 140; afterMs += 30) {
    const running = bare.start('import', imagePath('box.tar'), 'box')
    const timer = setTimeout(() => running.kill('SIGKILL'), afterMs)
    await running.ended
    clearTimeout(timer)
  }
  await bare.ok('import', imagePath('box.tar'), 'box')
  expect(await bare.ok('run', '--rm', 'box', 'echo', 'well')).toBe('well')
})

lichenTest('run fails with one line that names the runtime when it is not there', async ({ lichen }) => {
  const result = await lichen('--runtime', '/no/such/runtime', 'run', '--rm', 'box', 'true')
  expect(result.code).toBe(125)
  expect(result.stderr).toMatch(ONE_LINE_AND_HINT)
  expect(result.stderr).toContain('/no/such/runtime')
})

lichenTest.skipIf(findProgram('runc') === undefined)('run works with runc when it is chosen', async ({ lichen }) => {
  expect(await lichen.ok('--runtime', 'runc', 'run', '--rm', 'box', 'echo', 'well')).toBe('well')
})

for (const driver of ['overlay', 'copy'] as const) {
  lichenTest(
    `run keeps files and shows deleted ones as gone when the storage driver is ${driver}`,
    async ({ lichen }) => {
      const run = (...words: string[]): Promise<string> => lichen.ok('--storage-driver', driver, ...words)
      const script = 'ls -A /home; [ -e /etc/group ] && rm -r /etc/group /home && mkdir /home; ls -A /home; echo end'
      expect(await run('run', '--name', 'c', 'box', 'sh', '-c', script)).toBe('guest\nend')
      expect(await run('start', '-a', 'c')).toBe('end')
      expect(await lichen.ok('run', '--rm', 'box', 'ls', '/home')).toBe('guest')
    },
  )
}

rootTest('import fails with one line and keeps nothing when the disk is full', async ({ bare }) => {
  const disk = join(bare.directory, 'disk')
  mkdirSync(disk)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk])
  try {
    const result = await bare('--root', join(disk, 'root'), 'import', imagePath('box.tar'), 'box')
    expect(result.code).toBe(125)
    if (isLichen) expect(result.stderr).toMatch(ONE_LINE_AND_HINT)
    expect(result.stderr).toMatch(/[Nn]o space left/)
    expect(await bare.ok('--root', join(disk, 'root'), 'images', '-q')).toBe('')
  } finally {
    execFileSync('umount', ['--lazy', disk])
  }
})

lichenTest('a store made without newuidmap gives containers a single user', async ({ bare }) => {
  const env = { PATH: directoryWith(bare, ['crun']) }
  expect((await bare.with({ env }, 'import', imagePath('box.tar'), 'box')).code).toBe(0)
  const script = 'id -u; stat -c %u /bin/busybox /home/guest'
  const result = await bare.with({ env }, 'run', '--rm', 'box', 'sh', '-c', script)
  expect(result).toMatchObject({ code: 0, stdout: isRoot ? '0\n0\n1000\n' : '0\n0\n0\n' })
})

/** A directory to use as PATH, with links to just these programs. */
function directoryWith(lichen: Lichen, programs: readonly string[]): string {
  const directory = join(lichen.directory, 'bin')
  mkdirSync(directory)
  for (const name of programs) {
    const path = findProgram(name)
    if (path !== undefined) symlinkSync(path, join(directory, name))
  }
  return directory
}

function monitors(lichen: Lichen): number[] {
  return findProcesses(lichen.directory)
    .filter((line) => line.includes('lichen-monitor mon '))
    .map((line) => Number(/^process (\d+)/.exec(line)?.[1]))
}

function killMonitors(lichen: Lichen): void {
  const pids = monitors(lichen)
  expect(pids).not.toEqual([])
  for (const pid of pids) process.kill(pid, 'SIGKILL')
}
