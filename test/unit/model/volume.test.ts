import { expect, test } from 'vitest'
import { UsageError } from '../../../src/model/errors.js'
import { readVolumeOptions } from '../../../src/model/volume.js'

const local = (options: Record<string, string>) => readVolumeOptions({ driver: 'local', options })

test.each([
  [{}, { kind: 'directory', owner: {}, flags: [], copyUp: true }],
  [
    { o: 'uid=7,gid=8,ro,noquota', UID: '7', GID: '8' },
    { owner: { uid: 7, gid: 8 }, flags: ['ro'] },
  ],
  [
    { type: 'none', nocopy: '', uid: '4294967294' },
    { owner: { uid: 4294967294 }, copyUp: false },
  ],
  [{ type: 'tmpfs' }, { kind: 'mount', type: 'tmpfs', source: 'tmpfs', options: [] }],
  [
    { type: 'tmpfs', device: 'memory', o: 'size=1m,uid=7', UID: '7', GID: '8' },
    { source: 'memory', options: ['size=1m', 'uid=7', 'gid=8'] },
  ],
  [
    { type: 'bind', device: '/a' },
    { kind: 'mount', type: 'bind', source: '/a', options: ['rbind'] },
  ],
  [
    { o: 'ro,bind', device: '/a' },
    { type: 'bind', options: ['bind', 'ro'] },
  ],
  [
    { type: 'none', o: 'rbind', device: '/a' },
    { type: 'bind', options: ['rbind'] },
  ],
  [
    { type: 'overlay', device: 'overlay', o: 'lowerdir=/a:/b,upperdir=/c' },
    { type: 'overlay', source: 'overlay', options: ['lowerdir=/a:/b', 'upperdir=/c'] },
  ],
])('readVolumeOptions() reads %j', (options, expected) => {
  expect(local(options as unknown as Record<string, string>)).toMatchObject(expected)
})

test.each([
  [{ foo: 'x' }, "invalid mount option foo for driver 'local'"],
  [{ device: '/dev/vda' }, 'how it is to be mounted is not said'],
  [{ o: 'bind' }, 'absolute path'],
  [{ o: 'bind', device: 'relative' }, 'absolute path'],
  [{ o: 'bind,uid=7', device: '/a' }, 'owner'],
  [{ o: 'loop' }, 'invalid mount option loop'],
  [{ o: 'size=1m' }, 'project quotas'],
  [{ size: '1m' }, 'project quotas'],
  [{ o: 'inodes=5' }, 'project quotas'],
  [{ o: 'timeout=5' }, 'timeout'],
  [{ o: 'uid=' }, 'cannot convert UID'],
  [{ o: 'gid=-1' }, 'cannot convert GID -1'],
  [{ UID: '4294967295' }, 'cannot convert UID'],
])('readVolumeOptions() refuses %j', (options, message) => {
  expect(() => local(options as unknown as Record<string, string>)).toThrow(UsageError)
  expect(() => local(options as unknown as Record<string, string>)).toThrow(message)
})

test('readVolumeOptions() of the driver image wants an image and nothing else', () => {
  expect(readVolumeOptions({ driver: 'image', options: { image: 'box' } })).toEqual({ kind: 'image', image: 'box' })
  for (const options of [{}, { image: '' }, { image: 'box', o: 'ro' }])
    expect(() => readVolumeOptions({ driver: 'image', options: options as Record<string, string> })).toThrow(UsageError)
})
