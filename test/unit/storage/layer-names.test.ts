import { expect, test } from 'vitest'
import type { UserNamespace } from '../../../src/platform/userns.js'
import {
  chainIds,
  formatMapping,
  type LayerMapping,
  layerName,
  ownerOptions,
  parseMapping,
} from '../../../src/storage/layer-names.js'
import { parseUntarReport } from '../../../src/storage/staged-layer.js'

const map = [
  { inside: 0, outside: 1000, count: 1 },
  { inside: 1, outside: 100_000, count: 65_536 },
]
const mapped: UserNamespace = { kind: 'mapped', idmap: 'newuidmap', uidMap: map, gidMap: map }

test('chainIds() follows the OCI image-spec', () => {
  const a = `sha256:${'a'.repeat(64)}` as const
  const b = `sha256:${'b'.repeat(64)}` as const
  // printf 'sha256:aaa… sha256:bbb…' | sha256sum
  const stacked = 'sha256:ccd722928bd92476ba1745586fed6e45a102504185ad88cd89e01ff116fd146c'
  expect(chainIds([a])).toEqual([a])
  expect(chainIds([a, b])).toEqual([a, stacked])
  expect(chainIds([])).toEqual([])
})

test('ownerOptions() moves the ids below the kept one up by one and leaves those above', () => {
  expect(ownerOptions({ kind: 'keep', uid: 1000, gid: 0 }, mapped)).toEqual([
    ...['--map', 'uid:0:1:1000', '--map', 'uid:1000:0:1', '--map', 'uid:1001:1001:64536'],
    ...['--map', 'gid:0:0:1', '--map', 'gid:1:1:65536'],
  ])
})

test('a mapping of any other kind is said as it is, written and read again, and names layers of its own', () => {
  const range = (containerId: number, parentId: number, count: number) => ({ containerId, parentId, count })
  const kinds: LayerMapping[] = [
    { kind: 'full' },
    { kind: 'single' },
    { kind: 'keep', uid: 1, gid: 2 },
    { kind: 'map', uidMap: [range(0, 1, 5), range(5, 100, 2)], gidMap: [range(0, 7, 1)] },
    { kind: 'map', uidMap: [range(0, 1, 5)], gidMap: [range(0, 7, 1)] },
  ]
  expect(ownerOptions(kinds[3] ?? { kind: 'full' }, mapped)).toEqual([
    ...['--map', 'uid:0:1:5', '--map', 'uid:5:100:2', '--map', 'gid:0:7:1'],
  ])
  expect(kinds.map((kind) => parseMapping(formatMapping(kind)))).toEqual(kinds)
  expect(new Set(kinds.map((kind) => layerName(`sha256:${'a'.repeat(64)}`, kind))).size).toBe(kinds.length)
  for (const text of ['map:', 'map:1:2;', 'keep:1', '']) expect(parseMapping(text)).toBeUndefined()
})

test('ownerOptions() says nothing where ids stay, and one word where there is one id', () => {
  expect(ownerOptions({ kind: 'full' }, mapped)).toEqual([])
  expect(ownerOptions({ kind: 'single' }, mapped)).toEqual(['--single-owner'])
})

test('ownerOptions() never maps an id twice or beyond the namespace', () => {
  const total = 65_537
  for (const uid of [0, 1, 1000, 65_536]) {
    const options = ownerOptions({ kind: 'keep', uid, gid: uid }, mapped).filter((word) => word.startsWith('uid:'))
    const ranges = options.map((word) => word.split(':').slice(1).map(Number) as [number, number, number])
    expect(ranges.reduce((sum, [, , count]) => sum + count, 0)).toBe(total)
    for (const side of [0, 1] as const) {
      const sorted = ranges.map((range) => [range[side], range[side] + range[2]] as const).sort((x, y) => x[0] - y[0])
      expect(sorted.map(([start]) => start)).toEqual([0, ...sorted.slice(0, -1).map(([, end]) => end)])
    }
  }
})

test('parseUntarReport() reads the line of PROTOCOL.md and refuses any other', () => {
  expect(parseUntarReport('entries=5 bytes=123 devices_skipped=1 xattrs_skipped=0\n')).toEqual({
    entries: 5,
    sizeBytes: 123,
    devicesSkipped: 1,
    xattrsSkipped: 0,
  })
  expect(() => parseUntarReport('entries=5')).toThrow(/has no bytes/)
})
