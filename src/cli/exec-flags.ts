// The flags of exec, and what they say (model/run-request.ts). Decides nothing, reads nothing.

import type { InferredFlags } from '@oclif/core/interfaces'
import type { ExecRequest } from '../model/run-request.js'
import { attachFlags, descriptorFlags } from './attach-flags.js'
import { processFlags } from './create-flags/process.js'
import { asText, toggle, value } from './flags.js'
import { onlySaid } from './only-said.js'
import { latestFlag } from './target-flags.js'

export const execFlags = {
  cidfile: value('Read the ID of the container from this file', asText),
  detach: toggle('Run in the background and print the ID of the session', { char: 'd' }),
  'detach-keys': attachFlags['detach-keys'],
  env: processFlags.env,
  'env-file': processFlags['env-file'],
  interactive: processFlags.interactive,
  ...latestFlag,
  ...descriptorFlags,
  privileged: toggle('Give every capability this user can give'),
  tty: processFlags.tty,
  user: processFlags.user,
  workdir: processFlags.workdir,
}

export function toExecRequest(
  flags: InferredFlags<typeof execFlags>,
  container: string,
  command: readonly string[],
): ExecRequest {
  return {
    container,
    command,
    interactive: flags.interactive,
    tty: flags.tty,
    detach: flags.detach,
    detachKeys: flags['detach-keys'],
    env: flags.env,
    envFiles: flags['env-file'],
    preserveFds: flags['preserve-fds'],
    singleFds: flags['preserve-fd'],
    privileged: flags.privileged,
    ...onlySaid({ workdir: flags.workdir, user: flags.user }),
  }
}
