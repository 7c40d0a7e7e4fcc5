import { describe, expect, it } from 'vitest'
import { createDetachScanner } from '../../../src/runtime/detach-keys.js'

const CTRL_P = 16
const CTRL_Q = 17

function scanAll(keys: number[], chunks: number[][]): { passed: number[]; detachedAt: number } {
  const scan = createDetachScanner(keys)
  const passed: number[] = []
  for (const [index, chunk] of chunks.entries()) {
    const { pass, detached } = scan(Uint8Array.from(chunk))
    passed.push(...pass)
    if (detached) return { passed, detachedAt: index }
  }
  return { passed, detachedAt: -1 }
}

describe('createDetachScanner', () => {
  it.each([
    ['finds the sequence in one chunk', [[97, CTRL_P, CTRL_Q]], [97], 0],
    ['finds it across chunks', [[97, CTRL_P], [CTRL_Q]], [97], 1],
    ['passes a first key on when another follows', [[CTRL_P, 98]], [CTRL_P, 98], -1],
    ['keeps a half-typed sequence back until it is decided', [[CTRL_P]], [], -1],
    ['finds it after a repeated first key', [[CTRL_P, CTRL_P, CTRL_Q]], [CTRL_P], 0],
    ['passes what comes before and nothing after', [[1, 2, CTRL_P, CTRL_Q, 3]], [1, 2], 0],
  ])('%s', (_title, chunks, passed, detachedAt) => {
    expect(scanAll([CTRL_P, CTRL_Q], chunks)).toEqual({ passed, detachedAt })
  })

  it('never detaches without keys', () => {
    expect(scanAll([], [[CTRL_P, CTRL_Q]])).toEqual({ passed: [CTRL_P, CTRL_Q], detachedAt: -1 })
  })
})
