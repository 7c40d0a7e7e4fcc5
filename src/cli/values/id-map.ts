// `--uidmap`, `--gidmap`: `[+ug]CONTAINER:[@]PARENT[:COUNT]` (podman-run(1)).

import { UsageError } from '../../model/errors.js'
import type { IdMapRequest } from '../../model/isolation.js'

/** (uid_t)-1 is nobody's. */
const MOST_IDS = 2 ** 32 - 1

export function parseIdMap(setting: 'UID' | 'GID', input: string): IdMapRequest {
  const [, flags = '', container = '', at, parent = '', amount = '1'] =
    /^([+ug]*)(\d{1,10}):(@?)(\d{1,10})(?::(\d{1,10}))?$/.exec(input) ?? []
  const [containerId, parentId, count] = [Number(container), Number(parent), Number(amount)]
  if (container === '' || count === 0 || Math.max(containerId, parentId) + count > MOST_IDS)
    throw new UsageError(
      `initializing ID mappings: ${setting} setting is malformed expected ["[+ug]uint32:[@]uint32[:uint32]"]: ["${input}"]`,
    )
  const [forUids, forGids] = [flags.includes('u'), flags.includes('g')]
  return {
    containerId,
    parentId,
    isHostId: at === '@',
    count,
    isFilled: flags.includes('+'),
    ...(forUids === forGids ? {} : { only: forUids ? 'uid' : 'gid' }),
  }
}
