// Which image was made from which.

import { expect, test } from 'vitest'
import { findParent, groupByTop, isAncestor } from '../../../src/engine/image-family.js'
import type { Digest, HistoryEntry, LocalImage } from '../../../src/model/image.js'

interface Facts {
  readonly layers: readonly string[]
  readonly history?: readonly HistoryEntry[]
}

function image(id: string, { layers, history }: Facts): LocalImage {
  const rootfs = { type: 'layers', diff_ids: layers.map((name): Digest => `sha256:${name}`) } as const
  const config = { architecture: 'amd64', os: 'linux', rootfs, ...(history === undefined ? {} : { history }) }
  return { id, names: [], config } as unknown as LocalImage
}

const first = { created: '2024-01-01T00:00:00Z', created_by: 'ADD rootfs' }
const command = { created: '2024-01-02T00:00:00Z', created_by: 'CMD sh', empty_layer: true }
const copy = { created: '2024-01-03T00:00:00Z', created_by: 'COPY app' }

const base = image('base', { layers: ['a'], history: [first] })
const withCommand = image('with-command', { layers: ['a'], history: [first, command] })
const app = image('app', { layers: ['a', 'b'], history: [first, command, copy] })
const stranger = image('stranger', { layers: ['x', 'a'], history: [first, copy] })

test('findParent finds the nearest of several, and none for the oldest', () => {
  const family = groupByTop([base, stranger, app, withCommand])
  expect([app, withCommand, base, stranger].map((it) => findParent(it, family)?.id)).toEqual([
    'with-command',
    'base',
    undefined,
    undefined,
  ])
})

test.each<[string, LocalImage, LocalImage, boolean]>([
  ['itself', app, app, false],
  ['the one it was made from', base, app, true],
  ['its child', app, base, false],
  ['one of the same layers, made later', withCommand, base, false],
  ['one with another first layer', stranger, app, false],
  ['one with another history', image('other', { layers: ['a'], history: [copy] }), app, false],
  ['one without layers', image('empty', { layers: [] }), app, false],
  ['one whose history is not told', image('silent', { layers: ['a'] }), app, true],
  [
    'one that tells the same time in another zone',
    image('zone', { layers: ['a'], history: [{ ...first, created: '2024-01-01T02:00:00+02:00' }] }),
    app,
    true,
  ],
])('isAncestor of %s', (_, older, younger, expected) => {
  expect(isAncestor(older, younger)).toBe(expected)
})
