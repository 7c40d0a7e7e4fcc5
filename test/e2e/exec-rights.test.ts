// What a command in a running container may do: what the container may, or with --privileged everything its user could be given.

import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { test } from '../support/container-test.js'
import { isRoot } from '../support/facts.js'

const effective = (status: string): string => /^CapEff:\s*(\w+)$/m.exec(status)?.[1] ?? ''

test('exec has the capabilities of the container, and all there are with --privileged', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'c', '--stop-timeout', '0', '--cap-drop', 'all', 'box', 'sleep', '1000')
  const look = ['c', 'cat', '/proc/self/status']
  const [plain, privileged] = [await lichen.ok('exec', ...look), await lichen.ok('exec', '--privileged', ...look)]
  expect(effective(plain)).toBe('0000000000000000')
  const most = readFileSync('/proc/sys/kernel/cap_last_cap', 'utf8')
  const all = isRoot
    ? effective(readFileSync('/proc/self/status', 'utf8'))
    : ((1n << BigInt(Number(most) + 1)) - 1n).toString(16)
  expect(effective(privileged)).toBe(all.padStart(16, '0'))
})
