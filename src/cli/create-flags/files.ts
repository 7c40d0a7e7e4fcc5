// What a container sees of files beside its image: volumes, tmpfs, a read-only root.

import type { InferredFlags } from '@oclif/core/interfaces'
import type { FilesRequest } from '../../model/mounts.js'
import { list, toggle } from '../flags.js'
import { parseTmpfs } from '../values/tmpfs.js'
import { parseVolume } from '../values/volume.js'

export const fileFlags = {
  'read-only': toggle('Mount the root file system read-only'),
  tmpfs: list('Mount a tmpfs: PATH[:OPTIONS]', parseTmpfs, { type: 'tmpfs' }),
  volume: list('Mount a directory or volume: [SOURCE:]DESTINATION[:OPTIONS]', parseVolume, { char: 'v' }),
}

export function toFilesRequest(flags: InferredFlags<typeof fileFlags>): FilesRequest {
  return { readOnly: flags['read-only'], tmpfs: flags.tmpfs, volumes: flags.volume }
}
