// Which capabilities this process has: root in a container or a sandbox often lacks some.

import { readFileSync } from 'node:fs'
import { ALL_CAPABILITIES } from '../model/capabilities.js'

/** Names with CAP_, in kernel order: effective, in our own user namespace. */
export function readOwnCapabilities(): string[] {
  const mask = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`)
  return ALL_CAPABILITIES.filter((_name, bit) => (mask & (1n << BigInt(bit))) !== 0n)
}
