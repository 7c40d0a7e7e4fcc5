import { expect, it } from 'vitest'
import { randomHex, randomId } from '../../../src/platform/random.js'

it('randomHex gives two digits a byte, and others each time', () => {
  const names = Array.from({ length: 100 }, () => randomHex(32))
  for (const name of names) expect(name).toMatch(/^[0-9a-f]{64}$/)
  expect(new Set(names).size).toBe(names.length)
})

it('randomId is never begun by a name of letters, and never a number as a host name', () => {
  const ids = Array.from({ length: 500 }, randomId)
  for (const id of ids) expect(id).toMatch(/^(?!\d{12})\d[0-9a-f]{63}$/)
  expect(new Set(ids).size).toBe(500)
})
