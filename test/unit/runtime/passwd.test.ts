import { describe, expect, it } from 'vitest'
import { addGroup, addUser, highestId, resolveUser } from '../../../src/runtime/passwd.js'

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

describe('resolveUser with other groups', () => {
  it('adds those that are said, by name or number, each once', () => {
    expect(resolveUser('www', files, ['99', 'adm', '33']).additionalGids).toEqual([33, 4, 10, 99])
    expect(resolveUser('www:5', files, ['99']).additionalGids).toEqual([5, 99])
  })

  it('takes a part that is left empty for root, or for the group of the user', () => {
    expect(resolveUser(':5', files)).toMatchObject({ uid: 0, gid: 5 })
    expect(resolveUser('www:', files)).toMatchObject({ uid: 33, gid: 33 })
  })

  it('throws UsageError when a group is unknown', () => {
    expect(() => resolveUser('www', files, ['nope'])).toThrow(/"nope": no such group/)
  })
})

describe('addUser', () => {
  const user = { uid: 1000, gid: 0, name: 'me', comment: 'container user', home: '/src' }

  it('appends a line, also to a file without a final newline', () => {
    expect(addUser('root:x:0:0::/root:/bin/sh', user)).toBe(
      'root:x:0:0::/root:/bin/sh\nme:*:1000:0:container user:/src:/bin/sh\n',
    )
  })

  it.each([{ uid: 33 }, { name: 'www' }])('changes nothing when %o is known', (known) => {
    expect(addUser(files.passwd, { ...user, ...known })).toBe(files.passwd)
  })

  it('fills a template in, each word as one field whatever it holds', () => {
    const odd = { ...user, comment: 'A:B\nroot:x' }
    expect(addUser('', odd, '$USERNAME:x:$UID:$GID:$NAME:$HOME/$NOPE:/bin/zsh')).toBe(
      'me:x:1000:0:A B root x:/src/$NOPE:/bin/zsh\n',
    )
  })
})

describe('addGroup', () => {
  it('appends a line, also to a file without a final newline', () => {
    expect(addGroup('root:x:0:', { gid: 1000, name: 'me', members: 'me' })).toBe('root:x:0:\nme:x:1000:me\n')
  })

  it('changes nothing when the gid is known', () => {
    expect(addGroup(files.group, { gid: 0, name: 'me' })).toBe(files.group)
  })

  it('fills a template in', () => {
    expect(addGroup('', { gid: 7, name: 'me', members: 'you' }, '$GROUPNAME:*:$GID:$USERLIST')).toBe('me:*:7:you\n')
  })
})

describe('highestId', () => {
  it('is of users and groups alike, but not of nobody', () => {
    expect(highestId(files.passwd, files.group)).toBe(33)
    const nobody = 'nobody:x:65534:65534:::\nsync:x:4:65534:::\n'
    expect(highestId(`${nobody}a:x:5:700:::\n`, 'nogroup:x:65534:\n')).toBe(700)
    expect(highestId('', '')).toBe(0)
  })
})
