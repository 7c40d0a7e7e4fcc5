// Flags and arguments of run, create and exec → what was said (model/run-request.ts). Decides nothing, reads nothing.

import type { InferredFlags } from '@oclif/core/interfaces'
import type { CreateRequest, ExecRequest, RunRequest } from '../model/run-request.js'
import { toFilesRequest } from './create-flags/files.js'
import { toHealthRequest } from './create-flags/health.js'
import { toImagePullRequest } from './create-flags/image.js'
import { toIsolationRequest } from './create-flags/isolation.js'
import { toLifecycleRequest } from './create-flags/lifecycle.js'
import { toLimitsRequest } from './create-flags/limits.js'
import { toLogRequest } from './create-flags/log.js'
import { toProcessRequest } from './create-flags/process.js'
import type { createFlags, execFlags, runFlags } from './create-flags.js'
import { onlySaid } from './only-said.js'

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
  return {
    ...toCreateRequest(flags, positionals),
    detach: flags.detach,
    detachKeys: flags['detach-keys'],
    sigProxy: flags['sig-proxy'],
  }
}

/** `positionals`: the container, then the command. */
export function toExecRequest(flags: InferredFlags<typeof execFlags>, positionals: readonly string[]): ExecRequest {
  const [container = '', ...command] = positionals
  return {
    container,
    command,
    interactive: flags.interactive,
    tty: flags.tty,
    detach: flags.detach,
    env: flags.env,
    privileged: flags.privileged,
    ...onlySaid({ workdir: flags.workdir, user: flags.user }),
  }
}
