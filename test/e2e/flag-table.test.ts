// FLAGS.md is true: no flag of podman or docker is missing in it, what it calls tested is tested, and what is not supported is refused by a
// real command line. Nothing is ever accepted and ignored.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base, describe, expect } from 'vitest'
import { globalFlags } from '../../src/cli/global-flags.js'
import { commandTable } from '../../src/commands/command-table.gen.js'
import peerFlags from '../fixtures/peer-flags.json' with { type: 'json' }
import { findProgram, isLichen, repository } from '../support/facts.js'
import { type Evidence, findEvidence, type KnownCommand } from '../support/flag-evidence.js'
import { type FlagRow, readFlagTable } from '../support/flag-table.js'
import { openLichen } from '../support/lichen.js'
import { runProcess } from '../support/process.js'

/** About lichen's own words: with podman as the subject there is nothing to be proven. */
const test = base.skipIf(!isLichen)
const { rows, reasons } = readFlagTable()
const peers: Readonly<Record<string, string>> = peerFlags
const AT_ONCE = 4

const said = ({ both, lichenOnly, refused }: FlagRow): readonly string[] => [
  ...both,
  ...lichenOnly,
  ...Object.keys(refused),
]
const rowOf = (command: string): FlagRow => rows.find((row) => row.command === command) as FlagRow
/** What `run` shares with `create` stands in the row of `create`. */
const shared = (command: string): readonly string[] => (command === 'run' ? said(rowOf('create')) : [])

async function knownCommands(): Promise<ReadonlyMap<string, KnownCommand>> {
  const known = new Map<string, KnownCommand>()
  for (const { names, hiddenNames, load } of commandTable.commands) {
    const { flags, interspersed } = await load()
    const command = { names: [...names, ...hiddenNames], flags: { ...globalFlags, ...flags } as never, interspersed }
    for (const name of command.names) known.set(name, command)
  }
  return known
}

test('every command of podman has its row, and no row names another', async () => {
  expect(rows.map(({ command }) => command)).toEqual(Object.keys(peers))
  const known = await knownCommands()
  expect(Object.keys(peers).filter((name) => !known.has(name))).toEqual([])
})

test('a flag stands in its row once, with a reason that the legend explains', () => {
  for (const row of rows) expect([row.command, said(row)]).toEqual([row.command, [...new Set(said(row))]])
  const used = new Set(rows.flatMap(({ refused }) => Object.values(refused)))
  expect([...used].sort()).toEqual(Object.keys(reasons).sort())
})

test.for(rows)('the row of $command has every flag of podman and docker', ({ command }) => {
  const row = [...said(rowOf(command)), ...shared(command)]
  expect((peers[command] ?? '').split(' ').filter((flag) => flag !== '' && !row.includes(flag))).toEqual([])
})

describe.skipIf(findProgram('podman') === undefined)('podman on this machine takes no other flag:', () => {
  test.for(rows)('$command', async ({ command }) => {
    const { stdout } = await runProcess(['podman', ...command.split(' '), '--help'])
    const shown = [...stdout.matchAll(/^ +(?:-[a-zA-Z], )?--([a-z0-9-]+)/gm)].map(([, flag = '']) => flag)
    const row = [...said(rowOf(command)), ...shared(command), 'help']
    expect(shown.filter((flag) => !row.includes(flag))).toEqual([])
  })
})

test('the first two columns are what the commands declare', async () => {
  const known = await knownCommands()
  for (const row of rows) {
    const flags = (known.get(row.command) as KnownCommand).flags
    const isShown = (name: string): boolean => !(flags[name] as { hidden?: boolean }).hidden && !(name in globalFlags)
    const names = Object.keys(flags).flatMap((name) => [name, ...(flags[name]?.aliases ?? [])])
    const supported = [...row.both, ...row.lichenOnly]
    expect([row.command, supported.filter((flag) => !names.includes(flag))]).toEqual([row.command, []])
    const missing = Object.keys(flags).filter((name) => isShown(name) && !supported.includes(name))
    expect([row.command, missing.filter((name) => !shared(row.command).includes(name))]).toEqual([row.command, []])
  }
})

test('what is called tested is typed by a test', async () => {
  const known = await knownCommands()
  const directory = join(repository, 'test/e2e')
  const files = readdirSync(directory).filter((name) => name.endsWith('.test.ts'))
  const sources = files.map((name) => readFileSync(join(directory, name), 'utf8'))
  const evidence = findEvidence(sources, [...new Set(known.values())])
  const untested = rows.flatMap((row) => findUntested(row, known.get(row.command) as KnownCommand, evidence))
  expect(untested).toEqual([])
})

/** `COMMAND --FLAG` of every flag in a column that no test bears out. */
function findUntested({ command, both, lichenOnly }: FlagRow, known: KnownCommand, evidence: Evidence): string[] {
  const names = ['run', 'create'].includes(command) ? ['run', 'create'] : [known.names[0]]
  const realName = (flag: string): string =>
    Object.keys(known.flags).find((name) => known.flags[name]?.aliases?.includes(flag)) ?? flag
  const isIn = (found: ReadonlySet<string>, flag: string): boolean =>
    names.some((name) => found.has(`${name} --${realName(flag)}`))
  return [
    ...both.filter((flag) => !isIn(evidence.both, flag)).map((flag) => `${command} --${flag}: against both`),
    ...lichenOnly.filter((flag) => !isIn(evidence.any, flag)).map((flag) => `${command} --${flag}`),
  ]
}

test('what is not supported ends with 125 and one line that names it, and makes nothing', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'lichen-flags-'))
  const lichen = openLichen(directory)
  const waiting = rows.flatMap(({ command, refused }) =>
    Object.entries(refused).map(([flag, reason]) => ({ command, flag, error: reasons[reason] })),
  )
  const work = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { command, flag, error } = next
      const { code, stdout, stderr } = await lichen(...command.split(' '), `--${flag}=x`, 'box', 'true')
      const expected =
        error === 'unknown flag'
          ? `Error: unknown flag: --${flag}\n`
          : new RegExp(`^Error: invalid argument "x" for "(-., )?--${flag}" flag: not supported: .+\n`)
      expect([command, flag, code, stdout, stderr]).toEqual([command, flag, 125, '', expect.stringMatching(expected)])
    }
  }
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    expect(readdirSync(directory)).toEqual([])
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})
