import { expect, it } from 'vitest'
import { randomHex } from '../../../src/platform/random.js'

it('randomHex gives two digits a byte, and others each time', () => {
  const names = Array.from({ length: 100 }, () => randomHex(32))
  for (const name of names) expect(name).toMatch(/^[0-9a-f]{64}$/)
  expect(new Set(names).size).toBe(names.length)
})
