// Every flag of every command that takes a number, a size, a duration or a choice refuses what is none, by the kind its help shows. A flag that
// is declared tomorrow is tested here without another line.

import { describe, expect, test } from 'vitest'
import { type FlagDefinition, parseWords } from '../../../src/cli/flag-values.js'
import type { ShownFlag } from '../../../src/cli/help.js'
import { commandTable } from '../../../src/commands/command-table.gen.js'
import { UsageError } from '../../../src/model/errors.js'

const TOO_MUCH = '99999999999999999999'
/** What help calls the value → what is none. `-1`, and sometimes more, is a number of `int` with a meaning of its own. */
const NONSENSE: Readonly<Record<string, readonly string[]>> = {
  uint: ['', 'x', '-1', '1.5', '1e3', '0x10', ' 1', '1 ', TOO_MUCH],
  int: ['', 'x', '1.5', '1e3', '--1', ' 1', TOO_MUCH],
  float: ['', 'x', '1,5', '--1', '1.5.5'],
  // the empty size is podman's way of not saying one
  size: ['x', '1x', '1..5m', 'm', '-5m'],
  duration: ['', 'x', '5 s', 's', '--1s', '1d'],
  bool: ['', 'x', 'yes', '2'],
}

interface Case {
  readonly title: string
  readonly name: string
  readonly flag: FlagDefinition
  readonly nonsense: readonly string[]
}

const cases: Case[] = []
for (const { names, load } of commandTable.commands) {
  const flags = (await load()).flags as Readonly<Record<string, ShownFlag>>
  for (const [name, flag] of Object.entries(flags)) {
    const kind = flag.type === 'boolean' ? 'bool' : (flag.helpValue ?? '')
    const nonsense = flag.options === undefined ? NONSENSE[kind] : ['', 'x', ...flag.options.map((word) => `${word} `)]
    if (nonsense !== undefined) cases.push({ title: `${names[0]} --${name}`, name, flag, nonsense })
  }
}

describe('a flag refuses what is no value of its kind', () => {
  test('of which there are many', () => {
    expect(cases.length).toBeGreaterThan(200)
  })
  test.each(cases)('$title', async ({ name, flag, nonsense }) => {
    for (const input of nonsense) {
      const error = await parseWords([`--${name}=${input}`], { [name]: flag }, true).then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      expect(error, `--${name}=${input}`).toBeInstanceOf(UsageError)
      // the engine's word for a value may be longer, but the line always begins with which flag was given what
      expect((error as UsageError).message).toMatch(/^(invalid argument|strconv\.ParseBool)/)
    }
  })
})
