// What would be free again: only what nobody else needs.

import { expect, test } from 'vitest'
import { freedBytes, type SharedPart } from '../../../src/model/store-usage.js'

const part = (bytes: number, more: Partial<SharedPart>): SharedPart => ({
  kind: 'layer',
  bytes,
  images: [],
  containers: [],
  isPinned: false,
  ...more,
})
const parts = [
  part(1, { images: ['a'] }),
  part(10, { images: ['a', 'b'] }),
  part(100, { images: ['a'], containers: ['c'] }),
  part(1000, {}),
  part(10_000, { isPinned: true }),
]
const free = (images: string[], containers: string[] = []) =>
  freedBytes(parts, { images: new Set(images), containers: new Set(containers) })

test('freedBytes counts a part only when everyone who needs it is gone', () => {
  expect(free(['a'])).toBe(1001)
  expect(free(['a', 'b'])).toBe(1011)
  expect(free(['a'], ['c'])).toBe(1101)
})

test('freedBytes counts what nobody needs in any case, and what is pinned in none', () => {
  expect(free([])).toBe(1000)
  expect(free(['a', 'b'], ['c'])).toBe(1111)
})
