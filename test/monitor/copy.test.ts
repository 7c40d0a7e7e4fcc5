// `copy` flattens layers into what an overlay of them shows (PROTOCOL.md, copy). The kernel's own overlay is the judge.

import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { comparable, makeLayers, overlayTree, random, randomLayer } from './random-layers.js'
import { type TarEntry, tar } from './tar-writer.js'
import { type Actor, actors, anyActor, MONITOR, openScratch, SANITIZED } from './trees.js'

async function flatten(actor: Actor, archives: readonly Buffer[], program = MONITOR) {
  const scratch = openScratch(actor)
  const layers = await makeLayers(scratch, archives)
  const flat = join(scratch.path, 'flat')
  const result = await scratch.run([program, 'copy', flat, ...layers])
  expect(result).toMatchObject({ code: 0, stdout: '', stderr: '' })
  return { scratch, layers, tree: await scratch.tree(flat) }
}

const capability = Buffer.from('0100000200040000000000000000000000000000', 'hex')
const bottom = tar(
  { name: './', type: '5', mode: 0o755, mtime: 1 },
  { name: 'etc/', type: '5', mode: 0o2755, gid: 4, mtime: 2, pax: [['SCHILY.xattr.user.below', '1']] },
  { name: 'etc/kept', data: 'kept', uid: 8, mode: 0o640, mtime: 3 },
  { name: 'etc/gone', data: 'gone' },
  { name: 'etc/file-to-directory', data: 'x' },
  { name: 'etc/directory-to-file/in', data: 'x' },
  { name: 'opaque/below', data: 'x' },
  { name: 'opaque/sub/below', data: 'x' },
  { name: 'su', data: 'x', uid: 3, mode: 0o4755 },
  {
    name: 'ping',
    data: 'x',
    pax: [
      ['SCHILY.xattr.security.capability', capability],
      ['SCHILY.xattr.user.a', 'b'],
    ],
  },
  { name: 'one', data: 'linked', mtime: 4 },
  { name: 'sub/two', type: '1', link: 'one' },
  { name: 'three', type: '1', link: 'one' },
  { name: 'pipe', type: '6', mode: 0o620, gid: 5 },
  { name: 'link', type: '2', link: 'etc/kept', uid: 9, mtime: 5 },
)
const middle = tar(
  { name: 'etc/', type: '5', mode: 0o700, gid: 7, mtime: 6, pax: [['SCHILY.xattr.user.above', '2']] },
  { name: 'etc/.wh.gone' },
  { name: 'etc/.wh.never-there' },
  { name: 'etc/.wh.file-to-directory' },
  { name: 'etc/file-to-directory/', type: '5' },
  { name: 'etc/file-to-directory/new', data: 'n' },
  { name: 'etc/directory-to-file', data: 'now a file' },
  { name: 'opaque/', type: '5' },
  { name: 'opaque/.wh..wh..opq' },
  { name: 'opaque/above', data: 'y' },
  { name: 'three', data: 'on its own' },
)
const top = tar(
  { name: './', type: '5', mode: 0o711, uid: 2, mtime: 7 },
  { name: '.wh.pipe' },
  { name: 'etc/', type: '5', mode: 0o751, mtime: 8 },
  { name: 'etc/gone', data: 'back' },
  { name: 'sub/', type: '5', mtime: 9 },
)

describe.each(actors)('copy as $name', (actor) => {
  test('copy shows what an overlay shows when layers delete, replace and extend', async () => {
    const { scratch, layers, tree } = await flatten(actor, [bottom, middle, top])
    expect(tree).toMatchObject({
      '.': { mode: '711', uid: 2 },
      etc: { mode: '751', mtimeNs: '8000000000' },
      'etc/gone': { text: 'back' },
      'etc/directory-to-file': { text: 'now a file' },
      su: { mode: '4755', uid: 3 },
      one: { links: ['one', 'sub/two'] },
    })
    expect(tree.ping?.xattrs).toHaveProperty('security.capability')
    expect(comparable(tree)).toEqual(comparable(await overlayTree(scratch, layers)))
  })

  test('copy keeps holes', async () => {
    const scratch = openScratch(actor)
    const layer = scratch.directory('layer')
    const make =
      'truncate -s 200M "$1/s" && printf x | dd of="$1/s" bs=1 seek=100M conv=notrunc status=none && truncate -s 5M "$1/hole"'
    await scratch.run(['sh', '-c', make, 'sh', layer])
    const flat = join(scratch.path, 'flat')
    expect(await scratch.run([MONITOR, 'copy', flat, layer])).toMatchObject({ code: 0, stderr: '' })
    const [tree, expected] = [await scratch.tree(flat), await scratch.tree(layer)]
    expect(comparable(tree)).toEqual(comparable(expected))
    expect(tree.s?.blocks).toBeLessThan(100)
    expect(tree.hole?.blocks).toBe(0)
  })
})

describe('copy', () => {
  test.each(Array.from({ length: 12 }, (_, i) => i + 1))(
    'copy shows what an overlay shows of random layers (seed %i)',
    async (seed) => {
      const pick = random(seed)
      const archives = Array.from({ length: 4 }, () => randomLayer(pick))
      const { scratch, layers, tree } = await flatten(anyActor, archives, SANITIZED)
      expect(comparable(tree)).toEqual(comparable(await overlayTree(scratch, layers)))
    },
  )

  test('copy empties what was below when the root of a layer is opaque', async () => {
    const { tree } = await flatten(anyActor, [
      tar({ name: 'a/b', data: 'x' }, { name: 'c' }),
      tar({ name: '.wh..wh..opq' }, { name: 'd' }),
    ])
    expect(Object.keys(tree).sort()).toEqual(['.', 'd'])
  })

  test('copy goes deeper than any path, and leaves hard links there linked', async () => {
    const levels = 'd/'.repeat(900)
    const chain = Array.from({ length: 6 }, (_, i) => {
      const path = `${i === 0 ? '' : `l${i - 1}/`}${levels}`
      return [
        { name: 'x', type: '5', pax: [['path', path]] },
        { name: `l${i}`, type: '2', pax: [['linkpath', path]] },
      ] as const
    }).flat()
    const entries: TarEntry[] = [
      ...chain,
      { name: 'l5/one', data: 'deep' },
      { name: 'l5/two', type: '1', link: 'l5/one' },
    ]
    const scratch = openScratch(anyActor)
    const layers = await makeLayers(scratch, [tar(...entries)])
    const flat = join(scratch.path, 'flat')
    expect(await scratch.run([SANITIZED, 'copy', flat, ...layers])).toMatchObject({ code: 0, stderr: '' })
    const bottomOf = `cd "$1" && for i in 0 1 2 3 4 5; do cd -P ${levels} || exit 1; done && stat -c '%h %s' one two`
    expect((await scratch.run(['sh', '-c', bottomOf, 'sh', flat])).stdout).toBe('2 4\n2 4\n')
  })

  test.each([
    ['no layer', ['flat'], 64],
    ['an option', ['--what', 'flat', 'layer'], 64],
    ['a layer that is not there', ['flat', 'missing'], 2],
    ['a destination whose parent is not there', ['missing/flat', '.'], 2],
  ])('copy exits with one line when given %s', async (_what, args, code) => {
    const scratch = openScratch(anyActor)
    const result = await scratch.run(['env', '-C', scratch.path, MONITOR, 'copy', ...args])
    expect(result.code).toBe(code)
    expect(result.stderr).toMatch(/^lichen-monitor: copy: [^\n]+\n$/)
  })
})
