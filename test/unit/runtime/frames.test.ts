import { describe, expect, it } from 'vitest'
import { createFrameDecoder, decodeFiles, decodeNumbers, encodeFrame } from '../../../src/runtime/frames.js'

describe('createFrameDecoder', () => {
  it('gives the same frames however the bytes are cut', () => {
    const bytes = Buffer.concat([encodeFrame('o', 'hello'), encodeFrame('e'), encodeFrame('x', '0 0 -1')])
    const whole = createFrameDecoder()(bytes)
    for (let size = 1; size < bytes.length; size++) {
      const decode = createFrameDecoder()
      const frames = []
      for (let at = 0; at < bytes.length; at += size) frames.push(...decode(bytes.subarray(at, at + size)))
      expect(frames).toEqual(whole)
    }
    expect(whole.map(({ type, payload }) => [type, payload.toString()])).toEqual([
      ['o', 'hello'],
      ['e', ''],
      ['x', '0 0 -1'],
    ])
  })
})

describe('decodeFiles', () => {
  it('tells a missing file from an empty one', () => {
    const payload = Buffer.from([3, 0, 0, 0, 97, 98, 99, 255, 255, 255, 255, 0, 0, 0, 0])
    expect(decodeFiles(payload)).toEqual(['abc', undefined, ''])
  })
})

describe('decodeNumbers', () => {
  it('reads words', () => {
    expect(decodeNumbers(Buffer.from('137 9 -1'))).toEqual([137, 9, -1])
  })
})
