// `untar` makes every kind of entry as its header says, and lets later entries replace earlier ones (PROTOCOL.md, untar).

import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { tar } from './tar-writer.js'
import { actors, MONITOR, openScratch, untar, untarTree } from './trees.js'

describe.each(actors)('untar as $name', (actor) => {
  test('untar makes every kind of entry with owner, mode and time when the header says so', async () => {
    const tree = await untarTree(
      tar(
        { name: 'etc/', type: '5', mode: 0o751, uid: 0, gid: 42, mtime: 1_000_000_001 },
        { name: 'etc/passwd', data: 'root', mode: 0o640, uid: 33, gid: 42, mtime: 1_000_000_002 },
        { name: 'etc/hard', type: '1', link: 'etc/passwd' },
        { name: 'etc/soft', type: '2', link: '../nowhere', uid: 5, gid: 6, mtime: 1_000_000_003 },
        { name: 'etc/pipe', type: '6', mode: 0o600, uid: 7, gid: 8, mtime: 1_000_000_004 },
        { name: 'etc/empty', mode: 0o444 },
      ),
      { actor },
    )
    expect(tree).toMatchObject({
      etc: { kind: 'directory', mode: '751', uid: 0, gid: 42, mtimeNs: '1000000001000000000' },
      'etc/passwd': { kind: 'file', mode: '640', uid: 33, gid: 42, text: 'root', mtimeNs: '1000000002000000000' },
      'etc/hard': { links: ['etc/hard', 'etc/passwd'] },
      'etc/soft': { kind: 'symlink', target: '../nowhere', uid: 5, gid: 6, mtimeNs: '1000000003000000000' },
      'etc/pipe': { kind: 'fifo', mode: '600', uid: 7, gid: 8, mtimeNs: '1000000004000000000' },
      'etc/empty': { kind: 'file', size: 0, mode: '444' },
    })
    expect(Object.keys(tree)).toHaveLength(6)
  })

  test('untar keeps setuid, setgid and sticky bits when the owner is changed too', async () => {
    const tree = await untarTree(
      tar(
        { name: 'bin/', type: '5', mode: 0o2775, gid: 50 },
        { name: 'bin/su', data: 'x', mode: 0o4755, uid: 12 },
        { name: 'bin/wall', data: 'x', mode: 0o2755, gid: 5 },
        { name: 'tmp/', type: '5', mode: 0o1777, uid: 3 },
        { name: 'bin/plain', data: 'x', gid: 0 },
      ),
      { actor },
    )
    expect(tree).toMatchObject({
      bin: { mode: '2775', gid: 50 },
      'bin/su': { mode: '4755', uid: 12 },
      'bin/wall': { mode: '2755', gid: 5 },
      'bin/plain': { gid: 0 },
      tmp: { mode: '1777', uid: 3 },
    })
  })

  test('untar sets capabilities and user attributes, and counts those it may not set', async () => {
    const capability = Buffer.from('0100000200040000000000000000000000000000', 'hex')
    const archive = tar(
      {
        name: 'ping',
        data: 'x',
        uid: 9,
        pax: [
          ['SCHILY.xattr.security.capability', capability],
          ['SCHILY.xattr.user.note', Buffer.from('a\0b\n=c')],
          ['SCHILY.xattr.user.empty', ''],
          ['SCHILY.xattr.user.overlay.opaque', 'y'],
          ['SCHILY.xattr.trusted.overlay.opaque', 'y'],
          ['SCHILY.xattr.user.fuseoverlayfs.opaque', 'y'],
          ['SCHILY.xattr.system.posix_acl_access', 'x'],
        ],
      },
      {
        name: 'd/',
        type: '5',
        pax: [
          ['SCHILY.xattr.user.overlay.opaque', 'y'],
          ['SCHILY.xattr.user.d', '1'],
        ],
      },
      { name: 'l', type: '2', link: 'x', pax: [['SCHILY.xattr.user.l', '1']] },
    )
    const result = await untar(archive, { actor })
    expect(result).toMatchObject({ code: 0, stderr: '' })
    expect(result.stdout).toBe('entries=3 bytes=1 devices_skipped=0 xattrs_skipped=6\n')
    const tree = await result.tree()
    expect(tree.ping?.xattrs).toEqual({
      'security.capability': capability.toString('base64'),
      'user.note': Buffer.from('a\0b\n=c').toString('base64'),
      'user.empty': '',
    })
    expect(tree.d?.xattrs).toEqual({ 'user.d': Buffer.from('1').toString('base64') })
  })

  test('untar makes device nodes when it may, and skips and counts them when it may not', async () => {
    const result = await untar(
      tar(
        { name: 'null', type: '3', major: 1, minor: 3, mode: 0o666 },
        { name: 'disk', type: '4', major: 8, minor: 1, uid: 6, gid: 6 },
        { name: 'after', data: 'x' },
      ),
      { actor },
    )
    expect(result.stdout).toContain(`devices_skipped=${actor.isPrivileged ? 0 : 2} `)
    const tree = await result.tree()
    expect(tree).toMatchObject({ after: { text: 'x' } })
    if (actor.isPrivileged) {
      expect(tree).toMatchObject({
        null: { kind: 'char', device: '1,3', mode: '666' },
        disk: { kind: 'block', device: '8,1', uid: 6, gid: 6 },
      })
    } else expect(Object.keys(tree)).toEqual(['.', 'after'])
  })

  test('untar keeps the caller as owner of everything when --single-owner is given', async () => {
    const tree = await untarTree(
      tar({ name: 'd/', type: '5', uid: 1 }, { name: 'd/f', data: 'x', uid: 99999, mode: 0o4755 }),
      { actor, args: ['--single-owner'] },
    )
    expect(tree).toMatchObject({ d: { uid: 0, gid: 0 }, 'd/f': { uid: 0, gid: 0, mode: '4755' } })
  })

  test('untar needs --single-owner when only the caller is mapped', async () => {
    const archive = tar({ name: 'bin/', type: '5', gid: 1 }, { name: 'bin/su', data: 'x', uid: 7, mode: 0o4755 })
    const scratch = openScratch(actor)
    const untarInto = (...args: string[]) =>
      scratch.run(['unshare', '--user', '--map-root-user', MONITOR, 'untar', ...args], archive)
    const refused = await untarInto(scratch.directory('a'))
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toBe('lichen-monitor: untar: bin: chown 0:1: not mapped in this user namespace\n')
    expect(await untarInto('--single-owner', scratch.directory('b'))).toMatchObject({ code: 0, stderr: '' })
    expect(await scratch.tree(join(scratch.path, 'b'))).toMatchObject({ 'bin/su': { mode: '4755', uid: 0, gid: 0 } })
  })

  test('untar shifts owners by the --map ranges, and refuses an id in none of them', async () => {
    const args = ['--map', 'uid:0:1:999', '--map', 'uid:1000:0:1', '--map', 'gid:0:100:10']
    const archive = tar({ name: 'a', uid: 0, gid: 9 }, { name: 'b', uid: 998 }, { name: 'c/', type: '5', uid: 1000 })
    expect(await untarTree(archive, { actor, args })).toMatchObject({
      a: { uid: 1, gid: 109 },
      b: { uid: 999, gid: 100 },
      c: { uid: 0 },
    })
    const refused = await untar(tar({ name: 'etc/x', uid: 1001 }), { actor, args })
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toBe('lichen-monitor: untar: etc/x: owner 1001 is in no --map range\n')
  })
})

describe('untar replaces what an earlier entry put there', () => {
  test('untar lets the later entry win, whatever kinds the two are', async () => {
    const kinds = {
      file: { data: 'x' },
      directory: { type: '5' },
      symlink: { type: '2', link: 'kept/in' },
      fifo: { type: '6' },
    }
    const names = Object.keys(kinds) as (keyof typeof kinds)[]
    const pairs = names.flatMap((before) => names.map((after) => ({ before, after, name: `${before}-${after}` })))
    const tree = await untarTree(
      tar(
        { name: 'kept/in', data: 'kept' },
        ...pairs.flatMap(({ before, after, name }) => [
          { name, ...kinds[before] },
          ...(before === 'directory' ? [{ name: `${name}/in`, data: '1' }] : []),
          { name, ...kinds[after] },
        ]),
      ),
    )
    for (const { name, after } of pairs) expect([name, tree[name]?.kind]).toEqual([name, after])
    expect(tree).toMatchObject({ 'directory-directory/in': { text: '1' }, 'kept/in': { text: 'kept' } })
    expect(tree).not.toHaveProperty('directory-file/in')
  })

  test('untar breaks a hard link when one of its names is written again', async () => {
    const tree = await untarTree(
      tar({ name: 'a', data: '1' }, { name: 'b', type: '1', link: 'a' }, { name: 'a', data: '2' }),
    )
    expect(tree).toMatchObject({ a: { text: '2' }, b: { text: '1' } })
  })

  test('untar keeps a file when a hard link names itself', async () => {
    expect(await untarTree(tar({ name: 'a', data: '1' }, { name: 'a', type: '1', link: './a' }))).toMatchObject({
      a: { text: '1' },
    })
  })

  test('untar sets the time of a directory after what is in it', async () => {
    const tree = await untarTree(
      tar(
        { name: 'd/', type: '5', mtime: 5 },
        { name: 'd/e/', type: '5', mtime: 6 },
        { name: 'd/e/f' },
        { name: 'd/', type: '5', mtime: 7, mode: 0o500 },
      ),
    )
    expect(tree).toMatchObject({ d: { mtimeNs: '7000000000', mode: '500' }, 'd/e': { mtimeNs: '6000000000' } })
  })
})
