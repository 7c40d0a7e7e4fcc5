import { constants } from 'node:os'
import { describe, expect, it } from 'vitest'
import { formatSignal, PROXIED_SIGNALS, parseSignal } from '../../../src/model/signal.js'

describe('parseSignal', () => {
  it("knows every name of this kernel's C library", () => {
    for (const [name, number] of Object.entries(constants.signals))
      expect([name, parseSignal(name)]).toEqual([name, number])
  })

  it.each([
    ['9', 9],
    ['kill', 9],
    ['SigTerm', 15],
    ['RTMIN', 34],
    ['RTMIN+3', 37],
    ['SIGRTMAX-1', 63],
    ['0', undefined],
    ['65', undefined],
    ['RTMIN+31', undefined],
    ['', undefined],
    ['TERMINATE', undefined],
    ['-9', undefined],
  ])('reads %s as %s', (text, number) => {
    expect(parseSignal(text)).toBe(number)
  })
})

describe('formatSignal', () => {
  it('is the inverse for names', () => {
    for (let number = 1; number <= 31; number++) expect(parseSignal(formatSignal(number))).toBe(number)
  })

  it('shows a number without a name as it is', () => {
    expect(formatSignal(40)).toBe('40')
  })
})

describe('PROXIED_SIGNALS', () => {
  it('pairs names and numbers as the C library does', () => {
    for (const [name, number] of PROXIED_SIGNALS) expect(constants.signals[name]).toBe(number)
  })
})
