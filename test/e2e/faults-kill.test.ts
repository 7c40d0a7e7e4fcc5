// kill -9 of each part at every step of a container's life: afterwards `ps` tells the truth, `start`, `rm` and `run` of the same name
// work, and nothing is left running, mounted or half-written. The steps are exact: a runtime that is crun but for the one kill.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { lichenTest } from '../support/container-test.js'
import { repository } from '../support/facts.js'
import { findProcesses } from '../support/leftovers.js'
import type { Lichen } from '../support/lichen.js'
import { waitFor } from '../support/wait-for.js'

const KILLS = join(repository, 'test/fixtures/runtimes/kills')
const STEPS = ['create before', 'create after', 'start before', 'start after', 'delete before', 'delete after']
const ONE_ERROR = /^Error: [^\n]+\n(Hint: [^\n]+\n)?$/

for (const victim of ['runtime', 'monitor', 'cli'] as const) {
  lichenTest(
    `a container can be told, started and removed when the ${victim} is killed at any step`,
    async ({ lichen }) => {
      for (const step of STEPS) {
        const env = { KILL: `${step} ${victim}` }
        const result = await lichen.with({ env }, '--runtime', KILLS, 'run', '--name', 'c', 'box', 'echo', 'said')
        if (result.code !== 0 && result.code !== 137) expect(result.stderr, `${victim} ${step}`).toMatch(ONE_ERROR)
        await expectSettled(lichen, `${victim} ${step}`)
        expect(await lichen.ok('ps', '-a', '--format', '{{.Names}} {{.State}}'), `${victim} ${step}`).toMatch(
          /^c (created|exited)$/,
        )
        expect(await lichen.ok('start', '-a', 'c'), `${victim} ${step}`).toBe('said')
        await lichen.ok('rm', 'c')
      }
    },
  )

  lichenTest(`run --rm leaves no trace when the ${victim} is killed at any step`, async ({ lichen }) => {
    for (const step of STEPS) {
      const env = { KILL: `${step} ${victim}` }
      await lichen.with({ env }, '--runtime', KILLS, 'run', '--rm', '--name', 'c', 'box', 'echo', 'said')
      await expectSettled(lichen, `${victim} ${step}`)
      await lichen.ok('rm', '-f', 'c')
    }
  })
}

lichenTest(
  'a container can be told and started when every process of it is killed at any moment',
  async ({ lichen }) => {
    for (let afterMs = 40; afterMs <= 280; afterMs += 30) {
      // the directory among its words makes the container's own process one that can be found
      const running = lichen.start('run', '--name', 'c', 'box', 'sh', '-c', 'sleep 60; true', lichen.directory)
      const timer = setTimeout(() => killEverything(lichen), afterMs)
      await running.ended
      clearTimeout(timer)
      await waitFor('the end of every process', () => killEverything(lichen) === 0)
      const told = await lichen.ok('ps', '-a', '--format', '{{.Names}} {{.State}} {{.Pid}}')
      expect(told, `killed after ${afterMs} ms`).toMatch(/^(c (created|exited|running) \d+)?$/)
      // one that was just turning from the runtime into the container's process is not found, and lives on
      if (told.includes('running')) expect(existsSync(`/proc/${told.split(' ')[2]}`), told).toBe(true)
      if (told !== '') await lichen.ok('start', 'c')
      await lichen.ok('rm', '-f', '-t', '0', 'c')
    }
  },
)

/** What is still on its way to its end has arrived there, and one look by the engine has taken the rest away. */
async function expectSettled(lichen: Lichen, when: string): Promise<void> {
  await waitFor(
    `an end of what ends by itself: ${when}`,
    () =>
      findProcesses(lichen.directory).every((line) => !/lichen-monitor| delete --force /.test(line)) &&
      monitorPids(lichen).every(hasEnded),
  )
  await lichen.ok('ps', '-a')
  expect({ when, processes: findProcesses(lichen.directory), ...runtimeState(lichen) }).toEqual({
    when,
    processes: [],
    states: [],
    sockets: [],
  })
}

/** A process that is ending has no command line any more, but still its locks. */
function monitorPids({ root }: Lichen): number[] {
  const containers = readdirSync(join(root, 'containers')).map((id) => join(root, 'containers', id, 'runs'))
  const runs = containers.filter((dir) => existsSync(dir)).flatMap((dir) => readdirSync(dir).map((n) => join(dir, n)))
  const reports = runs.map((run) => join(run, 'monitor.json')).filter((file) => existsSync(file))
  return reports.map((file) => (JSON.parse(readFileSync(file, 'utf8')) as { monitorPid: number }).monitorPid)
}

function hasEnded(pid: number): boolean {
  try {
    return /\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return true
  }
}

function runtimeState(lichen: Lichen): { states: string[]; sockets: string[] } {
  const list = (name: string): string[] => {
    const directory = join(lichen.runRoot, name)
    return existsSync(directory) ? readdirSync(directory) : []
  }
  return { states: list('runtime'), sockets: list('sockets') }
}

/** Returns how many there were. */
function killEverything(lichen: Lichen): number {
  const pids = findProcesses(lichen.directory).map((line) => Number(/^process (\d+)/.exec(line)?.[1]))
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
  return pids.length
}
