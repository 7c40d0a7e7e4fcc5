import { describe, expect, test } from 'vitest'
import type { FlagDefinitions } from '../../../src/cli/flag-values.js'
import { globalFlags, helpFlag, versionFlag } from '../../../src/cli/global-flags.js'
import { type CommandEntry, type CommandTable, editDistance, route, suggest } from '../../../src/cli/router.js'

const entry = (names: string[], hiddenNames: string[] = []): CommandEntry => ({
  names,
  hiddenNames,
  summary: '',
  group: 'Containers',
  load: async () => undefined,
})
const table: CommandTable = {
  topics: { image: 'Images', container: 'Containers' },
  commands: [
    entry(['run', 'container run']),
    entry(['images', 'image ls'], ['image list']),
    entry(['logs']),
    entry(['ps', 'container ls']),
  ],
}
const rootFlags = {
  ...globalFlags,
  help: { ...helpFlag, char: 'h' },
  version: versionFlag,
} as unknown as FlagDefinitions

function go(line: string): string {
  const target = route(line === '' ? [] : line.split(' '), table, rootFlags)
  switch (target.kind) {
    case 'command':
      return `${target.entry.names[0]} [${target.name}]: ${target.words.join(' ')}`
    case 'help':
      return `help ${target.topic ?? ''}${target.asked ? '' : '!'}`
    case 'version':
      return 'version'
  }
}

describe('route', () => {
  test.each([
    ['run --rm img ls', 'run [run]: --rm img ls'],
    ['run img --version', 'run [run]: img --version'],
    ['run img --root /x', 'run [run]: img --root /x'],
    ['--root /x --log-level=debug ps -a', 'ps [ps]: --root=/x --log-level=debug -a'],
    ['--root ps ps', 'ps [ps]: --root=ps'],
    ['image ls -q', 'images [image ls]: -q'],
    ['image list', 'images [image list]: '],
    ['image --root /x ls', 'images [image ls]: --root=/x'],
    ['container run img', 'run [container run]: img'],
    ['-v', 'version'],
    ['--version', 'version'],
    ['--version=false', 'help !'],
    ['', 'help !'],
    ['--help', 'help '],
    ['-h', 'help '],
    ['help', 'help '],
    ['help run', 'run [run]: --help'],
    ['help image', 'help image'],
    ['help image ls', 'images [image ls]: --help'],
    ['image', 'help image!'],
    ['image --help', 'help image'],
    ['--help run', 'run [run]: --help=true'],
  ])('%s', (line, target) => {
    expect(go(line)).toBe(target)
  })

  test.each([
    ['runn', 'unrecognized command `lichen runn`', 'did you mean `lichen run`?'],
    ['bogus', 'unrecognized command `lichen bogus`', 'did you mean `lichen logs`?'],
    ['imag', 'unrecognized command `lichen imag`', 'did you mean `lichen images`?'],
    ['frobnicate', 'unrecognized command `lichen frobnicate`', "'lichen --help' lists the commands"],
    ['image lss', 'unrecognized command `lichen image lss`', 'did you mean `lichen image ls`?'],
    ['image frobnicate', 'unrecognized command `lichen image frobnicate`', "'lichen image --help' lists the commands"],
    ['constructor', 'unrecognized command `lichen constructor`', "'lichen --help' lists the commands"],
  ])('%s is refused with a hint', (line, message, hint) => {
    expect(() => go(line)).toThrow(expect.objectContaining({ message, hint, exitCode: 125 }))
  })

  test.each([
    ['--bogus ps', 'unknown flag: --bogus'],
    ['--root', 'flag needs an argument: --root'],
  ])('%s is refused: %s', (line, message) => {
    expect(() => go(line)).toThrow(message)
  })
})

test('editDistance counts insertions, removals and replacements', () => {
  expect(editDistance('', 'abc')).toBe(3)
  expect(editDistance('kitten', 'sitting')).toBe(3)
  expect(editDistance('ps', 'ps')).toBe(0)
})

test('suggest stays silent when nothing is near, and for a short name of which nothing is left', () => {
  expect(suggest('zzzz', ['run', 'ps'])).toBeUndefined()
  expect(suggest('xy', ['ps'])).toBeUndefined()
})
