// What history, image tree, diff, image mount and image prune print of given facts.

import { describe, expect, test } from 'vitest'
import { fileChangesText } from '../../../src/cli/views/file-changes.js'
import { HISTORY_FIELDS, historyText } from '../../../src/cli/views/history.js'
import { mountedImagesText } from '../../../src/cli/views/image-mounts.js'
import { imageTreeText } from '../../../src/cli/views/image-tree.js'
import { prunedImagesText } from '../../../src/cli/views/pruned-images.js'
import type { LocalImage } from '../../../src/model/image.js'
import type { HistoryStep } from '../../../src/model/image-history.js'
import type { TreeLayer } from '../../../src/model/image-tree.js'

const NOW = Date.parse('2026-01-01T12:00:00Z')
const image = (id: string, ...names: string[]): LocalImage =>
  ({ id: id.repeat(64), manifestDigest: `sha256:${'d'.repeat(64)}`, names }) as unknown as LocalImage

const STEPS: readonly HistoryStep[] = [
  {
    id: 'a'.repeat(64),
    tags: ['localhost/web:1'],
    created: '2026-01-01T11:00:00.5Z',
    createdBy: `/bin/sh -c set -x \\\n\t&& ${'make '.repeat(20)}`,
    comment: 'FROM base',
    sizeBytes: 11_260,
  },
  { tags: [], createdBy: 'CMD sh', comment: '', sizeBytes: 0 },
]
const history = (flags: object = {}) =>
  historyText(STEPS, { quiet: false, human: true, 'no-trunc': false, ...flags }, NOW)

describe('historyText', () => {
  test('prints the columns of podman, and keeps a step on its line', () => {
    expect(history()).toBe(
      [
        'ID            CREATED         CREATED BY                                     SIZE        COMMENT',
        'aaaaaaaaaaaa  59 minutes ago  /bin/sh -c set -x \\ && make make make make...  11.3 kB     FROM base',
        '<missing>     N/A             CMD sh                                         0 B         ',
        '',
      ].join('\n'),
    )
  })
  test('prints bytes and times when nothing is for people', () => {
    expect(history({ human: false, format: '{{.Created}} {{.Size}}' })).toBe('2026-01-01T11:00:00Z 11260\nN/A 0\n')
  })
  test('prints IDs alone when quiet, in full when nothing may be cut', () => {
    expect(history({ quiet: true })).toBe('aaaaaaaaaaaa\n<missing>\n')
    expect(history({ quiet: true, 'no-trunc': true })).toBe(`${'a'.repeat(64)}\n<missing>\n`)
  })
  test('gives a template every field it heads', () => {
    for (const field of HISTORY_FIELDS) expect(() => history({ format: `{{.${field}}}` }), field).not.toThrow()
    expect(history({ format: '{{.CreatedAt}} {{.Tags}}' })).toBe(
      '2026-01-01 11:00:00 +0000 UTC [localhost/web:1]\nN/A []\n',
    )
  })
  test('writes the JSON of podman', () => {
    expect(JSON.parse(history({ format: 'json' }))).toEqual([
      {
        id: 'a'.repeat(64),
        created: '2026-01-01T11:00:00.5Z',
        CreatedBy: STEPS[0]?.createdBy,
        size: 11_260,
        comment: 'FROM base',
        tags: ['localhost/web:1'],
        Created: '2026-01-01T11:00:00Z',
      },
      { id: '<missing>', CreatedBy: 'CMD sh', size: 0 },
    ])
  })
})

describe('imageTreeText', () => {
  const layer = (digit: string, topOf: string[] = [], children: TreeLayer[] = []): TreeLayer => ({
    id: `sha256:${digit.repeat(64)}`,
    sizeBytes: 10_240,
    topOf,
    children,
  })
  const tree = (layers: TreeLayer[]) =>
    imageTreeText({ image: image('a', 'localhost/a:1', 'localhost/a:2'), sizeBytes: 5_797_093, layers })

  test('draws the layers from the lowest up', () => {
    expect(tree([layer('1'), layer('2', ['localhost/a:1'])])).toBe(
      [
        'Image ID: aaaaaaaaaaaa',
        'Tags:     [localhost/a:1 localhost/a:2]',
        'Size:     5.797MB',
        'Image Layers',
        '├── ID: 111111111111 Size: 10.24kB',
        '└── ID: 222222222222 Size: 10.24kB Top Layer of: [localhost/a:1]',
        '',
      ].join('\n'),
    )
  })
  test('draws what lies upon a layer further in', () => {
    const top = layer('1', [], [layer('2', [], [layer('3')]), layer('4', ['localhost/b:1'])])
    expect(tree([top]).split('\n').slice(4)).toEqual([
      '└── ID: 111111111111 Size: 10.24kB',
      '    ├── ID: 222222222222 Size: 10.24kB',
      '    │   └── ID: 333333333333 Size: 10.24kB',
      '    └── ID: 444444444444 Size: 10.24kB Top Layer of: [localhost/b:1]',
      '',
    ])
  })
  test('says so when there is no layer', () => {
    expect(tree([])).toMatch(/\nNo Image Layers\n$/)
  })
})

test('fileChangesText prints letters and paths, or the JSON of podman', () => {
  const changes = [
    { path: '/etc', kind: 'changed' },
    { path: '/etc/new', kind: 'added' },
  ] as const
  expect(fileChangesText(changes, undefined)).toBe('C /etc\nA /etc/new\n')
  expect(JSON.parse(fileChangesText(changes, 'json'))).toEqual({ changed: ['/etc'], added: ['/etc/new'] })
  expect(() => fileChangesText(changes, '{{.}}')).toThrow('only json is known')
})

test('mountedImagesText prints a table, a single path, or the JSON of podman', () => {
  const mounted = [
    { image: image('a', 'localhost/web:1'), path: '/mounts/a' },
    { image: image('b'), path: '/mounts/b' },
  ]
  const text = (format?: string, only = false) => mountedImagesText(mounted, { format, only })
  expect(text()).toBe(`localhost/web:1${' '.repeat(51)}/mounts/a\n${'b'.repeat(64)}  /mounts/b\n`)
  expect(mountedImagesText(mounted.slice(0, 1), { format: undefined, only: true })).toBe('/mounts/a\n')
  expect(JSON.parse(text('json'))[0]).toEqual({
    id: 'a'.repeat(64),
    Names: [`sha256:${'d'.repeat(64)}`],
    Repositories: ['localhost/web:1'],
    mountpoint: '/mounts/a',
  })
  expect(() => text('{{.ID}}')).toThrow('only json is known')
})

test('prunedImagesText keeps what programs read apart from what people read', () => {
  const pruned = { images: [image('a'), image('b', 'localhost/b:1')], freedBytes: 12_288 }
  expect(prunedImagesText(pruned, false)).toEqual({
    ids: `${'a'.repeat(64)}\n${'b'.repeat(64)}\n`,
    note: 'Total reclaimed space: 12.29kB\n',
  })
  expect(prunedImagesText(pruned, true)).toEqual({
    ids: `${'a'.repeat(64)}  <none>\n${'b'.repeat(64)}  localhost/b:1\n`,
    note: 'Would remove 2 images and free 12.29kB\n',
  })
})
