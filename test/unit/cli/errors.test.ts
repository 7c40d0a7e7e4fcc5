import { expect, test } from 'vitest'
import { errorExitCode, errorText } from '../../../src/cli/error-text.js'
import { CommandError, HostError, NotFoundError, UsageError } from '../../../src/model/errors.js'

const QUIET = { debug: false, command: 'run' }

test('errorText points to the help of the command after a usage error', () => {
  expect(errorText(new UsageError('unknown flag: --x'), QUIET)).toBe(
    "Error: unknown flag: --x\nSee 'lichen run --help'\n",
  )
  expect(errorText(new UsageError('unknown flag: --x'), { debug: false })).toBe(
    "Error: unknown flag: --x\nSee 'lichen --help'\n",
  )
})

test('errorText gives the hint instead when there is one', () => {
  expect(errorText(new UsageError('a: b', { hint: 'do c' }), QUIET)).toBe('Error: a: b\nHint: do c\n')
})

test('errorText is one line when nothing more is known', () => {
  expect(errorText(new HostError('open file: /x: no space left'), QUIET)).toBe('Error: open file: /x: no space left\n')
})

test('errorText says of any other error that it is a bug', () => {
  expect(errorText(new TypeError('x is not a function'), QUIET)).toMatch(
    /^Error: internal error: x is not a function\nHint: .*LICHEN_DEBUG=1.*\n$/,
  )
  expect(errorText('thrown text', QUIET)).toMatch(/^Error: internal error: thrown text\n/)
})

test('errorText shows the stack and every cause when debugging', () => {
  const text = errorText(new HostError('outer', { cause: new Error('inner') }), { debug: true })
  expect(text).toMatch(/^Error: outer\nHostError: outer\n {4}at .*\ncaused by: Error: inner\n {4}at /s)
})

test('errorExitCode is the error’s own, 125 for bugs', () => {
  expect(errorExitCode(new NotFoundError('x'))).toBe(125)
  expect(errorExitCode(new CommandError('x', { exitCode: 127 }))).toBe(127)
  expect(errorExitCode(new Error('x'))).toBe(125)
})
