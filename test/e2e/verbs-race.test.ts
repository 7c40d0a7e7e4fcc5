// Verbs of the container surface at once, with themselves, with each other, and with the container's own end: each does all of its work or
// says in one line why not, and what is left is one whole state.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { lichenTest } from '../support/container-test.js'
import type { Lichen } from '../support/lichen.js'
import type { ProcessResult } from '../support/process.js'

const ONE_ERROR = /^(Warning: [^\n]+\n)*Error: (?!internal)[^\n]+\n(Hint: [^\n]+\n)?$/
/** Ends by itself at about the time that a verb gets to it, sometimes before. */
const SHORT = ['box', 'sleep', '0.2']

/** All at once; whatever fails says so in our words. */
async function atOnce(lichen: Lichen, ...verbs: readonly string[][]): Promise<ProcessResult[]> {
  const results = await Promise.all(verbs.map((verb) => lichen(...verb)))
  for (const [index, { code, stderr }] of results.entries()) {
    if (code === 0) continue
    expect({ verb: verbs[index], code, stderr }).toMatchObject({ code: expect.toBeOneOf([1, 2, 125]) as number })
    expect(stderr, verbs[index]?.join(' ')).toMatch(ONE_ERROR)
  }
  return results
}

/** The same where each must succeed: whoever comes second waits for the first, and finds its work done. */
async function allAtOnce(lichen: Lichen, ...verbs: readonly string[][]): Promise<void> {
  const results = await atOnce(lichen, ...verbs)
  expect(results.map(({ stderr }) => stderr).filter((text) => text.includes('Error'))).toEqual([])
  expect(results.map(({ code }) => code)).toEqual(results.map(() => 0))
}

const times = (count: number, ...verb: string[]) => Array.from({ length: count }, () => verb)

async function expectWhole(lichen: Lichen, when: string): Promise<void> {
  expect(await lichen.ok('system', 'check'), when).toMatch(/^No problems found/)
  expect(readdirSync(join(lichen.root, 'containers')).filter((name) => !/^[0-9a-f]{64}$/.test(name))).toEqual([])
}

lichenTest('init, start and restart of one container at once leave it running, once', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'c', 'box', 'sleep', '1000')
  await atOnce(lichen, ...times(3, 'init', 'c'))
  expect(await lichen.ok('ps', '-a', '--format', '{{.State}}')).toBe('initialized')
  await allAtOnce(lichen, ...times(3, 'start', 'c'))
  expect(await lichen.ok('ps', '-a', '--format', '{{.State}}')).toBe('running')
  await atOnce(lichen, ...times(3, 'restart', '-t', '0', 'c'))
  await atOnce(lichen, ['update', '--restart', 'always', 'c'], ['rename', 'c', 'd'], ['update', '--restart', 'no', 'c'])
  expect(await lichen.ok('ps', '-a', '--format', '{{.Names}} {{.State}}')).toBe('d running')
  await lichen.ok('run', '-d', '--rm', '--name', 'e', 'box', 'sleep', '1000')
  await allAtOnce(lichen, ...times(3, 'restart', '-t', '0', 'e'))
  expect(await lichen.ok('ps', '--format', '{{.Names}} {{.State}}', '--filter', 'name=e')).toBe('e running')
  const [, removal] = await atOnce(lichen, ['restart', '-t', '0', 'e'], ['rm', '-f', '-t', '0', 'e'])
  expect([removal?.code, await lichen.ok('ps', '-a', '--format', '{{.Names}}')]).toEqual([0, 'd'])
  await expectWhole(lichen, 'restarts')
})

lichenTest('a container that ends while verbs get to it is as its end left it', async ({ lichen }) => {
  for (const verb of [
    ['restart', '-t', '0', 'c'],
    ['update', '--restart', 'no', 'c'],
    ['pause', 'c'],
    ['rename', 'c', 'd'],
    ['init', 'c'],
    ['rm', '-f', '-t', '0', 'c'],
    ['container', 'clone', 'c', 'd'],
    ['top', 'c'],
  ]) {
    for (const life of [[], ['--rm']]) {
      await lichen.ok('run', '-d', ...life, '--name', 'c', ...SHORT)
      await atOnce(lichen, verb, verb, ['stop', 'c'])
      await lichen('unpause', 'c') // who was faster than its end
      await lichen.ok('rm', '-af', '-t', '0')
      expect(readdirSync(join(lichen.root, 'names')), verb.join(' ')).toEqual([])
    }
  }
  await expectWhole(lichen, 'ends')
})

lichenTest('a start waits for whoever has the files of the container in hand', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'c', 'box', 'sleep', '1000')
  const source = join(lichen.directory, 'root/images')
  const copies = [
    ['cp', source, 'c:/'],
    ['cp', 'c:/etc', '-'],
    ['export', 'c'],
    ['commit', 'c'],
  ]
  await allAtOnce(lichen, ...copies, ...times(3, 'start', 'c'), ...copies)
  expect(await lichen.ok('exec', 'c', 'cat', '/images/oci-layout')).toContain('imageLayoutVersion')
  await expectWhole(lichen, 'copies')
})

lichenTest('volumes and secrets that many make, use and remove at once are whole or gone', async ({ lichen }) => {
  const secret = ['secret', 'create', '--replace', 's', join(lichen.directory, 'root/images/oci-layout')]
  await lichen.ok(...secret)
  for (let round = 0; round < 4; round++) {
    const use = ['run', '--rm', '--secret', 's', '-v', 'v:/v', '-v', '/own', 'box', 'touch', '/v/x', '/own/x']
    await atOnce(
      lichen,
      ...[...times(2, ...use), ['volume', 'create', 'v'], ...times(2, 'volume', 'rm', 'v')],
      ...[['volume', 'prune', '--all', '-f'], secret, ['secret', 'rm', 's'], ['ps', '-a'], ['volume', 'ls']],
    )
    await lichen.ok(...secret)
    await lichen.ok(...use)
    await lichen.ok('volume', 'prune', '--all', '-f')
    expect(readdirSync(join(lichen.root, 'volumes')), `round ${round}`).toEqual([])
  }
  await expectWhole(lichen, 'volumes')
})

lichenTest('containers that need each other are removed in order by many at once', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'a', 'box', 'sleep', '1000')
  await lichen.ok('create', '--name', 'b', '--requires', 'a', 'box', 'sleep', '1000')
  await allAtOnce(lichen, ...times(3, 'start', 'b'), ...times(2, 'start', 'a'))
  expect(await lichen.ok('ps', '--format', '{{.Names}}')).toBe('b\na')
  const later = ['create', '--name', 'c', '--requires', 'a', 'box', 'true']
  await atOnce(lichen, ['rm', '-f', '-t', '0', '--depend', 'a'], ['rm', '-f', '-t', '0', 'b'], later)
  await lichen('rm', '-f', '-t', '0', '--depend', 'a')
  await lichen('rm', '-f', 'c')
  expect(await lichen.ok('ps', '-aq')).toBe('')
  await expectWhole(lichen, 'dependencies')
})
