// `--filter` of prunes.

import { expect, test } from 'vitest'
import { passesPrune } from '../../../src/engine/prune-filter.js'

const thing = { createdAt: '2026-01-01T00:00:00Z', labels: { keep: '', team: 'a' } }
const seconds = (time: string) => String(Date.parse(time) / 1000)

test('passesPrune compares until with the time it was made', () => {
  expect(passesPrune([{ key: 'until', value: seconds('2026-01-01T00:00:01Z') }], thing)).toBe(true)
  expect(passesPrune([{ key: 'until', value: seconds('2026-01-01T00:00:00Z') }], thing)).toBe(false)
})

test('passesPrune wants every label, and none of those negated', () => {
  expect(passesPrune([{ key: 'label', value: 'team=a' }], thing)).toBe(true)
  expect(passesPrune([{ key: 'label', value: 'team' }], thing)).toBe(true)
  expect(passesPrune([{ key: 'label', value: 'team=b' }], thing)).toBe(false)
  expect(passesPrune([{ key: 'label', value: 'toString' }], thing)).toBe(false)
  expect(passesPrune([{ key: 'label', value: 'keep', negated: true }], thing)).toBe(false)
  expect(passesPrune([{ key: 'label', value: 'other', negated: true }], thing)).toBe(true)
  const both = [
    { key: 'label', value: 'team=a' },
    { key: 'label', value: 'keep', negated: true },
  ]
  expect(passesPrune(both, thing)).toBe(false)
})
