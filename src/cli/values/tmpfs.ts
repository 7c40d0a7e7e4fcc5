// `--tmpfs PATH[:OPTIONS]`: tmpfs(5) mount options, checked here so that a typing error does not surface as the runtime's EINVAL.

import { UsageError } from '../../model/errors.js'
import type { TmpfsRequest } from '../../model/mounts.js'
import { parseContainerPath } from './container-path.js'

const WORDS = new Set([
  ...['ro', 'rw', 'exec', 'noexec', 'dev', 'nodev', 'suid', 'nosuid', 'noatime', 'sync', 'dirsync'],
  ...['tmpcopyup', 'notmpcopyup', 'private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave', 'U'],
])
const KEYS: Readonly<Record<string, RegExp>> = {
  size: /^\d+[kmgtKMGT]?$|^\d{1,3}%$/,
  nr_inodes: /^\d+[kmgKMG]?$/,
  mode: /^[0-7]{3,4}$/,
  uid: /^\d+$/,
  gid: /^\d+$/,
}

export function parseTmpfs(input: string): TmpfsRequest {
  const colon = input.indexOf(':')
  const containerPath = parseContainerPath(colon < 0 ? input : input.slice(0, colon))
  const options = colon < 0 ? [] : input.slice(colon + 1).split(',')
  return { kind: 'tmpfs', containerPath, options: checkTmpfsOptions(options.filter((word) => word !== '')) }
}

export function checkTmpfsOptions(options: readonly string[]): readonly string[] {
  for (const option of options) checkOption(option)
  return options
}

function checkOption(option: string): void {
  if (WORDS.has(option)) return
  const equals = option.indexOf('=')
  const key = equals < 0 ? option : option.slice(0, equals)
  const pattern = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined
  if (pattern === undefined)
    throw new UsageError(
      `unknown mount option "${option}": supported are ${[...WORDS, ...Object.keys(KEYS)].join(', ')}`,
    )
  if (equals < 0 || !pattern.test(option.slice(equals + 1))) throw new UsageError(`bad value in option "${option}"`)
}
