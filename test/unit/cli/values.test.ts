// The grammars of flags' values: what is understood, and that the rest is refused in words that name what is supported.

import { describe, expect, test } from 'vitest'
import { mergeChanges, parseChange } from '../../../src/cli/values/change.js'
import { parseDetachKeys } from '../../../src/cli/values/detach-keys.js'
import { parseDurationMs, parseInterval } from '../../../src/cli/values/duration.js'
import { parseEntrypoint } from '../../../src/cli/values/entrypoint.js'
import { parseEnv, parseLabel } from '../../../src/cli/values/env.js'
import { filterParser } from '../../../src/cli/values/filter.js'
import {
  parseCapability,
  parseContainerName,
  parseHostname,
  parseSignalName,
  parseUser,
} from '../../../src/cli/values/names.js'
import { mergeSecurityOptions, parseSecurityOption } from '../../../src/cli/values/security-opt.js'
import { parseTime, parseUntil } from '../../../src/cli/values/time.js'
import { parseUlimit } from '../../../src/cli/values/ulimit.js'
import { UsageError } from '../../../src/model/errors.js'
import { passes } from '../../../src/model/filter.js'

describe('parseUlimit', () => {
  test.each([
    ['nofile=1024:2048', { name: 'nofile', soft: 1024, hard: 2048 }],
    ['nofile=1024', { name: 'nofile', soft: 1024, hard: 1024 }],
    ['core=-1', { name: 'core', soft: -1, hard: -1 }],
    ['core=0:-1', { name: 'core', soft: 0, hard: -1 }],
    ['memlock=unlimited', { name: 'memlock', soft: -1, hard: -1 }],
    ['host', undefined],
    ['RLIMIT_NPROC=5', { name: 'nproc', soft: 5, hard: 5 }],
  ])('%s', (input, limit) => {
    expect(parseUlimit(input)).toEqual(limit)
  })
  test.each([
    ['nofile', 'invalid ulimit argument: nofile'],
    ['files=1', 'invalid ulimit type: files; known are as, core'],
    ['nofile=2:1', 'ulimit soft limit must be less than or equal to hard limit: 2 > 1'],
    ['nofile=-1:5', 'hard limit: soft: -1 (unlimited), hard: 5'],
    ['nofile=1:2:3', 'too many limit value arguments - 1:2:3'],
    ['nofile=many', 'strconv.ParseInt: parsing "many": invalid syntax'],
  ])('%s is refused', (input, message) => {
    expect(() => parseUlimit(input)).toThrow(message)
  })
})

describe('parseEnv and parseLabel', () => {
  test.each([
    ['A=1', { kind: 'set', name: 'A', value: '1' }],
    ['A=', { kind: 'set', name: 'A', value: '' }],
    ['A=b=c', { kind: 'set', name: 'A', value: 'b=c' }],
    ['A', { kind: 'host', name: 'A' }],
    ['LC_*', { kind: 'host-prefix', prefix: 'LC_' }],
    ['*', { kind: 'host-prefix', prefix: '' }],
    ['A*=x', { kind: 'set', name: 'A*', value: 'x' }],
  ])('%s', (input, request) => {
    expect(parseEnv(input)).toEqual(request)
  })
  test('an empty name is refused', () => {
    for (const input of ['', '=x']) expect(() => parseEnv(input)).toThrow(`invalid environment variable: "${input}"`)
    expect(() => parseLabel('=x')).toThrow('invalid label format: "=x"')
  })
  test('a label without = is empty', () => {
    expect(parseLabel('a')).toEqual(['a', ''])
    expect(parseLabel('a=b=c')).toEqual(['a', 'b=c'])
  })
})

describe('parseSecurityOption', () => {
  test.each([
    ['seccomp=unconfined', { seccomp: 'unconfined' }],
    ['seccomp:/p.json', { seccomp: '/p.json' }],
    ['no-new-privileges', { noNewPrivileges: true }],
    ['no-new-privileges=false', { noNewPrivileges: false }],
    ['no-new-privileges:true', { noNewPrivileges: true }],
    ['mask=/proc/a:/proc/b', { mask: ['/proc/a', '/proc/b'] }],
    ['unmask=all', { unmask: ['ALL'] }],
    ['unmask=/proc/*', { unmask: ['/proc/*'] }],
    ['label=disable', { label: ['disable'] }],
    ['label:type:spc_t', { label: ['type:spc_t'] }],
    ['apparmor=unconfined', { apparmor: 'unconfined' }],
    ['apparmor:mine', { apparmor: 'mine' }],
    ['proc-opts=hidepid=2,subset=pid', { procOptions: ['hidepid=2', 'subset=pid'] }],
    ['systempaths=unconfined', { unmask: ['ALL'] }],
  ])('%s', (input, request) => {
    expect(parseSecurityOption(input)).toEqual(request)
  })
  test.each([
    ['label=foo', 'the forms are disable'],
    ['label=type:', 'the forms are disable'],
    ['apparmor', 'apparmor needs a value'],
    ['proc-opts=exec', 'the kernel knows hidepid='],
    ['systempaths=all', 'can only be unconfined'],
    ['seccomp', 'seccomp needs a value'],
    ['bogus', 'unknown security option: supported are seccomp='],
    ['no-new-privileges=1', 'true or false'],
    ['mask=proc', 'absolute path'],
  ])('%s is refused', (input, message) => {
    expect(() => parseSecurityOption(input)).toThrow(message)
  })
  test('mergeSecurityOptions: the last word wins, paths add up', () => {
    expect(
      mergeSecurityOptions([
        { seccomp: 'a' },
        { mask: ['/x'] },
        { seccomp: 'b' },
        { mask: ['/y'] },
        { noNewPrivileges: true },
      ]),
    ).toEqual({ seccomp: 'b', mask: ['/x', '/y'], noNewPrivileges: true })
  })
})

describe('names', () => {
  test('container names are those of docker and podman', () => {
    for (const name of ['a', 'web-1', 'A.b_c']) expect(parseContainerName(name)).toBe(name)
    for (const name of ['', '-a', 'a/b', 'a b', '../x', 'ä']) expect(() => parseContainerName(name)).toThrow(UsageError)
  })
  test('users are [USER][:GROUP]', () => {
    for (const user of ['root', '1000', '1000:1000', 'www-data:www', ':1', 'a:', '']) expect(parseUser(user)).toBe(user)
    for (const user of ['a:b:c', 'a b', 'a:b ']) expect(() => parseUser(user)).toThrow(UsageError)
  })
  test('host names are RFC 1123, with underscores', () => {
    for (const name of ['a', 'a_b', 'web-1.example.org']) expect(parseHostname(name)).toBe(name)
    for (const name of ['', '-a', 'a-', 'a..b', 'a/b', 'x'.repeat(65)])
      expect(() => parseHostname(name)).toThrow(UsageError)
  })
  test('capabilities in any spelling', () => {
    expect(['net_admin', 'CAP_SYS_TIME', 'all'].map(parseCapability)).toEqual(['CAP_NET_ADMIN', 'CAP_SYS_TIME', 'ALL'])
    expect(() => parseCapability('NET_ADMN')).toThrow('"CAP_NET_ADMN": unknown capability')
  })
  test('signals in any spelling', () => {
    expect(['term', 'SIGKILL', '1', 'RTMIN+3'].map(parseSignalName)).toEqual(['SIGTERM', 'SIGKILL', 'SIGHUP', '37'])
    expect(() => parseSignalName('NOPE')).toThrow('invalid signal: NOPE')
  })
})

test.each([
  ['', []],
  ['/bin/sh', ['/bin/sh']],
  ['["a","b c"]', ['a', 'b c']],
  ['[]', []],
  ['[ is a program', ['[ is a program']],
  ['[1]', ['[1]']],
])('parseEntrypoint reads %s', (input, words) => {
  expect(parseEntrypoint(input)).toEqual(words)
})

test.each([
  ['ctrl-p,ctrl-q', [16, 17]],
  ['', []],
  ['a', [97]],
  ['ctrl-@,ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_', [0, 27, 28, 29, 30, 31]],
  ['CTRL-A', [1]],
])('parseDetachKeys reads %s', (input, bytes) => {
  expect(parseDetachKeys(input)).toEqual(bytes)
})
test.each(['ctrl-', 'ctrl-1', 'ab', 'ctrl-p,', 'é'])('parseDetachKeys refuses %s', (input) => {
  expect(() => parseDetachKeys(input)).toThrow('is no key')
})

describe('times', () => {
  test.each([
    ['1h', 3_600_000],
    ['1.5h', 5_400_000],
    ['2h45m', 9_900_000],
    ['300ms', 300],
    ['-1.5s', -1500],
    ['.5s', 500],
    ['0', 0],
    ['1h2', undefined],
    ['1', undefined],
    ['h', undefined],
    ['', undefined],
    ['1 h', undefined],
  ])('parseDurationMs(%s)', (input, ms) => {
    expect(parseDurationMs(input)).toBe(ms)
  })
  test('parseInterval takes bare milliseconds, too', () => {
    expect([parseInterval('250'), parseInterval('1s')]).toEqual([250, 1000])
    for (const input of ['soon', '-1s']) expect(() => parseInterval(input)).toThrow(UsageError)
  })
  const now = Date.parse('2026-01-31T12:00:00Z')
  test.each([
    ['10m', '2026-01-31T11:50:00Z'],
    ['2026-01-31T11:00:00Z', '2026-01-31T11:00:00Z'],
    ['2026-01-31T11:00:00.5Z', '2026-01-31T11:00:00.5Z'],
    ['2026-01-31T11:00:00+02:00', '2026-01-31T09:00:00Z'],
    ['0', '1970-01-01T00:00:00Z'],
    ['1769860800', '2026-01-31T12:00:00Z'],
    ['1769860800.25', '2026-01-31T12:00:00.25Z'],
  ])('parseTime(%s)', (input, time) => {
    expect(parseTime(input, now)).toBe(Date.parse(time))
  })
  test('a time without a zone is local', () => {
    expect(parseTime('2026-01-31T11:00:00', now)).toBe(new Date(2026, 0, 31, 11).getTime())
    expect(parseTime('2026-01-31', now)).toBe(new Date(2026, 0, 31).getTime())
  })
  test.each([
    ['10m', 600_000],
    ['-10m', -600_000],
  ])('parseUntil(%s) counts from now on', (input, distanceMs) => {
    expect(parseUntil(input, now)).toBe(now + distanceMs)
    expect(parseUntil('1700000000', now)).toBe(1_700_000_000_000)
  })
  test.each(['yesterday', '2026-13-01', '2026-02-30', '2026-01-31T25:00:00Z', ''])('parseTime refuses %s', (input) => {
    expect(() => parseTime(input, now)).toThrow('unable to interpret time value')
  })
})

describe('filters', () => {
  const parse = filterParser(['name', 'label'], { canNegate: true })
  test('filterParser splits at the first = and knows !=', () => {
    expect(parse('label=a=b')).toEqual({ key: 'label', value: 'a=b', negated: false })
    expect(parse('label!=a')).toEqual({ key: 'label', value: 'a', negated: true })
  })
  test.each(['x', '=x', 'nme=x'])('filterParser refuses %s and names the keys', (input) => {
    expect(() => parse(input)).toThrow('name, label')
  })
  test('passes: any value of a key, every key, no negated value', () => {
    const facts = new Set(['name=a', 'label=x'])
    const has = (...filters: string[]) => passes(filters.map(parse), (key, value) => facts.has(`${key}=${value}`))
    expect(has()).toBe(true)
    expect(has('name=a', 'name=b')).toBe(true)
    expect(has('name=b', 'name=c')).toBe(false)
    expect(has('name=a', 'label=x')).toBe(true)
    expect(has('name=a', 'label=y')).toBe(false)
    expect(has('name=a', 'label!=x')).toBe(false)
    expect(has('label!=y', 'label!=z')).toBe(true)
  })
})

describe('parseChange', () => {
  test.each([
    ['CMD /bin/bash', { Cmd: ['/bin/sh', '-c', '/bin/bash'] }],
    ['CMD=["a","b"]', { Cmd: ['a', 'b'] }],
    ['cmd ["a"]', { Cmd: ['a'] }],
    ['ENTRYPOINT ["/x"]', { Entrypoint: ['/x'] }],
    ['ENV A=1 B="two words" C=a\\ b', { Env: ['A=1', 'B=two words', 'C=a b'] }],
    ['ENV A the rest', { Env: ['A=the rest'] }],
    ['ENV=A=1', { Env: ['A=1'] }],
    ["LABEL a=b c='d e'", { Labels: { a: 'b', c: 'd e' } }],
    ['EXPOSE 80 53/udp', { ExposedPorts: { '80/tcp': {}, '53/udp': {} } }],
    ['USER nobody', { User: 'nobody' }],
    ['WORKDIR /srv', { WorkingDir: '/srv' }],
    ['VOLUME ["/a","/b"]', { Volumes: { '/a': {}, '/b': {} } }],
    ['STOPSIGNAL SIGINT', { StopSignal: 'SIGINT' }],
  ])('%s', (input, config) => {
    expect(parseChange(input)).toEqual(config)
  })
  test.each([
    ['RUN ls', 'unknown instruction "RUN": supported are CMD'],
    ['CMD', 'CMD needs a value'],
    ['LABEL a=b c', 'the form is NAME=VALUE'],
    ['ENV a="b', 'the form is NAME=VALUE'],
    ['EXPOSE http', '"http" is no port'],
    ['EXPOSE 99999', '"99999" is no port'],
  ])('%s is refused', (input, message) => {
    expect(() => parseChange(input)).toThrow(message)
  })
  test('mergeChanges adds lists and maps up, later words win', () => {
    expect(mergeChanges(['ENV A=1', 'ENV B=2', 'USER a', 'USER b', 'LABEL x=1', 'LABEL y=2'].map(parseChange))).toEqual(
      {
        Env: ['A=1', 'B=2'],
        User: 'b',
        Labels: { x: '1', y: '2' },
      },
    )
  })
})
