// What holds of the grammar for any words whatever: nothing but UsageError is thrown, and no argument is dropped or changed.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runFlags } from '../../../src/cli/create-flags.js'
import { type FlagDefinitions, parseWords } from '../../../src/cli/flag-values.js'
import { toCreateRequest } from '../../../src/cli/run-request.js'
import { type LichenError, UsageError } from '../../../src/model/errors.js'

const definitions = runFlags as unknown as FlagDefinitions
const names = Object.keys(definitions)
const takesValue = (name: string) => definitions[name]?.type === 'option'
const chars = names.flatMap((name) => definitions[name]?.char ?? [])

/** Pieces that values are made of: a random string hardly ever gets past the first character of a grammar. */
const piece = fc.constantFrom(
  ...[
    'a',
    '1',
    '0',
    '-1',
    '64m',
    '1.5',
    'ro',
    'Z',
    'U',
    '/',
    '/a',
    '..',
    '.',
    ':',
    ',',
    '=',
    '@',
    '*',
    '"',
    '[',
    ']',
    '{{',
    '}}',
  ],
  ...[
    'CMD',
    'none',
    'host',
    'container',
    'keep-id',
    'uid',
    'type',
    'bind',
    'src',
    'dst',
    'size',
    'unlimited',
    'rw',
    '\0',
    '%',
    '+',
    ' ',
  ],
)
const text = fc.oneof(
  fc.string(),
  fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join('')),
)
const word = fc.oneof(
  text,
  fc.constantFrom(...names).map((name) => `--${name}`),
  fc.tuple(fc.constantFrom(...names), text).map(([name, value]) => `--${name}=${value}`),
  fc.constantFrom(...chars).map((char) => `-${char}`),
  fc.tuple(fc.constantFrom(...chars), text).map(([char, value]) => `-${char}${value}`),
  fc.constant('--'),
)

test('any words are a request or a UsageError', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 8 }), async (words) => {
      try {
        const { flags, positionals } = await parseWords(words, definitions, false)
        toCreateRequest(flags as never, positionals)
      } catch (error) {
        if (!(error instanceof UsageError)) throw error
      }
    }),
    { numRuns: 3000 },
  )
})

test('any value of any flag is understood or refused in one line', async () => {
  const options = names.filter(takesValue)
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...options), text, async (name, value) => {
      const error: unknown = await parseWords([`--${name}=${value}`], definitions, false).then(
        ({ flags, positionals }) => void toCreateRequest({ ...flags } as never, positionals),
        (cause: unknown) => cause,
      )
      if (error === undefined) return
      expect(error).toBeInstanceOf(UsageError)
      expect((error as LichenError).exitCode).toBe(125)
      expect((error as Error).message.replaceAll(value, '')).not.toContain('\n')
    }),
    { numRuns: 5000 },
  )
})

test("a container's arguments arrive as they were typed, whatever they look like", async () => {
  const flag = fc.constantFrom(...names.filter((name) => !takesValue(name))).map((name) => `--${name}`)
  const argument = fc.oneof(word, fc.constantFrom('--help', '-it', '--rm', '--env', '-'))
  await fc.assert(
    fc.asyncProperty(fc.array(flag), fc.array(argument), async (before, command) => {
      const { tokens, positionals } = await parseWords([...before, 'image', ...command], definitions, false)
      expect(tokens.map((token) => `--${token.flag}`)).toEqual(before)
      expect(positionals).toEqual(['image', ...command])
    }),
    { numRuns: 1000 },
  )
})

test('every value of a repeated flag is kept, in order', async () => {
  const values = fc.array(fc.stringMatching(/^[a-z]+=[a-z ,=:]*$/), { minLength: 1 })
  await fc.assert(
    fc.asyncProperty(values, async (said) => {
      const { flags } = await parseWords(
        said.flatMap((value) => ['--label', value]),
        definitions,
        false,
      )
      expect((flags.label as [string, string][]).map(([name, value]) => `${name}=${value}`)).toEqual(said)
    }),
    { numRuns: 500 },
  )
})
