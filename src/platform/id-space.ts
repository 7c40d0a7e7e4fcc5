// The user or group ids that containers can be given, counted as their maps count them: in the engine's namespace, or root's own.

import type { Store } from './store.js'
import { mappedIdCount, readSubordinateIds } from './userns.js'

export interface IdSpace {
  readonly count: number
  /** An id as the host counts, in our namespace; undefined: it is not one of ours. */
  inside(hostId: number): number | undefined
  /** Ranges of /etc/subuid or /etc/subgid of a name, in our namespace; ids that are not ours are left out. */
  subordinate(name: string): readonly { readonly start: number; readonly count: number }[]
}

/** All but the reserved (uid_t)-1. */
const ALL_IDS = 2 ** 32 - 1

export function idSpace({ userns }: Store, kind: 'uid' | 'gid'): IdSpace {
  const ranges = kind === 'uid' ? userns.uidMap : userns.gidMap
  const inside = (hostId: number): number | undefined => {
    if (userns.kind === 'none') return hostId
    const range = ranges.find(({ outside, count }) => hostId >= outside && hostId < outside + count)
    return range === undefined ? undefined : range.inside + hostId - range.outside
  }
  return {
    count: userns.kind === 'none' ? ALL_IDS : mappedIdCount(ranges),
    inside,
    subordinate: (name) =>
      readSubordinateIds(`/etc/sub${kind}`, [name]).flatMap(({ start, count }) => {
        const first = inside(start)
        return first === undefined || inside(start + count - 1) !== first + count - 1 ? [] : [{ start: first, count }]
      }),
  }
}
