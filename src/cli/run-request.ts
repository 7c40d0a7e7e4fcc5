// Flags and arguments of run and create → what was said (model/run-request.ts). Decides nothing, reads nothing.

import type { InferredFlags } from '@oclif/core/interfaces'
import { UsageError } from '../model/errors.js'
import type { CreateRequest, RunRequest } from '../model/run-request.js'
import { toFilesRequest } from './create-flags/files.js'
import { toHealthRequest } from './create-flags/health.js'
import { toImagePullRequest } from './create-flags/image.js'
import { toIsolationRequest } from './create-flags/isolation.js'
import { toLifecycleRequest } from './create-flags/lifecycle.js'
import { toLimitsRequest } from './create-flags/limits.js'
import { toLogRequest } from './create-flags/log.js'
import { toProcessRequest } from './create-flags/process.js'
import type { createFlags, runFlags } from './create-flags.js'

/** `positionals`: the image, then the container's command. */
export function toCreateRequest(
  flags: InferredFlags<typeof createFlags>,
  positionals: readonly string[],
): CreateRequest {
  const [image = '', ...command] = positionals
  return {
    image,
    command,
    pull: toImagePullRequest(flags),
    ...toProcessRequest(flags),
    ...toIsolationRequest(flags),
    ...toFilesRequest(flags),
    ...toLimitsRequest(flags),
    ...toLifecycleRequest(flags),
    ...toHealthRequest(flags),
    ...toLogRequest(flags),
  }
}

export function toRunRequest(flags: InferredFlags<typeof runFlags>, positionals: readonly string[]): RunRequest {
  const request = toCreateRequest(flags, positionals)
  if (flags.rmi && flags.detach)
    throw new UsageError('--rmi and --detach: nobody is left to remove the image at the end', {
      hint: 'leave --detach out, or remove both later: lichen container cleanup --rm --rmi CONTAINER',
    })
  return {
    ...request,
    remove: request.remove || flags.rmi,
    removeImage: flags.rmi,
    attach: flags.attach,
    detach: flags.detach,
    detachKeys: flags['detach-keys'],
    sigProxy: flags['sig-proxy'],
    preserveFds: flags['preserve-fds'],
    singleFds: flags['preserve-fd'],
  }
}
