import { describe, expect, test } from 'vitest'
import { type FlagDefinitions, parseBool, parseWords, splitCommas } from '../../../src/cli/flag-values.js'
import { asInt, asText, asUint, list, toggle, value } from '../../../src/cli/flags.js'
import { withGlobalFlags } from '../../../src/cli/global-flags.js'

const FLAGS = withGlobalFlags({
  all: toggle('', { char: 'a' }),
  cap: list('', asText, { commas: true }),
  env: list('', asText, { char: 'e' }),
  file: list('', asText, { emptyIsUnsaid: true }),
  format: value('', asText),
  network: value('', asUint, { default: 7, emptyIsUnsaid: true }),
  number: value('', asInt),
  proxy: toggle('', { default: true }),
  quiet: toggle('', { char: 'q', exclusive: ['format'] }),
  sort: value('', asText, { default: 'name', choices: ['name', 'size'] }),
  time: value('', asUint, { char: 't' }),
} as unknown as FlagDefinitions)

const parse = async (...words: string[]) => (await parseWords(words, FLAGS, true)).flags

test('parseWords gives defaults to what was not said', async () => {
  expect(await parse()).toEqual({
    ...{
      all: false,
      cap: [],
      env: [],
      file: [],
      network: 7,
      help: false,
      'log-level': 'warn',
      proxy: true,
      quiet: false,
      sort: 'name',
    },
  })
})

test('parseWords takes the last of a repeated single flag and all of a repeatable one', async () => {
  expect(await parse('--format', 'a', '--format=b', '-e', 'A=1,2', '-eB')).toMatchObject({
    format: 'b',
    env: ['A=1,2', 'B'],
  })
})

test('parseWords splits comma lists of strings flags only', async () => {
  expect(await parse('--cap', 'a,b', '--cap', '"c,d",e')).toMatchObject({ cap: ['a', 'b', 'c,d', 'e'] })
})

test('parseWords takes an empty value for none where scripts type one with an empty variable', async () => {
  expect(await parse('--network', '', '--file=', '--file', 'a')).toMatchObject({ network: 7, file: ['a'] })
  expect(await parse('--network', '1', '--network=')).toMatchObject({ network: 7 })
  await expect(parse('--time', '')).rejects.toThrow('invalid syntax')
})

test('parseWords keeps a false that was said over a true default', async () => {
  expect(await parse('--proxy=false')).toMatchObject({ proxy: false })
})

test('parseWords does not share a default list between commands', async () => {
  const first = await parse()
  const second = await parse('--cap', 'x')
  expect(first.cap).toEqual([])
  expect(second.cap).toEqual(['x'])
  expect((await parse()).cap).toEqual([])
})

describe('parseWords says what is wrong', () => {
  test.each([
    [
      ['--all=maybe'],
      'invalid argument "maybe" for "-a, --all" flag: strconv.ParseBool: parsing "maybe": invalid syntax',
    ],
    [['-t', '-1'], 'invalid argument "-1" for "-t, --time" flag: strconv.ParseUint: parsing "-1": invalid syntax'],
    [
      ['--number', '1.5'],
      'invalid argument "1.5" for "--number" flag: strconv.ParseInt: parsing "1.5": invalid syntax',
    ],
    [['--sort', 'age'], 'invalid argument "age" for "--sort" flag: must be one of name, size'],
    [['-q', '--format', 'x'], '--quiet and --format cannot be used together'],
    [
      ['--log-level', 'loud'],
      'invalid argument "loud" for "--log-level" flag: must be one of debug, info, warn, error',
    ],
    [
      ['--storage-driver', 'vfs'],
      'invalid argument "vfs" for "--storage-driver" flag: must be one of overlay, fuse-overlayfs, copy',
    ],
  ])('%j', async (words, message) => {
    await expect(parse(...words)).rejects.toThrow(message)
  })
})

test('withGlobalFlags leaves -h to a command that has its own', () => {
  expect(withGlobalFlags({}).help).toMatchObject({ char: 'h' })
  const own = { hostname: value('', asText, { char: 'h' }) } as unknown as FlagDefinitions
  expect(withGlobalFlags(own).help?.char).toBeUndefined()
})

test.each([
  ['warning', 'warn'],
  ['trace', 'debug'],
  ['INFO', 'info'],
  ['fatal', 'error'],
])('--log-level %s means %s', async (input, level) => {
  expect(await parse('--log-level', input)).toMatchObject({ 'log-level': level })
})

test('parseBool takes the spellings of Go and no others', () => {
  for (const input of ['1', 't', 'T', 'true', 'TRUE', 'True']) expect(parseBool(input)).toBe(true)
  for (const input of ['0', 'f', 'F', 'false', 'FALSE', 'False']) expect(parseBool(input)).toBe(false)
  for (const input of ['', 'yes', 'tRUE', '2']) expect(() => parseBool(input)).toThrow('strconv.ParseBool')
})

test.each([
  ['', []],
  ['a', ['a']],
  ['a,b', ['a', 'b']],
  ['a,,b', ['a', '', 'b']],
  ['a,', ['a', '']],
  ['"a,b",c', ['a,b', 'c']],
  ['"say ""hi"""', ['say "hi"']],
])('splitCommas reads %s as a CSV record', (input, parts) => {
  expect(splitCommas(input)).toEqual(parts)
})
