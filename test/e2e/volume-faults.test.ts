// Volumes and secrets when several commands want the same thing at once, and when a command is killed in the middle.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { lichenTest, rootTest } from '../support/container-test.js'
import { findProgram, isLichen } from '../support/facts.js'
import type { Lichen } from '../support/lichen.js'
import { runProcess } from '../support/process.js'

lichenTest('exactly one wins when ten make a volume of one name at once', async ({ bare }) => {
  const make = () => bare('volume', 'create', 'one')
  const lost = (await Promise.all(Array.from({ length: 10 }, make))).filter(({ code }) => code !== 0)
  expect(lost).toHaveLength(9)
  for (const { code, stderr } of lost) expect(`${code} ${stderr}`).toMatch(/^125 Error: .* already exists\n/)
  expect(readdirSync(join(bare.root, 'staging'))).toEqual([])
})

lichenTest('a container that is made while its volume is removed has one', async ({ lichen }) => {
  for (let round = 0; round < 6; round++) {
    await lichen.ok('volume', 'create', 'data')
    const [made, removed] = await Promise.all([
      lichen('create', '--name', 'c', '-v', 'data:/data', 'box', 'true'),
      lichen('volume', 'rm', 'data'),
    ])
    expect(made).toMatchObject({ code: 0, stderr: '' })
    expect([0, 2], removed.stderr).toContain(removed.code)
    expect((await lichen('volume', 'exists', 'data')).code).toBe(0)
    await lichen.ok('start', '--attach', 'c')
    expect(await lichen.ok('volume', 'rm', '--force', 'data')).toBe('data')
  }
  expect(readdirSync(join(lichen.root, 'trash'))).toEqual([])
})

/** What may be left: things that nothing leads to. */
const HARMLESS = /: left by a command that was killed$/

/** False: there were fewer such calls, the command came to its end. */
async function isKilledAt(lichen: Lichen, call: string, nth: number, words: readonly string[]): Promise<boolean> {
  const inject = ['-e', `inject=${call}:signal=KILL:when=${nth}`]
  return (await runProcess(['strace', '-f', '-qqq', '-o', '/dev/null', ...inject, ...lichen.argv, ...words])).code !== 0
}

// not as a user: traced, newuidmap has no rights
rootTest.skipIf(!isLichen || findProgram('strace') === undefined)(
  'a volume or secret is whole or not there when the command that makes or removes it is killed',
  async ({ lichen }) => {
    const makes: [string, string[], string[]][] = [
      ['volume', ['create', '--driver', 'image', '--opt', 'image=box', 'one'], ['ls', '-q']],
      ['secret', ['create', 'one', '/etc/passwd'], ['ls', '--format', '{{.Name}}']],
    ]
    for (const [topic, make, list] of makes)
      for (const call of ['rename', 'link', 'mkdir', 'fsync'])
        for (let nth = 1; await isKilledAt(lichen, call, nth, [topic, ...make]); nth++) {
          const when = `${topic} ${call} ${nth}`
          const there = await lichen(topic, ...list)
          expect(`${when}: ${there.code} ${there.stderr}${there.stdout}`).toMatch(/: 0 (one\n)?$/)
          if (there.stdout !== '') await lichen.ok(topic, 'rm', 'one')
          const lines = (await lichen('system', 'check', '--quick')).stdout.trim().split('\n').slice(0, -1)
          expect({ when, left: lines.filter((line) => !HARMLESS.test(line)) }).toEqual({ when, left: [] })
          await lichen(topic, 'rm', '--all')
        }
    await lichen('volume', 'rm', '--all')
    for (const call of ['rename', 'rmdir']) {
      await lichen.ok('volume', 'create', '--ignore', 'one')
      for (let nth = 1; await isKilledAt(lichen, call, nth, ['volume', 'rm', 'one']); nth++) {
        expect(['', 'one']).toContain(await lichen.ok('volume', 'ls', '-q'))
        await lichen.ok('volume', 'create', '--ignore', 'one')
      }
    }
    await lichen.ok('volume', 'prune', '--all', '--force')
    expect(readdirSync(join(lichen.root, 'trash'))).toEqual([])
    expect(readdirSync(join(lichen.root, 'staging'))).toEqual([])
  },
  120_000,
)
