// How two stacks of layers differ, by OCI image-spec layer.md: whiteouts, opaque directories, replaced kinds, links.

import { expect, test } from 'vitest'
import { compareTrees, type LayerEntries, type LayerEntry, stackLayers } from '../../../src/images/file-tree.js'
import type { Digest } from '../../../src/model/image.js'

const letters = { added: 'A', changed: 'C', deleted: 'D' } as const
const link = (name: string, linkTarget: string): LayerEntry => ({
  name,
  kind: 'symlink',
  linkTarget,
  attributes: `symlink ${linkTarget}`,
})

/** `dir/`: a directory, `name=looks`: a file that looks like that. */
function layer(id: string, ...parts: readonly (string | LayerEntry)[]): LayerEntries {
  const entries = parts.map((part): LayerEntry => {
    if (typeof part !== 'string') return part
    const [name = '', looks = ''] = part.split('=')
    const kind = name.endsWith('/') ? 'directory' : 'file'
    return { name, kind, linkTarget: '', attributes: `${kind} ${looks}` }
  })
  return { diffId: `sha256:${id}` as Digest, entries }
}

function differences(before: readonly LayerEntries[], after: readonly LayerEntries[], trustLooks = false): string[] {
  const changes = compareTrees(stackLayers(before), stackLayers(after), { trustLooks })
  return changes.map(({ kind, path }) => `${letters[kind]} ${path}`)
}

const base = layer(
  'base',
  'etc/',
  'etc/mod=1',
  'etc/del=1',
  'etc/keep=1',
  'opq/',
  'opq/old=1',
  'opq/both=1',
  'gone/a/b=1',
)

/** Upon `base`. */
const upon = (...parts: readonly (string | LayerEntry)[]) => differences([base], [base, layer('top', ...parts)])

test.each<[string, readonly (string | LayerEntry)[], readonly string[]]>([
  ['a file in a directory that was there', ['etc/', 'etc/new=1'], ['C /etc', 'A /etc/new']],
  ['a file in directories that nobody mentions', ['./deep/er/f=1'], ['A /deep', 'A /deep/er', 'A /deep/er/f']],
  ['another file at the same place', ['etc/mod=2'], ['C /etc', 'C /etc/mod']],
  ['a file brought anew, though it looks the same', ['etc/mod=1'], ['C /etc', 'C /etc/mod']],
  ['a directory mentioned again', ['etc/'], []],
  ['a directory with another mode', ['etc/=0700'], ['C /etc']],
  ['a file taken away', ['etc/.wh.del'], ['C /etc', 'D /etc/del']],
  ['a tree taken away', ['.wh.gone'], ['D /gone']],
  ['a whiteout of nothing', ['etc/.wh.stranger'], []],
  [
    'an opaque directory',
    ['opq/', 'opq/.wh..wh..opq', 'opq/new=1'],
    ['C /opq', 'D /opq/both', 'A /opq/new', 'D /opq/old'],
  ],
  [
    'an opaque mark after what it must not hide',
    ['opq/both=2', 'opq/.wh..wh..opq'],
    ['C /opq', 'C /opq/both', 'D /opq/old'],
  ],
  ['a whiteout after what it must not hide', ['etc/del=2', 'etc/.wh.del'], ['C /etc', 'C /etc/del']],
  ['a file where a directory was', ['gone=1'], ['C /gone']],
  ['a directory where a file was', ['etc/mod/', 'etc/mod/in=1'], ['C /etc', 'C /etc/mod', 'A /etc/mod/in']],
  [
    'a link of this layer is followed',
    [link('lib', 'usr/lib'), 'lib/x=1'],
    ['A /lib', 'A /usr', 'A /usr/lib', 'A /usr/lib/x'],
  ],
  ['a link out of the tree stays inside', [link('out', '../../etc'), 'out/new=1'], ['C /etc', 'A /etc/new', 'A /out']],
  ['links that lead to one another end', [link('a', 'b'), link('b', 'a'), 'a/x=1'], ['A /a', 'A /a/x', 'A /b']],
  ['names that climb stay inside', ['../../up=1'], ['A /up']],
])('compareTrees tells of %s', (_, parts, expected) => {
  expect(upon(...parts)).toEqual(expected)
})

test('a link of a layer below is replaced, not followed', () => {
  const below = layer('below', 'usr/lib/', link('lib', 'usr/lib'))
  expect(differences([below], [below, layer('top', 'lib/x=1')])).toEqual(['C /lib', 'A /lib/x'])
})

test('two images of other layers differ only where their files look different', () => {
  const one = [layer('one', 'same=1', 'other=1', 'only=1')]
  const two = [layer('two', 'same=1', 'other=2', 'more/', 'more/f=1')]
  expect(differences(one, two, true)).toEqual(['A /more', 'A /more/f', 'D /only', 'C /other'])
  expect(differences(two, one, true)).toEqual(['D /more', 'A /only', 'C /other'])
  expect(differences(one, one, true)).toEqual([])
})

test('many whiteouts in a large tree take no time', () => {
  const names = Array.from({ length: 20_000 }, (_, index) => `d/${index}`)
  const large = layer('large', ...names.map((name) => `${name}=1`))
  const emptied = layer('emptied', ...names.map((name) => name.replace('d/', 'd/.wh.')))
  expect(differences([large], [large, emptied])).toHaveLength(20_001)
})
