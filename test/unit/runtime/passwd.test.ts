import { describe, expect, it } from 'vitest'
import { addGroup, addUser, resolveUser } from '../../../src/runtime/passwd.js'

const files = {
  passwd: 'root:x:0:0:root:/root:/bin/sh\nwww:x:33:33::/var/www:/bin/false\nbroken line\n2000:x:5:6::/odd:/bin/sh\n',
  group: 'root:x:0:\nwww:x:33:\nadm:x:4:syslog,www\nwheel:x:10:www\n',
}

describe('resolveUser', () => {
  it.each([
    ['', 0, 0, '/root', [0]],
    ['root', 0, 0, '/root', [0]],
    ['www', 33, 33, '/var/www', [33, 4, 10]],
    ['33', 33, 33, '/var/www', [33, 4, 10]],
    ['www:adm', 33, 4, '/var/www', [4]],
    ['www:10', 33, 10, '/var/www', [10]],
    ['1234', 1234, 0, '/', [0]],
    ['1234:5678', 1234, 5678, '/', [5678]],
    [':adm', 0, 4, '/root', [4]],
    ['2000', 5, 6, '/odd', [6]],
  ])('reads "%s"', (spec, uid, gid, home, additionalGids) => {
    expect(resolveUser(spec, files)).toMatchObject({ uid, gid, home, additionalGids })
  })

  it('marks a number without an entry as unknown', () => {
    expect(resolveUser('1234', files).isUnknown).toBe(true)
    expect(resolveUser('33', files).isUnknown).toBe(false)
    expect(resolveUser('33:1234', files).isGroupUnknown).toBe(true)
    expect(resolveUser('1234', files).isGroupUnknown).toBe(false)
  })

  it('works without passwd and group', () => {
    expect(resolveUser('', { passwd: undefined, group: undefined })).toMatchObject({ uid: 0, gid: 0, home: '/' })
  })

  it.each(['nobody-here', '1234:nogroup', '99999999999', '4294967295'])('refuses "%s" with a hint', (spec) => {
    expect(() => resolveUser(spec, files)).toThrow(/no such (user|group)/)
  })
})

describe('addUser', () => {
  const user = { uid: 1000, gid: 0, additionalGids: [], home: '/', isUnknown: true, isGroupUnknown: false }

  it('appends a line, also to a file without a final newline', () => {
    expect(addUser('root:x:0:0::/root:/bin/sh', { user, name: 'me', home: '/src' })).toBe(
      'root:x:0:0::/root:/bin/sh\nme:*:1000:0:container user:/src:/bin/sh\n',
    )
  })

  it('changes nothing when the uid is known', () => {
    expect(addUser(files.passwd, { user: { ...user, uid: 33 }, name: 'me', home: '/' })).toBe(files.passwd)
  })
})

describe('addGroup', () => {
  it('appends a line, also to a file without a final newline', () => {
    expect(addGroup('root:x:0:', { gid: 1000, name: 'me' })).toBe('root:x:0:\nme:x:1000:\n')
  })

  it('changes nothing when the gid is known', () => {
    expect(addGroup(files.group, { gid: 0, name: 'me' })).toBe(files.group)
  })
})
