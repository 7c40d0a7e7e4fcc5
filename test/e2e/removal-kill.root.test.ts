// kill -9 of verbs that remove, at every system call that changes the disk: afterwards nothing that is there leads to something that is not,
// the next commands work, the same verb ends what was begun, and a repair leaves nothing behind. strace does the killing, exactly.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { rootTest } from '../support/container-test.js'
import { findProgram, isLichen } from '../support/facts.js'
import { imagePath } from '../support/images.js'
import { type Lichen, openLichen } from '../support/lichen.js'
import { runProcess } from '../support/process.js'

const SYSCALLS = ['rename', 'unlink', 'mkdir', 'rmdir', 'unlinkat', 'fsync', 'fdatasync']
/** The C program's calls to remove a tree are all alike. */
const MOST_KILLS: Readonly<Record<string, number>> = { unlinkat: 12 }
/** What may be left: things that nothing leads to. */
const HARMLESS =
  /: (left by a command that was killed|no image needs it|no image and no container needs it|leads to container \w+, which does not exist)$/

/** A store with images that share a layer, a container that keeps one of them, one that does not run, and volumes. */
async function makeTemplate(bare: Lichen): Promise<string> {
  const template = openLichen(join(bare.directory, 'template'))
  mkdirSync(template.directory)
  await template.ok('import', imagePath('box.tar'), 'box')
  await template.ok('import', '--message', 'another', imagePath('box.tar'), 'twin')
  await template.ok('load', '--input', imagePath('layered.oci.tar'))
  await template.ok('run', '--name', 'stopped', '--volume', 'data:/data', 'layered', 'true')
  return template.directory
}

/** False: there were fewer such calls, the verb came to its end. */
async function killAt(lichen: Lichen, call: string, nth: number, verb: readonly string[]): Promise<boolean> {
  const inject = `inject=${call}:signal=KILL:when=${nth}`
  const { code } = await runProcess(['strace', '-f', '-qqq', '-o', '/dev/null', '-e', inject, ...lichen.argv, ...verb])
  return code !== 0
}

async function expectHarmless(lichen: Lichen, when: string): Promise<void> {
  const { stdout } = await lichen('system', 'check')
  const problems = stdout.trim().split('\n').slice(0, -1)
  expect({ when, problems: problems.filter((line) => !HARMLESS.test(line)) }).toEqual({ when, problems: [] })
  expect({ when, result: await lichen('ps', '-aq') }).toMatchObject({ when, result: { code: 0, stderr: '' } })
}

const VERBS: readonly (readonly string[])[] = [
  ['rmi', '--force', 'layered'],
  ['system', 'prune', '--all', '--volumes', '--force'],
]

for (const verb of VERBS) {
  rootTest.skipIf(!isLichen || findProgram('strace') === undefined)(
    `${verb.slice(0, 2).join(' ')} can be killed at any system call`,
    { timeout: 600_000 },
    async ({ bare }) => {
      const template = await makeTemplate(bare)
      const lichen = openLichen(join(bare.directory, 'copy'))
      let kills = 0
      for (const call of SYSCALLS) {
        for (let nth = 1; nth <= (MOST_KILLS[call] ?? 100); nth++) {
          rmSync(lichen.directory, { recursive: true, force: true })
          execFileSync('cp', ['-a', template, lichen.directory])
          const when = `${call} ${nth}`
          if (!(await killAt(lichen, call, nth, verb))) break
          kills++
          await expectHarmless(lichen, when)
          const again = await lichen(...verb)
          expect({ when, again }).toMatchObject({ when, again: { code: expect.toBeOneOf([0, 1]) as number } })
          expect(await lichen.ok('system', 'check', '--repair'), when).toBeTruthy()
          expect(await lichen.ok('system', 'check'), when).toMatch(/^No problems found/)
          expect(existsSync(join(lichen.root, 'volumes/data')), when).toBe(verb[0] === 'rmi')
        }
      }
      expect(kills).toBeGreaterThan(20)
    },
  )
}
