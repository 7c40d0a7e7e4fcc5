// The flags run and create share, and those run has of its own: podman's names and letters, each with its value grammar.

import { asText, asUint, list, toggle, value } from './flags.js'
import { connectionFlags, platformFlags, registryFlags } from './registry-flags.js'
import { DEFAULT_DETACH_KEYS, parseDetachKeys } from './values/detach-keys.js'
import { parseEntrypoint } from './values/entrypoint.js'
import { parseEnv, parseLabel } from './values/env.js'
import { parseCapability, parseContainerName, parseHostname, parseSignalName, parseUser } from './values/names.js'
import { parseNetwork, parseUserns } from './values/namespaces.js'
import { PULL_POLICIES, parsePullPolicy } from './values/pull-policy.js'
import { parseSecurityOption } from './values/security-opt.js'
import { parseTmpfs } from './values/tmpfs.js'
import { parseUlimit } from './values/ulimit.js'
import { parseVolume } from './values/volume.js'

const processFlags = {
  entrypoint: value(
    'Program to run in place of the image\'s entrypoint: a word or a JSON list, "" for none',
    parseEntrypoint,
  ),
  env: list('Set a variable: NAME=VALUE, NAME (from this shell) or PREFIX* (all from this shell)', parseEnv, {
    char: 'e',
  }),
  init: toggle('Run a small init as process 1 that passes signals on and reaps zombies'),
  interactive: toggle('Keep standard input open', { char: 'i' }),
  'stop-signal': value('Signal that asks the container to stop', parseSignalName, {
    type: 'signal',
    defaultHelp: 'SIGTERM',
  }),
  'stop-timeout': value('Seconds between that signal and SIGKILL', asUint, { type: 'uint', defaultHelp: '10' }),
  tty: toggle('Give the container a terminal', { char: 't' }),
  ulimit: list('Resource limit: NAME=SOFT[:HARD], -1 for none', parseUlimit, { commas: true, type: 'ulimits' }),
  user: value('User and group to run as: USER[:GROUP], names or numbers', parseUser, { char: 'u' }),
  workdir: value('Working directory in the container', asText, { char: 'w' }),
}

const isolationFlags = {
  'cap-add': list('Give a capability (or ALL)', parseCapability, { commas: true }),
  'cap-drop': list('Take a capability away (or ALL)', parseCapability, { commas: true }),
  hostname: value('Host name in the container', parseHostname, { char: 'h' }),
  network: value('Network: none or host', parseNetwork, { aliases: ['net'] }),
  privileged: toggle('Give every capability this user can give, and lift the seccomp filter and masked paths'),
  'security-opt': list('seccomp=FILE|unconfined, no-new-privileges, mask=PATHS, unmask=PATHS|ALL', parseSecurityOption),
  userns: value('User namespace: host, or keep-id to be yourself inside', parseUserns),
}

const fileFlags = {
  cidfile: value("Write the container's ID to this file, which must not exist yet", asText),
  label: list('Set a label: NAME=VALUE', parseLabel, { char: 'l' }),
  name: value('Name of the container', parseContainerName),
  'read-only': toggle('Mount the root file system read-only'),
  replace: toggle('Remove a container of the same name first'),
  rm: toggle('Remove the container when it ends'),
  tmpfs: list('Mount a tmpfs: PATH[:OPTIONS]', parseTmpfs, { type: 'tmpfs' }),
  volume: list('Mount a directory or volume: [SOURCE:]DESTINATION[:OPTIONS]', parseVolume, { char: 'v' }),
}

const imageFlags = {
  ...connectionFlags,
  ...platformFlags,
  pull: value(`When the registry is asked for the image (${PULL_POLICIES.join(', ')})`, parsePullPolicy, {
    default: 'missing' as const,
    noOptDefault: 'always',
  }),
  quiet: toggle('Show nothing of a pull', { char: 'q' }),
  retry: registryFlags.retry,
  'retry-delay': registryFlags['retry-delay'],
}

export const createFlags = { ...processFlags, ...isolationFlags, ...fileFlags, ...imageFlags }

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
