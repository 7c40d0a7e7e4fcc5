// `untar` never leaves its directory, whatever the archive says, and says which entry was wrong. Everything runs on the
// sanitized build as well: a wrong byte must not even be read wrongly.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { base256, gnuLong, padded, paxData, paxHeader, type TarEntry, tar, tarEntry, tarHeader } from './tar-writer.js'
import { anyActor, MONITOR, openScratch, SANITIZED, untar, untarTree } from './trees.js'

const programs = [
  { build: 'the program', program: MONITOR },
  { build: 'the sanitized program', program: SANITIZED },
]
const link = (name: string, to: string): TarEntry => ({ name, type: '2', link: to })
const hard = (name: string, to: string): TarEntry => ({ name, type: '1', link: to })

describe.each(programs)('untar ($build)', ({ program }) => {
  // Beside the layer lies what the archive may not touch; the names say how it tries.
  const outside: Record<string, (TarEntry | Buffer)[]> = {
    'with .. in a name': [{ name: '../outside', data: 'bad' }],
    'with .. inside a name': [{ name: 'a/../../outside', data: 'bad' }],
    'with a trailing ..': [{ name: 'a/..', type: '5' }],
    'with .. in a pax path': [{ name: 'x', data: 'bad', pax: [['path', 'a/b/../../../outside']] }],
    'with .. in a GNU long name': [gnuLong('L', '../outside'), { name: 'x', data: 'bad' }],
    'with a hard link to outside': [hard('x', '../outside'), { name: 'x', data: 'bad' }],
    'with a hard link through a link to outside': [link('l', '..'), hard('x', 'l/outside')],
    'with a hard link to an absolute name': [hard('x', '/etc/passwd')],
    'with a hard link to the root': [hard('x', '/')],
    'with a hard link to a directory': [{ name: 'd/', type: '5' }, hard('x', 'd')],
    'with a file as a parent': [
      { name: 'f', data: '1' },
      { name: 'f/x', data: 'bad' },
    ],
    'with links in a circle': [link('a', 'b'), link('b', 'a'), { name: 'a/x', data: 'bad' }],
    'with a link to itself': [link('a', 'a/b'), { name: 'a/x', data: 'bad' }],
    'with the root as a link': [link('./', '..'), { name: 'outside', data: 'bad' }],
    'with the root as a file': [{ name: '/', data: 'bad' }],
    'with a link to nothing': [link('l', '')],
    'with no name': [{ name: '' }],
    'with NUL in a pax path': [{ name: 'x', pax: [['path', Buffer.from('a\0b')]] }],
    'with a name of 100 kB': [{ name: 'x', pax: [['path', 'n/'.repeat(50_000)]] }],
    'with a component of 300 bytes': [{ name: 'x', pax: [['path', `${'n'.repeat(300)}/x`]] }],
    'with a link of 100 kB': [{ name: 'x', type: '2', pax: [['linkpath', 'n'.repeat(100_000)]] }],
  }
  test.each(Object.entries(outside))(
    'untar refuses an archive %s and touches nothing outside',
    async (_how, entries) => {
      const scratch = openScratch(anyActor)
      const layer = scratch.directory('layer')
      writeFileSync(join(scratch.path, 'outside'), 'untouched')
      const result = await scratch.run([program, 'untar', layer], tar(...entries))
      expect(result.code).toBe(1)
      expect(result.stderr).toMatch(/^lichen-monitor: untar: [^\n]{1,400}\n$/)
      expect(result.stdout).toBe('')
      expect(readFileSync(join(scratch.path, 'outside'), 'utf8')).toBe('untouched')
      expect(
        readdirSync(scratch.path)
          .filter((name) => name !== 'userns')
          .sort(),
      ).toEqual(['layer', 'outside'])
    },
  )

  test('untar resolves links inside the directory when a parent is one', async () => {
    const tree = await untarTree(
      tar(
        { name: 'usr/lib/', type: '5' },
        link('lib', 'usr/lib'),
        { name: 'lib/one', data: '1' },
        link('abs', '/usr/lib'),
        { name: 'abs/two', data: '2' },
        link('up', '../../../../../usr/./lib/'),
        { name: 'up/three', data: '3' },
        link('usr/lib/back', '../../../usr'),
        { name: 'lib/back/four', data: '4' },
        link('missing', '/made/on/../the/way'),
        { name: 'missing/five', data: '5' },
        link('chain', 'abs'),
        hard('six', 'chain/one'),
      ),
      { program },
    )
    expect(tree).toMatchObject({
      'usr/lib/one': { text: '1' },
      'usr/lib/two': { text: '2' },
      'usr/lib/three': { text: '3' },
      'usr/four': { text: '4' },
      'made/the/way/five': { text: '5' },
      six: { links: ['six', 'usr/lib/one'] },
    })
  })

  test('untar follows no link that an earlier entry put in place of a directory', async () => {
    const scratch = openScratch(anyActor)
    const layer = scratch.directory('layer')
    const outsideDirectory = scratch.directory('target')
    const archive = tar(
      { name: 'a/b/', type: '5', mode: 0o777, mtime: 5 },
      { name: 'a/b/first', data: '1' },
      link('a/b', outsideDirectory),
      { name: 'a/b/second', data: '2' },
      { name: 'f', data: '1' },
      link('f', join(outsideDirectory, 'f')),
      { name: 'f', data: '2', mode: 0o600 },
      link('d', outsideDirectory),
      { name: 'd/', type: '5', mode: 0o700, mtime: 9 },
      { name: 'd/third', data: '3' },
    )
    const result = await scratch.run([program, 'untar', layer], archive)
    expect(result).toMatchObject({ code: 0, stderr: '' })
    expect(readdirSync(outsideDirectory)).toEqual([])
    const tree = await scratch.tree(layer)
    expect(tree).toMatchObject({
      'a/b': { kind: 'symlink' },
      f: { kind: 'file', text: '2' },
      d: { kind: 'directory' },
      'd/third': { text: '3' },
    })
    // The link means a place inside: that is where the file went.
    expect(tree[join(outsideDirectory, 'second').slice(1)]).toMatchObject({ text: '2' })
    expect(existsSync(join(outsideDirectory, 'second'))).toBe(false)
  })

  test('untar looks again where a link leads when an entry reached through it replaced a directory', async () => {
    const tree = await untarTree(
      tar(
        { name: 'x/base/sub/', type: '5' },
        link('p', 'x/base/sub'),
        link('p/q', '/x'),
        link('p/q/base', '/y'), // x/base is gone, and p leads to y/sub
        { name: 'p/file', data: '1' },
      ),
      { program },
    )
    expect(tree).toMatchObject({ 'x/base': { target: '/y' }, 'y/sub/file': { text: '1' } })
  })

  test('untar hard links a link itself, never what it leads to', async () => {
    const tree = await untarTree(tar(link('l', '/etc/passwd'), hard('x', 'l')), { program })
    expect(tree).toMatchObject({ x: { kind: 'symlink', target: '/etc/passwd' } })
  })

  test('untar unpacks two thousand levels and rm removes them', async () => {
    const result = await untar(tar({ name: 'x', data: 'deep', pax: [['path', `${'d/'.repeat(2000)}f`]] }), { program })
    expect(result).toMatchObject({ code: 0, stderr: '' })
    expect(await result.scratch.run([program, 'rm', result.directory])).toMatchObject({ code: 0, stderr: '' })
    expect(existsSync(result.directory)).toBe(false)
  })

  test('untar goes deeper than any path when links lead down', async () => {
    const levels = 'd/'.repeat(900)
    const entries = Array.from({ length: 12 }, (_, i) => [
      { name: 'x', type: '5', pax: [['path', `${i === 0 ? '' : `l${i - 1}/`}${levels}`]] as const },
      { name: `l${i}`, type: '2', pax: [['linkpath', `${i === 0 ? '' : `l${i - 1}/`}${levels}`]] as const },
    ]).flat()
    const result = await untar(tar(...entries, { name: 'l11/bottom', data: 'x' }), { program })
    expect(result).toMatchObject({ code: 0, stderr: '' })
    expect(await result.scratch.run([program, 'rm', result.directory])).toMatchObject({ code: 0, stderr: '' })
  })

  const broken: Record<string, Buffer> = {
    'a wrong checksum': Buffer.concat([tarHeader({ name: 'a' }).fill('x', 0, 1), Buffer.alloc(1024)]),
    'a negative size': tar({ name: 'a', patch: [{ at: 124, bytes: base256(-1n, 12) }] }),
    'a size beyond 63 bits': tar({ name: 'a', patch: [{ at: 124, bytes: base256(1n << 63n, 12) }] }),
    'a size of 8 EiB': tar({ name: 'a', patch: [{ at: 124, bytes: base256((1n << 63n) - 1n, 12) }] }),
    'a size that is no number': tar({ name: 'a', patch: [{ at: 124, bytes: '12x' }] }),
    'a negative owner': tar({ name: 'a', patch: [{ at: 108, bytes: base256(-1n, 8) }] }),
    'the owner that means none': tar({ name: 'a', pax: [['uid', '4294967295']] }),
    'an owner beyond 32 bits': tar({ name: 'a', pax: [['gid', '4294967296']] }),
    'an unknown type': tar({ name: 'a', type: 'Z' }),
    'a pax size beyond 63 bits': tar({ name: 'a', pax: [['size', '9223372036854775808']] }),
    'a negative pax size': tar({ name: 'a', pax: [['size', '-1']] }),
    'a pax size with letters': tar({ name: 'a', pax: [['size', '0x10']] }),
    'a pax time that is none': tar({ name: 'a', pax: [['mtime', '1.2.3']] }),
    'a pax time beyond 63 bits': tar({ name: 'a', pax: [['mtime', '99999999999999999999']] }),
    'a pax record longer than its header': tar(paxHeader('x', Buffer.from('99 path=a\n')), { name: 'b' }),
    'a pax record with a huge length': tar(paxHeader('x', Buffer.from('99999999999999999999 path=a\n')), { name: 'b' }),
    'a pax record shorter than itself': tar(paxHeader('x', Buffer.from('3 path=a\n')), { name: 'b' }),
    'a pax record that ends in its length': tar(paxHeader('x', Buffer.from('1 patha\n')), { name: 'b' }),
    'a pax record that ends before its key': tar(paxHeader('x', Buffer.from('2 patha\n')), { name: 'b' }),
    'a pax record of length 0': tar(paxHeader('x', Buffer.from('0 path=a\n')), { name: 'b' }),
    'a pax record without a length': tar(paxHeader('x', Buffer.from(' path=a\n')), { name: 'b' }),
    'a pax record without =': tar(paxHeader('x', Buffer.from('8 patha\n')), { name: 'b' }),
    'a pax record without a key': tar(paxHeader('x', Buffer.from('5 =a\n')), { name: 'b' }),
    'a pax record without its newline': tar(paxHeader('x', Buffer.from('10 path=ab')), { name: 'b' }),
    'NUL in a pax key': tar(paxHeader('x', Buffer.from('11 pa\0th=a\n')), { name: 'b' }),
    'a pax header without an entry': tar(paxHeader('x', paxData([['path', 'a']]))),
    'a long name without an entry': tar(gnuLong('L', 'a')),
    'a pax header of 2 MB': tar({ name: 'a', pax: [['comment', 'x'.repeat(2 << 20)]] }),
    'a long name of 8 EiB': tar({
      name: '././@LongLink',
      type: 'L',
      patch: [{ at: 124, bytes: base256((1n << 63n) - 1n, 12) }],
    }),
    'nothing at all': Buffer.alloc(0),
    'no end': tarEntry({ name: 'a', data: 'x' }),
    text: padded(Buffer.from('This is no archive.\n'.repeat(40))),
    gzip: Buffer.concat([Buffer.from('1f8b0800', 'hex'), Buffer.alloc(2000, 7)]),
  }
  test.each(Object.entries(broken))('untar refuses %s as a bad archive', async (_what, archive) => {
    const result = await untar(archive, { program })
    expect(result.code).toBe(1)
    expect(result.stderr).toMatch(/^lichen-monitor: untar: [^\n]{1,400}\n$/)
    expect(result.stdout).toBe('')
  })

  test('untar names the entry on one line of plain characters when its name is not', async () => {
    const result = await untar(tar({ name: 'x', pax: [['path', 'a\n\x1b[31m\u00fc/..']] }), { program })
    expect(result.stderr).toBe('lichen-monitor: untar: a\\x0a\\x1b[31m\\xc3\\xbc/..: name contains ..\n')
  })
})
