// Which capabilities this process has: root in a container or a sandbox often lacks some.

import { readFileSync } from 'node:fs'
import { ALL_CAPABILITIES } from '../model/capabilities.js'

/** `name` with CAP_. Of our own user namespace, effective. */
export function hasOwnCapability(name: string): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  const bit = ALL_CAPABILITIES.indexOf(name)
  return effective !== undefined && bit >= 0 && (BigInt(`0x${effective}`) & (1n << BigInt(bit))) !== 0n
}
