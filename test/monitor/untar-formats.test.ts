// `untar` reads every notation that tar writers use for names, numbers and times, and the archive's frame (PROTOCOL.md, untar).

import { describe, expect, test } from 'vitest'
import { base256, gnuLong, paxData, paxHeader, tar, tarEntry, tarHeader } from './tar-writer.js'
import { MONITOR, untar, untarTree } from './trees.js'

const long = `${'d'.repeat(120)}/${'e'.repeat(120)}/${'f'.repeat(200)}`

describe('untar reads names', () => {
  test('untar finds long names and links when they are in pax, GNU or prefix form', async () => {
    const tree = await untarTree(
      tar(
        { name: 'short', data: '1', pax: [['path', `pax/${long}`]] },
        gnuLong('L', `gnu/${long}`),
        { name: 'short', data: '2', magic: 'gnu' },
        gnuLong('K', long),
        gnuLong('L', `link/${long}`),
        { name: 'short', type: '2', link: 'short', magic: 'gnu' },
        { name: 'file', prefix: `prefix/${'p'.repeat(140)}`, data: '3' },
        { name: 'hard', type: '1', pax: [['linkpath', `pax/${long}`]] },
        { name: 'n'.repeat(100), data: '4' },
        {
          name: 'star',
          prefix: 'notprefix',
          patch: [
            { at: 345, bytes: 'sp' },
            { at: 347, bytes: Buffer.alloc(9) },
            { at: 508, bytes: 'tar\0' },
          ],
        },
      ),
    )
    expect(tree).toMatchObject({
      [`pax/${long}`]: { text: '1' },
      [`gnu/${long}`]: { text: '2' },
      [`link/${long}`]: { target: long },
      [`prefix/${'p'.repeat(140)}/file`]: { text: '3' },
      hard: { text: '1', links: ['hard', `pax/${long}`] },
      ['n'.repeat(100)]: { text: '4' },
      'sp/star': { kind: 'file' },
    })
  })

  test('untar does not take GNU header fields for a prefix', async () => {
    expect(Object.keys(await untarTree(tar({ name: 'f', magic: 'gnu', prefix: '14000000000' })))).toEqual(['f'])
  })

  test('untar puts absolute and dotted names below the directory', async () => {
    const tree = await untarTree(
      tar({ name: './', type: '5' }, { name: '/abs', data: '1' }, { name: './a//b/./c', data: '2' }),
    )
    expect(Object.keys(tree).sort()).toEqual(['a', 'a/b', 'a/b/c', 'abs'])
  })

  test('untar keeps names that are no UTF-8 or hold newlines', async () => {
    const tree = await untarTree(
      tar(
        { name: 'x', pax: [['path', Buffer.from('new\nline')]] },
        { name: '', patch: [{ at: 0, bytes: Buffer.from([0x66, 0xff, 0x66]) }] },
      ),
    )
    expect(Object.keys(tree).sort()).toEqual(['f\udcfff', 'new\nline'])
  })

  test('untar makes a directory when a version 7 name ends with a slash', async () => {
    expect(await untarTree(tar({ name: 'old/', type: '\0', magic: 'none', mode: 0o700 }))).toMatchObject({
      old: { kind: 'directory', mode: '700' },
    })
  })

  test('untar applies root entry to the directory itself', async () => {
    const result = await untar(tar({ name: './', type: '5', mode: 0o711, uid: 4, mtime: 7 }, { name: 'x' }))
    expect((await result.tree())['.']).toMatchObject({ mode: '711', uid: 4, mtimeNs: '7000000000' })
  })
})

describe('untar reads numbers', () => {
  test('untar reads base-256 owners and times when octal is too short', async () => {
    const tree = await untarTree(
      tar(
        {
          name: 'a',
          magic: 'gnu',
          patch: [
            { at: 108, bytes: base256(60000n, 8) },
            { at: 136, bytes: base256(-5n, 12) },
          ],
        },
        { name: 'b', data: 'x'.repeat(600), patch: [{ at: 124, bytes: base256(600n, 12) }] },
        { name: 'c', data: 'y' },
      ),
    )
    expect(tree).toMatchObject({ a: { uid: 60000, mtimeNs: '-5000000000' }, b: { size: 600 }, c: { text: 'y' } })
  })

  test('untar reads fractional, negative and cut pax times', async () => {
    const times = { a: '1234.5', b: '-1.25', c: '12.1234567891', d: '-3', e: '0.000000001' }
    const tree = await untarTree(
      tar(...Object.entries(times).map(([name, time]) => ({ name, pax: [['mtime', time] as const] }))),
    )
    expect(Object.fromEntries(Object.entries(tree).map(([name, node]) => [name, node.mtimeNs]))).toEqual({
      a: '1234500000000',
      b: '-1250000000',
      c: '12123456789',
      d: '-3000000000',
      e: '1',
    })
  })

  test('untar believes pax before the header, and a global header where the local one is silent', async () => {
    const tree = await untarTree(
      tar(
        paxHeader(
          'g',
          paxData([
            ['uid', '7'],
            ['comment', 'x'],
            ['path', 'ignored'],
          ]),
        ),
        { name: 'a', uid: 1, gid: 1, data: 'a' },
        {
          name: 'b',
          uid: 1,
          data: 'bb',
          size: 0,
          pax: [
            ['size', '2'],
            ['uid', '8'],
            ['gid', '9'],
            ['atime', '1'],
            ['path', ''],
          ],
        },
        paxHeader('g', paxData([['mtime', '5.5']])),
        { name: 'c', uid: 1 },
      ),
    )
    expect(tree).toMatchObject({
      a: { uid: 7, gid: 1 },
      b: { uid: 8, gid: 9, text: 'bb' },
      c: { uid: 7, mtimeNs: '5500000000' },
    })
  })

  test('untar accepts the checksum of signed characters that old programs wrote', async () => {
    const header = tarHeader({ name: '\u00e4', size: 1 })
    const signed = header.reduce(
      (sum, byte, at) => sum + (at >= 148 && at < 156 ? 32 : byte > 127 ? byte - 256 : byte),
      0,
    )
    header.write(`${signed.toString(8).padStart(6, '0')}\0 `, 148, 8, 'latin1')
    expect(await untarTree(tar(header, Buffer.from('x'.padEnd(512, '\0'))))).toMatchObject({ ä: { text: 'x' } })
  })
})

describe('untar reads the frame', () => {
  test('untar reads on past the end of the archive so that its writer is not cut off', async () => {
    const archive = Buffer.concat([tar({ name: 'a', data: 'x' }), Buffer.alloc(3_000_000)])
    expect(await untar(archive)).toMatchObject({
      code: 0,
      stdout: 'entries=1 bytes=1 devices_skipped=0 xattrs_skipped=0\n',
    })
  })

  test('untar accepts one block of zeros as the end', async () => {
    expect(await untar(Buffer.concat([tarEntry({ name: 'a' }), Buffer.alloc(512)]))).toMatchObject({ code: 0 })
  })

  test('untar ignores the data of links, directories and devices', async () => {
    expect(
      await untarTree(
        tar(
          { name: 'd', type: '5', size: 4096 },
          { name: 'l', type: '2', link: 'd', size: 99 },
          { name: 'f', data: 'x' },
        ),
      ),
    ).toMatchObject({ f: { text: 'x' } })
  })

  test('untar passes over volume labels', async () => {
    expect(Object.keys(await untarTree(tar({ name: 'label', type: 'V' }, { name: 'f' })))).toEqual(['f'])
  })

  test('untar refuses a directory that is not empty, or is not there', async () => {
    const first = await untar(tar({ name: 'a' }))
    const again = await first.scratch.run([MONITOR, 'untar', first.directory], tar())
    expect(again).toMatchObject({ code: 2, stdout: '' })
    expect(again.stderr).toMatch(/^lichen-monitor: untar: \S+: not empty\n$/)
  })
})
