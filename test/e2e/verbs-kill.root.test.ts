// kill -9 of verbs that change what is on disk, at every system call that does it: afterwards nothing that there was before is lost, every
// listing works, the same verb ends what was begun, whatever there is can be used, and a repair leaves nothing behind.

import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { rootTest } from '../support/container-test.js'
import { findProgram, isLichen } from '../support/facts.js'
import { imagePath } from '../support/images.js'
import { type Lichen, openLichen } from '../support/lichen.js'
import { runProcess } from '../support/process.js'

/** What may be left: things that nothing leads to, and a rename that a repair ends. */
const HARMLESS =
  /: (left by a command that was killed|leads to container \w+, which (does not exist|is called \w+)|it was being renamed to \w+)$/

interface Verb {
  readonly argv: readonly string[]
  /** Ours among the system calls: others of the same kind come before the first that matters. */
  readonly calls: readonly string[]
  /** What `ps`, `volume ls` and `secret ls` may say after a kill; the last is how it is when the verb has been done. */
  readonly states: readonly RegExp[]
}

const CONTAINER = '--secret s --secret s,type=env,target=S -v data:/data -v /own'.split(' ')
const SHOWS = ['box', 'sh', '-c', 'cat /run/secrets/s; echo $S; touch /data/x /own/x']

const VERBS: readonly Verb[] = [
  {
    argv: ['create', '--name', 'new', ...CONTAINER, ...SHOWS],
    calls: ['rename', 'link'],
    states: [/^c data,free s,t$/, /^c,new data,free s,t$/],
  },
  {
    argv: ['rename', 'c', 'd'],
    calls: ['rename', 'link', 'unlink'],
    states: [/^c data,free s,t$/, /^d data,free s,t$/],
  },
  { argv: ['update', '--restart', 'on-failure:2', 'c'], calls: ['rename'], states: [/^c data,free s,t$/] },
  {
    argv: ['container', 'clone', '--destroy', 'c', 'd'],
    calls: ['rename', 'link', 'unlink'],
    states: [/^c data,free s,t$/, /^(c,)?d data,free s,t$/],
  },
  { argv: ['rm', '-v', 'c'], calls: ['rename', 'unlink'], states: [/^c data,free s,t$/, /^ data,free s,t$/] },
  { argv: ['volume', 'create', 'v'], calls: ['rename'], states: [/^c data,free s,t$/, /^c data,free,v s,t$/] },
  { argv: ['volume', 'rm', 'free'], calls: ['rename'], states: [/^c data,free s,t$/, /^c data s,t$/] },
  { argv: ['volume', 'prune', '-f', '--all'], calls: ['rename'], states: [/^c data,free s,t$/, /^c data s,t$/] },
  {
    argv: ['secret', 'create', '--replace', 's', '@/other'],
    calls: ['rename', 'unlink'],
    states: [/^c data,free s,t$/],
  },
  { argv: ['secret', 'rm', 't'], calls: ['unlink'], states: [/^c data,free s,t$/, /^c data,free s$/] },
]

rootTest.skipIf(!isLichen || findProgram('strace') === undefined)(
  'verbs that change the store can be killed at any system call',
  { timeout: 600_000 },
  async ({ bare }) => {
    const lichen = openLichen(join(bare.directory, 'live'))
    const saved = join(bare.directory, 'saved')
    await makeStore(lichen, saved)
    let kills = 0
    for (const verb of VERBS) {
      for (const call of verb.calls) {
        for (let nth = 1; ; nth++) {
          rmSync(lichen.directory, { recursive: true, force: true })
          execFileSync('cp', ['-a', saved, lichen.directory])
          if (!(await killAt(lichen, `inject=${call}:signal=KILL:when=${nth}`, words(lichen, verb)))) break
          kills++
          await expectMended(lichen, verb, `${verb.argv.slice(0, 3).join(' ')}: ${call} ${nth}`)
        }
      }
    }
    await lichen.ok('rm', '-af')
    expect(kills).toBeGreaterThan(30)
  },
)

async function makeStore(lichen: Lichen, saved: string): Promise<void> {
  mkdirSync(lichen.directory)
  await lichen.ok('import', imagePath('box.tar'), 'box')
  for (const value of ['old', 'other']) writeFileSync(join(lichen.directory, value), value)
  for (const name of ['s', 't']) await lichen.ok('secret', 'create', name, join(lichen.directory, 'old'))
  await lichen.ok('volume', 'create', 'free')
  await lichen.ok('create', '--name', 'c', ...CONTAINER, ...SHOWS)
  execFileSync('cp', ['-a', lichen.directory, saved])
}

const words = (lichen: Lichen, { argv }: Verb) => argv.map((word) => word.replace(/^@/, lichen.directory))

/** False: there were fewer such calls, the verb came to its end. */
async function killAt(lichen: Lichen, inject: string, argv: readonly string[]): Promise<boolean> {
  const { code, stderr } = await runProcess([
    ...['strace', '-f', '-qqq', '--seccomp-bpf', '-o', '/dev/null', '-e', inject],
    ...[...lichen.argv, ...argv],
  ])
  expect([argv, code, stderr]).toEqual([argv, code === 137 ? 137 : 0, expect.any(String)])
  return code !== 0
}

async function expectMended(lichen: Lichen, verb: Verb, when: string): Promise<void> {
  const problems = (await lichen('system', 'check')).stdout.trim().split('\n').slice(0, -1)
  expect({ when, problems: problems.filter((line) => !HARMLESS.test(line)) }).toEqual({ when, problems: [] })
  const told = await tell(lichen)
  expect({ when, told, isOne: verb.states.some((state) => state.test(told)) }).toEqual({ when, told, isOne: true })
  const { code, stderr } = await lichen(...words(lichen, verb))
  if (code !== 0)
    expect({ when, stderr }).toEqual({ when, stderr: expect.stringMatching(/already|no (such|container)/) })
  const settled = await tell(lichen)
  expect(settled, when).toMatch(verb.states.at(-1) ?? /^$/)
  const started = /^(create|container|rename)$/.test(verb.argv[0] ?? '')
    ? (settled.split(' ')[0]?.split(',') ?? [])
    : []
  for (const name of started) expect(await lichen.ok('start', '-a', name), when).toBe('oldold')
  await lichen.ok('system', 'check', '--repair') // whose code tells whether anything is left
  expect(readdirSync(join(lichen.root, 'staging')), when).toEqual([])
}

/** The names of what there is: containers, volumes that were named, secrets. */
async function tell(lichen: Lichen): Promise<string> {
  const list = (dir: string) => readdirSync(join(lichen.root, dir)).filter((name) => !/^[0-9a-f]{64}$/.test(name))
  const containers = (await lichen.ok('ps', '-a', '--format', '{{.Names}}')).split('\n')
  return [containers, list('volumes'), list('secrets')].map((names) => names.sort().join()).join(' ')
}
