// The flags of every command that can sit in front of a container.

import { toggle, value } from './flags.js'
import { DEFAULT_DETACH_KEYS, parseDetachKeys } from './values/detach-keys.js'

const detachKeys = value('Keys that leave the container running, parted by commas', parseDetachKeys, {
  default: parseDetachKeys(DEFAULT_DETACH_KEYS),
  defaultHelp: DEFAULT_DETACH_KEYS,
})

export const attachFlags = {
  'detach-keys': detachKeys,
  'sig-proxy': toggle('Pass signals on to the container', { default: true }),
}
