// The flags of every command that can sit in front of a container.

import { asUint, list, toggle, value } from './flags.js'
import { DEFAULT_DETACH_KEYS, parseDetachKeys } from './values/detach-keys.js'
import { parseDescriptor } from './values/process.js'

const detachKeys = value('Keys that leave the container running, parted by commas', parseDetachKeys, {
  default: parseDetachKeys(DEFAULT_DETACH_KEYS),
  defaultHelp: DEFAULT_DETACH_KEYS,
})

export const attachFlags = {
  'detach-keys': detachKeys,
  'sig-proxy': toggle('Pass signals on to the container', { default: true }),
}

/** Of `run` and `exec`. */
export const descriptorFlags = {
  'preserve-fds': value('Pass so many descriptors of this shell on, from 3', asUint, { default: 0, type: 'uint' }),
  'preserve-fd': list('Pass these descriptors of this shell on, by their numbers', parseDescriptor, {
    commas: true,
    type: 'uints',
  }),
}
