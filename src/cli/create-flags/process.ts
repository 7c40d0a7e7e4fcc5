// What a container runs and as whom: command, environment, terminal, user.

import type { InferredFlags } from '@oclif/core/interfaces'
import type { ProcessRequest } from '../../model/process.js'
import { asText, list, toggle, value } from '../flags.js'
import { onlySaid } from '../only-said.js'
import { parseEntrypoint } from '../values/entrypoint.js'
import { parseEnv } from '../values/env.js'
import { parseUser } from '../values/names.js'
import {
  checkGroupAdd,
  parseEnvMerge,
  parseGroup,
  parseGroupEntry,
  parsePasswdEntry,
  parsePersonality,
  parseSystemd,
  parseUmask,
} from '../values/process.js'

const environmentFlags = {
  env: list('Set a variable: NAME=VALUE, NAME (from this shell) or PREFIX* (all from this shell)', parseEnv, {
    char: 'e',
  }),
  'env-file': list('Read variables from a file, one in a line, in the same forms', asText, {
    emptyIsUnsaid: true,
  }),
  'env-host': toggle('Pass on the whole environment of this shell'),
  'env-merge': list('Change a variable of the image: NAME=TEXT with ${NAME} in it', parseEnvMerge),
  'http-proxy': toggle("Pass this shell's proxy variables on", { default: true }),
  unsetenv: list('Leave out a variable of the image or of our own', asText),
  'unsetenv-all': toggle('Leave out all variables but those said here'),
}

const userFlags = {
  'group-add': list('Give another group, by name or number; or keep-groups: your own', parseGroup, { commas: true }),
  'group-entry': value('The line that tells an unknown group in /etc/group', parseGroupEntry),
  hostuser: list('Tell a user of this host in /etc/passwd of the container', asText),
  passwd: toggle('Tell an unknown user in /etc/passwd and /etc/group of the container', { default: true }),
  'passwd-entry': value('The line that tells an unknown user in /etc/passwd', parsePasswdEntry),
  user: value('User and group to run as: [USER][:GROUP], names or numbers', parseUser, { char: 'u' }),
}

export const processFlags = {
  ...environmentFlags,
  ...userFlags,
  entrypoint: value(
    'Program to run in place of the image\'s entrypoint: a word or a JSON list, "" for none',
    parseEntrypoint,
  ),
  init: toggle('Run a small init as process 1 that passes signals on and reaps zombies'),
  'init-path': value("A program of this host's as that init", asText),
  interactive: toggle('Keep standard input open', { char: 'i' }),
  personality: value('Domain of execution: LINUX or LINUX32', parsePersonality),
  systemd: value('Furnish the container for systemd: when it runs one (true), always, or not (false)', parseSystemd, {
    default: 'auto' as const,
    defaultHelp: 'true',
  }),
  tty: toggle('Give the container a terminal', { char: 't' }),
  tz: value("Time zone, like Europe/Paris, or local: this host's", asText),
  umask: value('Mode bits that new files do not get, octal', parseUmask, { defaultHelp: '0022', emptyIsUnsaid: true }),
  workdir: value('Working directory in the container', asText, { char: 'w', emptyIsUnsaid: true }),
}

export function toProcessRequest(flags: InferredFlags<typeof processFlags>): ProcessRequest {
  return {
    interactive: flags.interactive,
    tty: flags.tty,
    ...toEnvironmentRequest(flags),
    init: flags.init,
    systemd: flags.systemd,
    groupAdd: checkGroupAdd(flags['group-add']),
    passwd: flags.passwd,
    hostUsers: flags.hostuser,
    ...onlySaid({
      workdir: flags.workdir,
      user: flags.user,
      entrypoint: flags.entrypoint,
      initPath: flags['init-path'],
      umask: flags.umask,
      timezone: flags.tz,
      personality: flags.personality,
      passwdEntry: flags['passwd-entry'],
      groupEntry: flags['group-entry'],
    }),
  }
}

function toEnvironmentRequest(flags: InferredFlags<typeof environmentFlags>) {
  return {
    env: flags.env,
    envFiles: flags['env-file'],
    envHost: flags['env-host'],
    envMerge: flags['env-merge'],
    httpProxy: flags['http-proxy'],
    unsetEnv: flags.unsetenv,
    unsetEnvAll: flags['unsetenv-all'],
  }
}
