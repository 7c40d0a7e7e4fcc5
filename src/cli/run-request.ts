// Flags and arguments of run, create and exec → what was said (model/run-request.ts). Decides nothing, reads nothing.

import type { InferredFlags } from '@oclif/core/interfaces'
import type { CreateRequest, ExecRequest, ImagePullRequest, RunRequest } from '../model/run-request.js'
import type { createFlags, execFlags, runFlags } from './create-flags.js'
import { onlySaid } from './only-said.js'
import { toPlatformRequest, toRegistryOptions } from './registry-flags.js'
import { mergeSecurityOptions } from './values/security-opt.js'

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
    replace: flags.replace,
    remove: flags.rm,
    interactive: flags.interactive,
    tty: flags.tty,
    env: flags.env,
    volumes: flags.volume,
    tmpfs: flags.tmpfs,
    readOnly: flags['read-only'],
    init: flags.init,
    privileged: flags.privileged,
    capAdd: flags['cap-add'],
    capDrop: flags['cap-drop'],
    security: mergeSecurityOptions(flags['security-opt']),
    ulimits: flags.ulimit.filter((limit) => limit !== undefined),
    labels: Object.fromEntries(flags.label),
    ...onlySaid({
      name: flags.name,
      workdir: flags.workdir,
      user: flags.user,
      hostname: flags.hostname,
      entrypoint: flags.entrypoint,
      network: flags.network,
      userns: flags.userns,
      stopSignal: flags['stop-signal'],
      stopTimeoutS: flags['stop-timeout'],
      cidfile: flags.cidfile,
    }),
  }
}

function toImagePullRequest(flags: InferredFlags<typeof createFlags>): ImagePullRequest {
  const platform = toPlatformRequest(flags)
  return { policy: flags.pull, registry: toRegistryOptions(flags), ...onlySaid({ platform }) }
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
