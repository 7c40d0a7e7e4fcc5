// `untar` turns an archive's whiteouts into the one form that native overlay and fuse-overlayfs both read: a character
// device 0/0, and user.overlay.opaque=y (OCI image-spec layer.md, "Whiteouts").

import { describe, expect, test } from 'vitest'
import { tar } from './tar-writer.js'
import { actors, untar, untarTree } from './trees.js'

const whiteout = { kind: 'char', device: '0,0' }
const opaque = { kind: 'directory', xattrs: { 'user.overlay.opaque': Buffer.from('y').toString('base64') } }

describe.each(actors)('untar as $name', (actor) => {
  test('untar makes whiteouts and opaque directories when the archive deletes', async () => {
    const tree = await untarTree(
      tar(
        { name: 'a/', type: '5' },
        { name: 'a/.wh.gone' },
        { name: 'b/', type: '5', mode: 0o700 },
        { name: 'b/.wh..wh..opq' },
        { name: 'b/new', data: 'x' },
        { name: '.wh.top' },
        { name: 'implied/deep/.wh.gone' },
        { name: 'implied/opaque/.wh..wh..opq' },
      ),
      { actor },
    )
    expect(tree).toMatchObject({
      'a/gone': whiteout,
      b: { ...opaque, mode: '700' },
      'b/new': { text: 'x' },
      top: whiteout,
      'implied/deep/gone': whiteout,
      'implied/opaque': opaque,
    })
    expect(Object.keys(tree).filter((name) => name.includes('.wh.'))).toEqual([])
    expect(tree.a).not.toHaveProperty('xattrs')
  })

  test('untar makes a directory opaque when it replaces what the same layer deleted', async () => {
    const tree = await untarTree(
      tar(
        { name: '.wh.explicit' },
        { name: 'explicit/', type: '5', mode: 0o750 },
        { name: '.wh.implied' },
        { name: 'implied/in/file', data: 'x' },
        { name: 'late/', type: '5' },
        { name: 'late/kept', data: 'x' },
        { name: '.wh.late' },
      ),
      { actor },
    )
    expect(tree).toMatchObject({
      explicit: { ...opaque, mode: '750' },
      implied: opaque,
      'implied/in/file': { text: 'x' },
      late: opaque,
      'late/kept': { text: 'x' },
    })
    expect(tree['implied/in']).not.toHaveProperty('xattrs')
  })
})

describe('untar', () => {
  test('untar lets a file win when the same layer also deletes its name', async () => {
    const tree = await untarTree(
      tar(
        { name: '.wh.a' },
        { name: 'a', data: '1' },
        { name: 'b', data: '2' },
        { name: '.wh.b' },
        { name: '.wh.l' },
        { name: 'l', type: '2', link: 'x' },
        { name: '.wh.twice' },
        { name: '.wh.twice' },
      ),
    )
    expect(tree).toMatchObject({ a: { text: '1' }, b: { text: '2' }, l: { target: 'x' }, twice: whiteout })
  })

  test('untar keeps a directory opaque when a file stood in between', async () => {
    const tree = await untarTree(tar({ name: '.wh.a' }, { name: 'a', data: '1' }, { name: 'a/', type: '5' }))
    expect(tree).toMatchObject({ a: opaque })
  })

  test('untar makes no whiteout of a device 0/0, or of one whose number does not fit', async () => {
    const device = { type: '3', mode: 0o644 }
    const wide = { at: 329, bytes: Buffer.from([0x80, 0, 0, 0, 0, 0, 0x10, 0]) } // 4096: one bit more than a major has
    const result = await untar(
      tar(
        { name: 'zero', ...device },
        { name: 'wide', ...device, patch: [wide] },
        { name: 'minor', ...device, minor: 0o7777777 },
        { name: 'f' },
      ),
    )
    expect(result).toMatchObject({ code: 0, stdout: 'entries=4 bytes=0 devices_skipped=3 xattrs_skipped=0\n' })
    expect(Object.keys(await result.tree()).sort()).toEqual(['.', 'f'])
  })

  test('untar passes over what AUFS left in old images', async () => {
    const tree = await untarTree(
      tar(
        { name: '.wh..wh.plnk/', type: '5' },
        { name: '.wh..wh.plnk/103.7', data: 'x' },
        { name: '.wh..wh.aufs', data: 'x' },
        { name: 'd/.wh..wh.orph/x' },
        { name: 'f' },
      ),
    )
    expect(Object.keys(tree)).toEqual(['f'])
  })

  test.each([
    ['.wh.', 'whiteout of nothing'],
    ['a/.wh..', 'whiteout of nothing'],
    ['a/.wh...', 'whiteout of nothing'],
    ['.wh./x', 'whiteout used as a directory'],
    ['.wh.etc/x', 'whiteout used as a directory'],
    ['.wh.../x', 'whiteout used as a directory'],
  ])('untar refuses the whiteout %s', async (name, cause) => {
    const result = await untar(tar({ name: 'a/', type: '5' }, { name }))
    expect(result).toMatchObject({ code: 1, stderr: `lichen-monitor: untar: ${name}: ${cause}\n` })
  })

  test('untar refuses a whiteout made through a link, and a hard link to one', async () => {
    const through = await untar(tar({ name: 'l', type: '2', link: '.wh.x' }, { name: 'l/f' }))
    expect(through).toMatchObject({ code: 1, stdout: '' })
    const linked = await untar(tar({ name: '.wh.x' }, { name: 'y', type: '1', link: 'x' }))
    expect(linked).toMatchObject({
      code: 1,
      stderr: 'lichen-monitor: untar: y: hard link to something that is no file\n',
    })
  })
})
