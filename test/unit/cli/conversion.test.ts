import { expect, test } from 'vitest'
import { toConversion } from '../../../src/cli/conversion.js'

test('toConversion changes nothing when nothing is said', () => {
  expect(toConversion({})).toEqual({})
})

test('toConversion keeps layers that have the compression already, unless a level or force is said', () => {
  const zstd = { 'compression-format': 'zstd' }
  expect(toConversion(zstd)).toEqual({ recompression: { format: 'zstd', layers: 'other' } })
  expect(toConversion({ ...zstd, 'force-compression': true })).toEqual({
    recompression: { format: 'zstd', layers: 'all' },
  })
  expect(toConversion({ ...zstd, 'compression-level': 19, format: 'oci' })).toEqual({
    format: 'oci',
    recompression: { format: 'zstd', layers: 'all', level: 19 },
  })
})

test('toConversion takes v2s2 and docker for the same format', () => {
  expect(toConversion({ format: 'v2s2' })).toEqual(toConversion({ format: 'docker' }))
})

test.each([
  [{ 'compression-level': 3 }, '--compression-level needs --compression-format'],
  [{ 'force-compression': true }, '--force-compression needs --compression-format'],
  [{ 'compression-format': 'gzip', 'compression-level': 10 }, '--compression-level for gzip is 1 to 9, not 10'],
  [{ 'compression-format': 'zstd', 'compression-level': 0 }, '--compression-level for zstd is 1 to 22, not 0'],
])('toConversion refuses %j', (flags, message) => {
  expect(() => toConversion(flags)).toThrow(message)
})
