// The flags run and create share, and those run has of its own: podman's names and letters. Each group is a file below create-flags/,
// which also turns its flags into its part of the request.

import { fileFlags } from './create-flags/files.js'
import { healthFlags } from './create-flags/health.js'
import { imageFlags } from './create-flags/image.js'
import { isolationFlags } from './create-flags/isolation.js'
import { lifecycleFlags } from './create-flags/lifecycle.js'
import { limitFlags } from './create-flags/limits.js'
import { logFlags } from './create-flags/log.js'
import { processFlags } from './create-flags/process.js'
import { toggle, value } from './flags.js'
import { DEFAULT_DETACH_KEYS, parseDetachKeys } from './values/detach-keys.js'

export const createFlags = {
  ...processFlags,
  ...isolationFlags,
  ...fileFlags,
  ...limitFlags,
  ...lifecycleFlags,
  ...healthFlags,
  ...logFlags,
  ...imageFlags,
}

const detachKeys = value('Keys that leave the container running, parted by commas', parseDetachKeys, {
  default: parseDetachKeys(DEFAULT_DETACH_KEYS),
  defaultHelp: DEFAULT_DETACH_KEYS,
})
/** Of every command that can sit in front of a container. */
export const attachFlags = {
  'detach-keys': detachKeys,
  'sig-proxy': toggle('Pass signals on to the container', { default: true }),
}

export const execFlags = {
  env: processFlags.env,
  interactive: processFlags.interactive,
  tty: processFlags.tty,
  user: processFlags.user,
  workdir: processFlags.workdir,
  detach: toggle('Run in the background', { char: 'd' }),
  privileged: toggle('Give every capability this user can give'),
}

export const runFlags = {
  ...createFlags,
  ...attachFlags,
  detach: toggle('Run in the background and print the ID', { char: 'd' }),
}
