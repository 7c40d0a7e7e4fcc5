// kill -9 of verbs on running containers at any moment: the container is as it was or as it was to be, the same verb ends what was begun,
// and nothing that a killed verb left is in anybody's way.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { lichenTest } from '../support/container-test.js'
import type { Lichen } from '../support/lichen.js'
import { waitFor } from '../support/wait-for.js'

const FIRST_MS = 40
const LATER = 1.4

/** Starts the verb again and again, and kills it each time a little later, until it comes to its end by itself. */
async function killAllAlong(
  lichen: Lichen,
  verb: readonly string[],
  expectSound: (when: string) => Promise<void>,
): Promise<void> {
  for (let afterMs = FIRST_MS; ; afterMs *= LATER) {
    const running = lichen.start(...verb)
    const timer = setTimeout(() => running.kill('SIGKILL'), afterMs)
    const { code } = await running.ended
    clearTimeout(timer)
    await expectSound(`${verb.join(' ')}: killed after ${afterMs} ms`)
    if (code !== 137) return
  }
}

lichenTest('restart, update, rename and init of a container can be killed at any moment', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'c', '-v', 'data:/data', 'box', 'sh', '-c', 'echo on; exec sleep 1000')
  const expectSound = async (when: string) => {
    expect(await lichen.ok('ps', '-a', '--format', '{{.Names}} {{.State}}'), when).toMatch(
      /^[cd] (running|exited|created|initialized)$/,
    )
    const name = await lichen.ok('ps', '-a', '--format', '{{.Names}}')
    await lichen.ok('start', name)
    expect(await lichen.ok('exec', name, 'echo', 'in'), when).toBe('in')
    if (name === 'd') await lichen.ok('rename', 'd', 'c')
  }
  await killAllAlong(lichen, ['restart', '-t', '0', 'c'], expectSound)
  await killAllAlong(lichen, ['update', '--restart', 'on-failure:1', 'c'], expectSound)
  await killAllAlong(lichen, ['rename', 'c', 'd'], expectSound)
  await lichen.ok('stop', '-t', '0', 'c')
  await killAllAlong(lichen, ['init', 'c'], async (when) => {
    expect(await lichen.ok('ps', '-a', '--format', '{{.Names}} {{.State}}'), when).toMatch(/^c (exited|initialized)$/)
    if ((await lichen.ok('ps', '-aq', '--filter', 'status=initialized')) !== '') await lichen.ok('start', 'c')
    await lichen.ok('stop', '-t', '0', 'c')
  })
  await lichen.ok('rm', '-f', 'c')
  await lichen.ok('system', 'check', '--repair')
  expect(readdirSync(join(lichen.root, 'names'))).toEqual([])
})

lichenTest(
  'restart of a container that is removed at its end can be killed at any moment, and never loses it',
  async ({ lichen }) => {
    await lichen.ok('run', '-d', '--rm', '--name', 'c', 'box', 'sh', '-c', 'echo on >>/runs; exec sleep 1000')
    const isUp = async () => (await lichen.ok('ps', '-a', '--format', '{{.Names}} {{.State}}')) === 'c running'
    await killAllAlong(lichen, ['restart', '-t', '0', 'c'], async (when) => {
      await waitFor(`the next run, ${when}`, isUp)
      expect(await lichen.ok('exec', 'c', 'head', '-n1', '/runs'), when).toBe('on')
    })
    await lichen.ok('stop', '-t', '0', 'c')
    expect(readdirSync(join(lichen.root, 'names'))).toEqual([])
  },
)

lichenTest('a run with volumes and secrets can be killed at any moment', async ({ lichen }) => {
  const file = join(lichen.directory, 'secret')
  writeFileSync(file, 'told')
  await lichen.ok('secret', 'create', 's', file)
  const options = ['--name', 'c', '--secret', 's', '--secret', 's,type=env,target=S', '-v', 'data:/data', '-v', '/own']
  const command = ['box', 'sh', '-c', 'cat /run/secrets/s; echo $S; : >/data/x; : >/own/x']
  for (const rm of [[], ['--rm']]) {
    await killAllAlong(lichen, ['run', ...rm, ...options, ...command], async (when) => {
      const told = await lichen.ok('ps', '-a', '--format', '{{.Names}}')
      if (told !== '' && rm.length === 0) {
        await lichen.ok('wait', '--condition', 'exited', '--condition', 'created', 'c')
        expect(await lichen.ok('start', '-a', 'c'), when).toBe('toldtold')
      }
      await lichen.ok('rm', '-f', '-v', '-t', '0', 'c')
    })
  }
  await lichen.ok('volume', 'rm', '-f', 'data')
  await lichen.ok('system', 'check', '--repair')
  expect(readdirSync(join(lichen.root, 'volumes'))).toEqual([])
  expect(readFileSync(join(lichen.root, 'events/log'), 'utf8')).not.toContain('told')
})
