// The manual: a page for every command, with everything the command declares, and lichen(1), which names them all.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ShownFlag } from '../../../src/cli/help.js'
import { commandTable } from '../../../src/commands/command-table.gen.js'
import { repository } from '../../support/facts.js'

const directory = join(repository, 'dist/man/man1')
/** As a reader sees it: without what roff is told. */
const page = (name: string): string =>
  readFileSync(join(directory, `${name}.1`), 'utf8')
    .replaceAll(/\\f[BIR]|\\&/g, '')
    .replaceAll('\\-', '-')
    .replaceAll('\\e', '\\')

test('every command has its page, and lichen(1) names it', () => {
  const names = commandTable.commands.map(({ names: [name = ''] }) => `lichen-${name.replaceAll(' ', '-')}`)
  // images, not image-ls: the page has the command's own name
  expect(readdirSync(directory).sort()).toEqual(['lichen', ...names].map((name) => `${name}.1`).sort())
  const all = page('lichen')
  expect(names.filter((name) => !all.includes(`.BR ${name} (1)`))).toEqual([])
})

test.for(commandTable.commands)(
  'the page of $names.0 has its summary, its other names and every option',
  async (entry) => {
    const [name = '', ...others] = entry.names
    const text = page(`lichen-${name.replaceAll(' ', '-')}`)
    const flags = Object.entries((await entry.load()).flags as Readonly<Record<string, ShownFlag>>)
    const shown = flags.filter(([, { hidden }]) => hidden !== true)
    const wanted = [
      `lichen-${name.replaceAll(' ', '-')} - ${entry.summary}`,
      ...others.map((other) => `lichen ${other}`),
      ...shown.flatMap(([flag, { char, description = '' }]) => [
        `\n${char === undefined ? '' : `-${char}, `}--${flag}`,
        description,
      ]),
    ]
    expect(wanted.filter((words) => !text.includes(words))).toEqual([])
  },
)
