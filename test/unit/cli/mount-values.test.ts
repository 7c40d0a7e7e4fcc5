// The grammars of -v, --mount, --tmpfs, --volumes-from, --device and --secret: what is understood, and podman's words for what is not.

import { describe, expect, test } from 'vitest'
import { splitCsv } from '../../../src/cli/values/csv.js'
import { parseDevice, parseDeviceRule, parseGpus } from '../../../src/cli/values/device.js'
import { parseMount } from '../../../src/cli/values/mount.js'
import { parseSecret } from '../../../src/cli/values/secret.js'
import { parseTmpfs } from '../../../src/cli/values/tmpfs.js'
import { parseVolume } from '../../../src/cli/values/volume.js'
import { parseVolumesFrom } from '../../../src/cli/values/volumes-from.js'

describe('parseVolume', () => {
  test.each([
    ['/a:/b', { kind: 'bind', hostPath: '/a', containerPath: '/b', options: [] }],
    ['./a:/b:ro,Z', { kind: 'bind', hostPath: './a', containerPath: '/b', options: ['ro', 'Z'] }],
    ['.:/src', { kind: 'bind', hostPath: '.', containerPath: '/src', options: [] }],
    ['a/b:/c', { kind: 'bind', hostPath: 'a/b', containerPath: '/c', options: [] }],
    ['data:/var/lib', { kind: 'volume', name: 'data', containerPath: '/var/lib', options: [] }],
    ['/cache', { kind: 'volume', containerPath: '/cache', options: [] }],
    ['/a:/b/../c//d/', { kind: 'bind', hostPath: '/a', containerPath: '/c/d', options: [] }],
    ['/a:/b:', { kind: 'bind', hostPath: '/a', containerPath: '/b', options: [] }],
    ['/a:/b:U,cached,rslave', { kind: 'bind', hostPath: '/a', containerPath: '/b', options: ['U', 'rslave'] }],
    ['/a:/b:idmap', { kind: 'bind', hostPath: '/a', containerPath: '/b', options: ['idmap'] }],
    [
      '/a:/b:idmap=uids=0-1-10#10-11-10;gids=0-100-10',
      { kind: 'bind', hostPath: '/a', containerPath: '/b', options: ['idmap=uids=0-1-10#10-11-10;gids=0-100-10'] },
    ],
    ['/a:/b:O', { kind: 'overlay', of: { kind: 'bind', hostPath: '/a' }, containerPath: '/b' }],
    ['v:/b:O', { kind: 'overlay', of: { kind: 'volume', name: 'v' }, containerPath: '/b' }],
    [
      '/a:/b:O,upperdir=/u,workdir=/w',
      { kind: 'overlay', of: { kind: 'bind', hostPath: '/a' }, containerPath: '/b', upper: '/u', work: '/w' },
    ],
  ])('%s', (input, volume) => {
    expect(parseVolume(input)).toEqual(volume)
  })
  test.each([
    ['a:b:c:d', 'incorrect volume format, should be [host-dir:]ctr-dir[:option]'],
    ['/a:b', 'invalid container path "b", must be an absolute path'],
    ['b', 'invalid container path "b"'],
    [':/b', 'host directory cannot be empty'],
    ['', 'container directory cannot be empty'],
    ['/a:', 'container directory cannot be empty'],
    ['/a:/', 'cannot take the place'],
    ['/a:/b/..', 'cannot take the place'],
    ['-x:/b', 'names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*'],
    ['/a:/b:readonly', 'invalid option type "readonly"'],
    ['/a:/b:ro,rw', "invalid options \"ro, rw\", can only specify 1 'rw' or 'ro' option"],
    ['/a:/b:ro,ro', 'invalid options "ro, ro"'],
    ['/a:/b:shared,rslave', "can only specify 1 '[r]shared'"],
    ['/a:/b:O,ro', "can't use 'O' with other options"],
    ['/a:/b:O,upperdir=/u', 'must specify both upperdir and workdir'],
    ['/a:/b:upperdir=/u', 'invalid option type "upperdir=/u"'],
    ['/a:/b:idmap=x', 'invalid option "idmap=x"'],
  ])('%s is refused', (input, message) => {
    expect(() => parseVolume(input)).toThrow(message)
  })
})

describe('parseMount', () => {
  test.each([
    ['type=bind,src=/a,dst=/b', { kind: 'bind', hostPath: '/a', containerPath: '/b', options: [] }],
    ['type=bind,source=/a:b,target=/b', { kind: 'bind', hostPath: '/a:b', containerPath: '/b', options: [] }],
    ['type=bind,dst=/b', { kind: 'bind', hostPath: '/b', containerPath: '/b', options: [] }],
    [
      'type=bind,src=/a,destination=/b,readonly,bind-propagation=rslave,bind-nonrecursive=true,relabel=shared,chown=true',
      { kind: 'bind', hostPath: '/a', containerPath: '/b', options: ['ro', 'rslave', 'bind', 'z', 'U'] },
    ],
    ['type=bind,src=/a,dst=/b,ro=false', { kind: 'bind', hostPath: '/a', containerPath: '/b', options: ['rw'] }],
    ['src=v,dst=/b', { kind: 'volume', name: 'v', containerPath: '/b', options: [] }],
    ['type=volume,dst=/b', { kind: 'volume', containerPath: '/b', options: [] }],
    [
      'type=volume,src=v,dst=/b,volume-nocopy,subpath=x,volume-opt=type=tmpfs,"volume-opt=o=size=1m,uid=3"',
      {
        kind: 'volume',
        name: 'v',
        containerPath: '/b',
        options: ['nocopy'],
        subpath: 'x',
        driverOptions: { type: 'tmpfs', o: 'size=1m,uid=3' },
      },
    ],
    [
      'type=tmpfs,dst=/b,tmpfs-size=1m,tmpfs-mode=700,ro,notmpcopyup',
      { kind: 'tmpfs', containerPath: '/b', options: ['size=1m', 'mode=700', 'ro', 'notmpcopyup'] },
    ],
    ['type=ramfs,dst=/b', { kind: 'ramfs', containerPath: '/b', options: [] }],
    ['type=devpts,dst=/b,uid=1,max=3', { kind: 'devpts', containerPath: '/b', options: ['uid=1', 'max=3'] }],
    ['type=image,src=i,dst=/b', { kind: 'image', image: 'i', containerPath: '/b', isWritable: false }],
    ['type=image,src=i,dst=/b,rw=true', { kind: 'image', image: 'i', containerPath: '/b', isWritable: true }],
    [
      'type=image,src=i,dst=/b,rw=false,subpath=/x',
      { kind: 'image', image: 'i', containerPath: '/b', isWritable: false, subpath: '/x' },
    ],
    ['type=glob,src=/a*,dst=/b', { kind: 'glob', pattern: '/a*', containerPath: '/b', options: [] }],
    ['type=glob,src=/a*', { kind: 'glob', pattern: '/a*', options: [] }],
    [
      'type=artifact,src=q.io/a,dst=/b,title=t,name=n',
      { kind: 'artifact', artifact: 'q.io/a', containerPath: '/b', title: 't', fileName: 'n' },
    ],
  ])('%s', (input, mount) => {
    expect(parseMount(input)).toEqual(mount)
  })
  test.each([
    ['', 'incorrect mount format'],
    ['type=bind', 'incorrect mount format'],
    ['type=bind,src=/a', 'must set volume destination'],
    ['type=bind,src=,dst=/b', 'src: must provide an argument for option'],
    ['type=bind,src=/a,dst=b', 'invalid container path "b"'],
    ['type=bind,src=/a,dst=/b,foo=bar', 'foo: invalid mount option'],
    [
      'type=bind,src=/a,dst=/b,readonly=x',
      `'readonly', 'ro', or 'rw' must be set to true or false, instead received "x"`,
    ],
    ['type=bind,src=/a,dst=/b,bind-propagation=x', 'invalid option type "x"'],
    ['type=bind,src=/a,dst=/b,relabel=x', "relabel mount option must be 'private' or 'shared'"],
    ['type=bind,src=/a,dst=/b,ro,rw', "can only specify 1 'rw' or 'ro' option"],
    ['type=bind,type=volume,dst=/b', 'can only be specified once'],
    ['type=nfs,dst=/b', 'invalid filesystem type "nfs"'],
    ['type=constructor,dst=/b', 'invalid filesystem type "constructor"'],
    ['type=bind,dst=/b,constructor=1', 'constructor: invalid mount option'],
    ['type=volume,src=../x,dst=/b', 'names must match'],
    ['type=volume,src=v,dst=/b,volume-label=a=b', 'not presently implemented'],
    ['type=tmpfs,dst=/b,src=x', 'source is not supported with tmpfs mounts'],
    ['type=tmpfs,dst=/b,tmpfs-size=many', 'bad value in option "size=many"'],
    ['type=devpts,dst=/b,mode=999', 'bad value in option "mode=999"'],
    ['type=image,dst=/b', 'must set source and destination for image volume'],
    ['type=glob,dst=/b', 'must set source'],
    ['type=artifact,src=a,dst=/b,title=t,digest=d', 'cannot set both title and digest'],
    ['type=bind,"src=/a,dst=/b', 'bare " in a field'],
  ])('%s is refused', (input, message) => {
    expect(() => parseMount(input)).toThrow(message)
  })
  test('splitCsv keeps commas and doubled quotes of a quoted field', () => {
    expect(splitCsv('a,"b,c","d""e",')).toEqual(['a', 'b,c', 'd"e', ''])
  })
})

describe('parseTmpfs', () => {
  test.each([
    ['/tmp', []],
    ['/tmp:size=64m,mode=1777,ro', ['size=64m', 'mode=1777', 'ro']],
    ['/tmp:size=50%,noexec,notmpcopyup', ['size=50%', 'noexec', 'notmpcopyup']],
  ])('%s', (input, options) => {
    expect(parseTmpfs(input)).toEqual({ kind: 'tmpfs', containerPath: '/tmp', options })
  })
  test.each([
    ['tmp', 'must be an absolute path'],
    ['/tmp:sise=1m', 'unknown mount option "sise=1m"'],
    ['/tmp:size=many', 'bad value in option "size=many"'],
    ['/tmp:size', 'bad value in option "size"'],
    ['/tmp:mode=999', 'bad value in option "mode=999"'],
    ['/tmp:context=x', 'unknown mount option'],
  ])('%s is refused', (input, message) => {
    expect(() => parseTmpfs(input)).toThrow(message)
  })
})

describe('parseVolumesFrom', () => {
  test.each([
    ['web', { container: 'web' }],
    ['web:ro', { container: 'web', access: 'ro' }],
    ['web:z,rw', { container: 'web', access: 'rw' }],
  ])('%s', (input, request) => {
    expect(parseVolumesFrom(input)).toEqual(request)
  })
  test.each([
    ['web:foo', 'invalid option "foo" specified - volumes from another container can only use z,ro,rw options'],
    ['web:ro,rw', 'cannot set ro or rw options more than once'],
    ['web:z,z', 'cannot set :z more than once'],
    [':ro', 'the form is CONTAINER'],
  ])('%s is refused', (input, message) => {
    expect(() => parseVolumesFrom(input)).toThrow(message)
  })
})

describe('parseDevice, parseDeviceRule and parseGpus', () => {
  test.each([
    ['/dev/x', { kind: 'path', hostPath: '/dev/x' }],
    ['/dev/x:/dev/y', { kind: 'path', hostPath: '/dev/x', containerPath: '/dev/y' }],
    ['/dev/x:r', { kind: 'path', hostPath: '/dev/x', access: 'r' }],
    ['/dev/x:/dev/y:rw', { kind: 'path', hostPath: '/dev/x', containerPath: '/dev/y', access: 'rw' }],
    ['vendor.com/class=name', { kind: 'cdi', name: 'vendor.com/class=name' }],
  ])('%s', (input, device) => {
    expect(parseDevice(input)).toEqual(device)
  })
  test.each([
    ['/dev/x:q', 'invalid device mode: q'],
    ['/dev/x:/dev/y:rr', 'invalid device mode: rr'],
    ['/dev/x:y', 'invalid device mode: y'],
    ['/a:/b:r:w', 'invalid device specification'],
    ['', 'invalid device specification'],
    ['null', 'invalid device "null"'],
  ])('%s is refused', (input, message) => {
    expect(() => parseDevice(input)).toThrow(message)
  })
  test.each([
    ['c 1:3 rwm', { type: 'c', major: 1, minor: 3, access: 'rwm' }],
    ['b 8:* r', { type: 'b', major: 8, access: 'r' }],
    ['a *:* rwm', { type: 'a', access: 'rwm' }],
  ])('%s', (input, rule) => {
    expect(parseDeviceRule(input)).toEqual(rule)
  })
  test.each([
    ['c 1:3', 'requires type, major:Minor, and access rules'],
    ['x 1:3 r', 'invalid device type in device-access-add: x'],
    ['c 1:x r', 'invalid device number "x"'],
    ['c 1:2:3 r', 'invalid device major:minor'],
    ['c 1:3 q', 'invalid device mode: q'],
  ])('%s is refused', (input, message) => {
    expect(() => parseDeviceRule(input)).toThrow(message)
  })
  test.each([
    ['all', ['nvidia.com/gpu=all']],
    ['2', ['nvidia.com/gpu=0', 'nvidia.com/gpu=1']],
    ['device=a,b', ['nvidia.com/gpu=a', 'nvidia.com/gpu=b']],
  ])('--gpus %s', (input, names) => {
    expect(parseGpus(input)).toEqual(names.map((name) => ({ kind: 'cdi', name })))
  })
})

describe('parseSecret', () => {
  const plain = { secret: 's', type: 'mount', uid: 0, gid: 0, mode: 0o444 }
  test.each([
    ['s', plain],
    ['source=s', plain],
    ['s,target=/x,uid=3,gid=4,mode=0400', { ...plain, target: '/x', uid: 3, gid: 4, mode: 0o400 }],
    ['s,type=env,target=FOO', { ...plain, type: 'env', target: 'FOO' }],
  ])('%s', (input, request) => {
    expect(parseSecret(input)).toEqual(request)
  })
  test.each([
    ['', 'no source given: parsing secret'],
    ['s,type=foo', 'type foo is invalid: parsing secret'],
    ['s,mode=999', 'mode 999 invalid: parsing secret'],
    ['s,uid=x', 'UID x invalid: parsing secret'],
    ['s,foo=1', 'option foo=1 invalid: parsing secret'],
    ['s,type=env,mode=0400', 'UID, GID, Mode options cannot be set with secret type env'],
  ])('%s is refused', (input, message) => {
    expect(() => parseSecret(input)).toThrow(message)
  })
})
