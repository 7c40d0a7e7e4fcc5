import { describe, expect, test } from 'vitest'
import { parseIdMap } from '../../../src/cli/values/id-map.js'
import { parseIpc, parseNamespace, parseNetwork, parseUserns } from '../../../src/cli/values/namespaces.js'
import {
  checkGroupAdd,
  parseEnvMerge,
  parseGroupEntry,
  parsePasswdEntry,
  parsePersonality,
  parseSeccompPolicy,
  parseSysctl,
  parseSystemd,
  parseUmask,
} from '../../../src/cli/values/process.js'
import { UsageError } from '../../../src/model/errors.js'

/** Each input of the second kind is refused with a UsageError that says so. */
function refuses(parse: (input: string) => unknown, cases: readonly (readonly [string, RegExp])[]): void {
  test.each(cases)('%s is refused', (input, reason) => {
    expect(() => parse(input)).toThrow(UsageError)
    expect(() => parse(input)).toThrow(reason)
  })
}

describe('parseNamespace', () => {
  test.each([
    ['', { mode: 'private' }],
    ['private', { mode: 'private' }],
    ['host', { mode: 'host' }],
    ['container:web', { mode: 'container', container: 'web' }],
    ['ns:/proc/1/ns/pid', { mode: 'path', path: '/proc/1/ns/pid' }],
  ])('%s', (input, request) => {
    expect(parseNamespace(input)).toEqual(request)
    expect(parseIpc(input)).toEqual(request)
  })
  refuses(parseNamespace, [
    ['foo', /^unrecognized namespace mode foo passed$/],
    ['shareable', /unrecognized namespace mode shareable/],
    ['Host', /unrecognized/],
    ['container:', /must provide name or ID/],
    ['ns:proc', /absolute path/],
    ['ns', /unrecognized/],
  ])
  test('ipc can be shareable and none, too', () => {
    expect([parseIpc('shareable'), parseIpc('none')]).toEqual([{ mode: 'shareable' }, { mode: 'none' }])
  })
})

describe('parseNetwork', () => {
  test('knows none, host and others that exist', () => {
    expect(['none', 'host', 'container:a', 'ns:/run/netns/x'].map(parseNetwork)).toEqual([
      { mode: 'none' },
      { mode: 'host' },
      { mode: 'container', container: 'a' },
      { mode: 'path', path: '/run/netns/x' },
    ])
  })
  refuses(parseNetwork, [['bridge', /supported are none, host/]])
})

describe('parseUserns', () => {
  test.each([
    ['', { mode: 'private' }],
    ['private', { mode: 'private' }],
    ['host', { mode: 'host' }],
    ['nomap', { mode: 'nomap' }],
    ['keep-id', { mode: 'keep-id' }],
    ['keep-id:uid=200,gid=0,size=300', { mode: 'keep-id', uid: 200, gid: 0, size: 300 }],
    ['auto', { mode: 'auto', uidMap: [], gidMap: [] }],
    [
      'auto:size=4096,uidmapping=0:5:1',
      {
        mode: 'auto',
        size: 4096,
        uidMap: [{ containerId: 0, parentId: 5, isHostId: false, count: 1, isFilled: false }],
        gidMap: [],
      },
    ],
    ['container:x', { mode: 'container', container: 'x' }],
    ['ns:/x', { mode: 'path', path: '/x' }],
  ])('%s', (input, request) => {
    expect(parseUserns(input)).toEqual(request)
  })
  refuses(parseUserns, [
    ['foo', /unrecognized namespace mode foo passed/],
    ['auto:bad=1', /unknown option specified: "bad"/],
    ['keep-id:size', /parsing "": invalid syntax/],
    ['keep-id:uid=-1', /invalid syntax/],
    ['keep-id:uid=4294967295', /invalid syntax/],
    ['keep-id:color=1', /unknown option specified: "color"/],
    ['auto:uidmapping=0:0:x', /UID setting is malformed/],
    ['nomap:1', /unrecognized/],
  ])
})

describe('parseIdMap', () => {
  const plain = { containerId: 0, parentId: 1, isHostId: false, count: 1, isFilled: false }
  test.each([
    ['0:1', plain],
    ['0:1:1000', { ...plain, count: 1000 }],
    ['5:@100000:2', { ...plain, containerId: 5, parentId: 100000, isHostId: true, count: 2 }],
    ['+5:1', { ...plain, containerId: 5, isFilled: true }],
    ['u0:1', { ...plain, only: 'uid' }],
    ['+g0:1', { ...plain, isFilled: true, only: 'gid' }],
    ['ug0:1', plain],
    ['0:0:4294967295', { ...plain, parentId: 0, count: 4294967295 }],
  ])('%s', (input, request) => {
    expect(parseIdMap('UID', input)).toEqual(request)
  })
  refuses(
    (input) => parseIdMap('GID', input),
    ['', 'bad', '0', '0:1:x', '0:1:0', '-1:0:1', '0:0:4294967296', '4294967295:0:1', '0:1:2:3', '0:1:1 '].map(
      (input) => [input, /initializing ID mappings: GID setting is malformed/] as const,
    ),
  )
})

describe('parseSysctl', () => {
  test.each([
    ['net.ipv4.ip_forward=1', ['net.ipv4.ip_forward', '1']],
    ['net/ipv4/ip_forward=1', ['net.ipv4.ip_forward', '1']],
    ['kernel.shm_rmid_forced=0', ['kernel.shm_rmid_forced', '0']],
    ['fs.mqueue.msg_max=', ['fs.mqueue.msg_max', '']],
    ['kernel.sem=1 2 3 4', ['kernel.sem', '1 2 3 4']],
  ])('%s', (input, sysctl) => {
    expect(parseSysctl(input)).toEqual(sysctl)
  })
  refuses(parseSysctl, [
    ['foo', /foo is invalid, sysctl values must be in the form of KEY=VALUE/],
    ['=1', /form of KEY=VALUE/],
    ['vm.swappiness=1', /sysctl 'vm.swappiness' is not allowed/],
    ['kernel.hostname=x', /not allowed/],
    ['kernel.shmallx=x', /not allowed/],
    ['net.=1', /not allowed/],
    ['net.ipv4.../../kernel/panic=1', /not allowed/],
  ])
})

describe('values of the process', () => {
  test('umask is octal', () => {
    expect(['0', '77', '0002', '7777'].map(parseUmask)).toEqual([0, 0o77, 2, 0o7777])
  })
  refuses(parseUmask, [
    ['', /invalid umask string : invalid argument/],
    ['99', /invalid umask string 99: invalid argument/],
    ['00022', /invalid/],
    ['-1', /invalid/],
  ])
  test('systemd is true, false or always, in any case', () => {
    expect(['true', 'FALSE', 'Always'].map(parseSystemd)).toEqual(['auto', 'never', 'always'])
  })
  refuses(parseSystemd, [['bad', /one of "true, false, always"/]])
  refuses(parsePersonality, [['linux', /there are LINUX and LINUX32/]])
  refuses(parseSeccompPolicy, [['bad', /invalid seccomp policy "bad": valid policies are \["default" "image"\]/]])
  test('entries of passwd and group are one line of all their fields', () => {
    expect(parsePasswdEntry('a:b:c:d:e:f:g\n')).toBe('a:b:c:d:e:f:g')
    expect(parseGroupEntry('a:b:c:d')).toBe('a:b:c:d')
  })
  refuses(parsePasswdEntry, [
    ['bad', /one line of 7 fields/],
    ['a:b:c:d:e:f:g\nroot::0:0:::', /one line/],
  ])
  refuses(parseGroupEntry, [['a:b:c', /one line of 4 fields/]])
  test('a merged variable has a name and a text, which may have more of =', () => {
    expect(parseEnvMerge('A=${A}=1')).toEqual(['A', '${A}=1'])
  })
  refuses(parseEnvMerge, [
    ['foo', /the form is NAME=TEXT/],
    ['=x', /the form is NAME=TEXT/],
  ])
  test('keep-groups stands alone', () => {
    expect(checkGroupAdd(['keep-groups'])).toEqual(['keep-groups'])
    expect(() => checkGroupAdd(['keep-groups', 'wheel'])).toThrow(
      "the '--group-add keep-groups' option is not allowed with any other --group-add options",
    )
  })
})
