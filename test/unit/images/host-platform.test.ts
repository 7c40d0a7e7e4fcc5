import { expect, test } from 'vitest'
import { choosePlatform, formatPlatform, hostPlatform } from '../../../src/images/host-platform.js'
import type { Descriptor } from '../../../src/model/image.js'

const entry = (size: number, architecture: string, variant?: string, os = 'linux'): Descriptor => ({
  mediaType: 'm',
  digest: `sha256:${'a'.repeat(64)}`,
  size,
  platform: { os, architecture, ...(variant === undefined ? {} : { variant }) },
})
const arm64 = hostPlatform('arm64')

test('hostPlatform() names architectures as Go does', () => {
  expect(['x64', 'arm64', 'arm', 'riscv64'].map((arch) => formatPlatform(hostPlatform(arch)))).toEqual([
    'linux/amd64',
    'linux/arm64/v8',
    'linux/arm/v7',
    'linux/riscv64',
  ])
})

test('choosePlatform() prefers the same variant, then none, then any', () => {
  const [same, none, other] = [entry(1, 'arm64', 'v8'), entry(2, 'arm64'), entry(3, 'arm64', 'v9')]
  expect(choosePlatform([other, none, same], arm64)).toBe(same)
  expect(choosePlatform([other, none], arm64)).toBe(none)
  expect(choosePlatform([other], arm64)).toBe(other)
})

test('choosePlatform() takes no other architecture, system, or entry without platform (attestations)', () => {
  const { platform: _platform, ...bare } = entry(1, 'arm64')
  const others = [
    entry(1, 'amd64'),
    entry(2, 'arm64', 'v8', 'windows'),
    entry(3, 'unknown', undefined, 'unknown'),
    bare,
  ]
  expect(choosePlatform(others, arm64)).toBeUndefined()
})
