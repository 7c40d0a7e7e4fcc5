// The flags run and create share, and those run has of its own: podman's names and letters. Each group is a file below create-flags/,
// which also turns its flags into its part of the request.

import { attachFlags, descriptorFlags } from './attach-flags.js'
import { fileFlags } from './create-flags/files.js'
import { healthFlags } from './create-flags/health.js'
import { imageFlags } from './create-flags/image.js'
import { isolationFlags } from './create-flags/isolation.js'
import { lifecycleFlags } from './create-flags/lifecycle.js'
import { limitFlags } from './create-flags/limits.js'
import { logFlags } from './create-flags/log.js'
import { processFlags } from './create-flags/process.js'
import { list, toggle } from './flags.js'
import { parseStream } from './values/stream.js'

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

export const runFlags = {
  ...createFlags,
  ...attachFlags,
  attach: list('Only these streams: stdin, stdout, stderr', parseStream, { char: 'a', commas: true }),
  rmi: toggle('Remove its image, too, unless others use it; implies --rm'),
  detach: toggle('Run in the background and print the ID', { char: 'd' }),
  ...descriptorFlags,
}
