// What a container runs and as whom: command, environment, terminal, user.

import type { InferredFlags } from '@oclif/core/interfaces'
import type { ProcessRequest } from '../../model/process.js'
import { asText, list, toggle, value } from '../flags.js'
import { onlySaid } from '../only-said.js'
import { parseEntrypoint } from '../values/entrypoint.js'
import { parseEnv } from '../values/env.js'
import { parseUser } from '../values/names.js'

export const processFlags = {
  entrypoint: value(
    'Program to run in place of the image\'s entrypoint: a word or a JSON list, "" for none',
    parseEntrypoint,
  ),
  env: list('Set a variable: NAME=VALUE, NAME (from this shell) or PREFIX* (all from this shell)', parseEnv, {
    char: 'e',
  }),
  init: toggle('Run a small init as process 1 that passes signals on and reaps zombies'),
  interactive: toggle('Keep standard input open', { char: 'i' }),
  tty: toggle('Give the container a terminal', { char: 't' }),
  user: value('User and group to run as: USER[:GROUP], names or numbers', parseUser, { char: 'u' }),
  workdir: value('Working directory in the container', asText, { char: 'w' }),
}

export function toProcessRequest(flags: InferredFlags<typeof processFlags>): ProcessRequest {
  return {
    interactive: flags.interactive,
    tty: flags.tty,
    env: flags.env,
    init: flags.init,
    ...onlySaid({ workdir: flags.workdir, user: flags.user, entrypoint: flags.entrypoint }),
  }
}
