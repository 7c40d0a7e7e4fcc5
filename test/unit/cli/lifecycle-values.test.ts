// The grammars of flags about a container's life: restart policies, grace times, conditions, streams, ports, and which containers are meant.

import { describe, expect, test } from 'vitest'
import { checkTargets } from '../../../src/cli/target-flags.js'
import { parseCondition } from '../../../src/cli/values/condition.js'
import { parseContainerFilter } from '../../../src/cli/values/container-filter.js'
import { parseGrace } from '../../../src/cli/values/grace.js'
import { parseNameOrNone } from '../../../src/cli/values/names.js'
import { parsePort } from '../../../src/cli/values/port.js'
import { parseRestart } from '../../../src/cli/values/restart.js'
import { parseStream } from '../../../src/cli/values/stream.js'
import { UsageError } from '../../../src/model/errors.js'

describe('parseRestart', () => {
  test.each([
    ['no', 'no', 0],
    ['', 'no', 0],
    ['always', 'always', 0],
    ['unless-stopped', 'unless-stopped', 0],
    ['on-failure', 'on-failure', 0],
    ['on-failure:0', 'on-failure', 0],
    ['on-failure:12', 'on-failure', 12],
  ])('reads %j', (input, name, maxRetries) => {
    expect(parseRestart(input)).toEqual({ name, maxRetries })
  })
  test.each([
    ['sometimes', 'not a valid restart policy'],
    ['Always', 'not a valid restart policy'],
    ['on-failure:1:2', 'not a valid restart policy'],
    ['on-failure:', 'parsing restart policy retry count'],
    ['on-failure:x', 'parsing restart policy retry count'],
    ['on-failure:99999999999999999999', 'parsing restart policy retry count'],
    ['on-failure:-1', 'greater than 0'],
    ['always:1', 'only be specified with on-failure'],
    ['no:1', 'only be specified with on-failure'],
  ])('refuses %j', (input, message) => {
    expect(() => parseRestart(input)).toThrow(message)
    expect(() => parseRestart(input)).toThrow(UsageError)
  })
})

test('parseGrace reads seconds, and -1 for any number of them', () => {
  expect(['0', '10', '-1', '+3'].map(parseGrace)).toEqual([0, 10, -1, 3])
  for (const input of ['', 'x', '-2', '1.5', '1s', '99999999999999999999'])
    expect(() => parseGrace(input)).toThrow(UsageError)
})

test('parseCondition knows the words of podman and refuses others', () => {
  expect(parseCondition('stopped')).toBe('exited')
  expect(parseCondition('configured')).toBe('created')
  expect(parseCondition('healthy')).toBe('healthy')
  for (const input of ['', 'bogus', 'constructor', 'Running'])
    expect(() => parseCondition(input)).toThrow(`unknown container state: ${input}`)
})

test('parseStream and parsePort read what is one', () => {
  expect(parseStream('STDIN')).toBe('stdin')
  expect(() => parseStream('tty')).toThrow('invalid stream "tty" for --attach')
  expect(parsePort('80')).toEqual({ port: 80, protocol: 'tcp' })
  expect(parsePort('65535/udp')).toEqual({ port: 65535, protocol: 'udp' })
  for (const input of ['', 'x', '-1', '65536', '80/tcp/x']) expect(() => parsePort(input)).toThrow('strconv.ParseUint')
})

test('parseNameOrNone takes the empty name for none', () => {
  expect(parseNameOrNone('')).toBeUndefined()
  expect(parseNameOrNone('a.b-c_1')).toBe('a.b-c_1')
  expect(() => parseNameOrNone('-a')).toThrow('names must match')
})

test('parseContainerFilter makes times plain and refuses other keys', () => {
  expect(parseContainerFilter('until=2026-01-01T00:00:00Z').value).toBe('1767225600')
  expect(parseContainerFilter('label!=a')).toEqual({ key: 'label', value: 'a', negated: true })
  for (const input of ['colour=green', 'label', '=x', 'until=then'])
    expect(() => parseContainerFilter(input)).toThrow(UsageError)
})

describe('checkTargets', () => {
  const filter = [{ key: 'label', value: 'x', negated: false }]
  test.each([
    [['a'], {}],
    [[], { all: true }],
    [[], { all: true, filter }],
    [[], { latest: true }],
    [[], { cidfile: ['f'] }],
    [[], { filter }],
  ])('is content with %j %j', (names, flags) => {
    expect(() => checkTargets(names, flags)).not.toThrow()
  })
  test.each([
    [[], {}, 'you must provide at least one name or id'],
    [['a'], { all: true }, 'no arguments are needed with --all'],
    [['a'], { latest: true }, '--latest and containers cannot be used together'],
    [['a'], { cidfile: ['f'] }, 'no arguments are needed with --cidfile'],
    [['a'], { filter }, '--filter takes no arguments'],
    [[], { all: true, latest: true }, '--all and --latest cannot be used together'],
    [[], { all: true, cidfile: ['f'] }, '--all, --latest, and --cidfile cannot be used together'],
    [[], { latest: true, filter }, '--filter and --latest cannot be used together'],
    [[], { cidfile: ['f'], filter }, '--filter and --cidfile cannot be used together'],
  ])('refuses %j %j', (names, flags, message) => {
    expect(() => checkTargets(names, flags)).toThrow(message)
  })
})
