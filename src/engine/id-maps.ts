// Arithmetic of id maps: what was said to ids of our namespace, gaps filled with the ids that are left. Pure. user_namespaces(7).

import { HostError, UsageError } from '../model/errors.js'
import type { IdMapping, IdMapRequest } from '../model/isolation.js'
import type { IdSpace } from '../platform/id-space.js'

export interface IdRun {
  readonly start: number
  readonly count: number
}

/** Throws UsageError for maps that overlap, HostError for ids that are not ours. */
export function toIdMappings(
  kind: 'uid' | 'gid',
  requests: readonly IdMapRequest[],
  space: Pick<IdSpace, 'count' | 'inside'>,
): IdMapping[] {
  const map = requests.map(({ containerId, parentId, isHostId, count }) => {
    const start = isHostId ? space.inside(parentId) : parentId
    if (start === undefined || start + count > space.count)
      throw new HostError(
        `plan user namespace: --${kind}map: ${isHostId ? '@' : ''}${parentId} (${count} ids): not among yours`,
        {
          hint: isHostId
            ? `the host's ids that are yours stand in /etc/sub${kind}`
            : `0 is yourself, 1 to ${space.count - 1} are the ids of /etc/sub${kind}`,
        },
      )
    return { containerId, parentId: start, count }
  })
  refuseOverlap(kind, map)
  return map
}

function refuseOverlap(kind: 'uid' | 'gid', map: readonly IdMapping[]): void {
  for (const side of ['containerId', 'parentId'] as const) {
    const sorted = [...map].sort((a, b) => a[side] - b[side])
    const at = sorted.findIndex((range, index) => {
      const next = sorted[index + 1]
      return next !== undefined && range[side] + range.count > next[side]
    })
    if (at >= 0) throw new UsageError(`plan user namespace: --${kind}map: id ${sorted[at + 1]?.[side]} is mapped twice`)
  }
}

/** The map with every lower container id that it leaves out mapped, in order, to the ids of `pool` that it does not use; then the rest of them on top. */
export function fillGaps(
  map: readonly IdMapping[],
  pool: readonly IdRun[],
  size = Number.POSITIVE_INFINITY,
): IdMapping[] {
  const free = withoutUsed(
    pool,
    map.map(({ parentId, count }) => ({ start: parentId, count })),
  )
  const filled: IdMapping[] = []
  let next = 0
  const fillTo = (end: number) => {
    while (next < end) {
      const [run] = free
      if (run === undefined) break
      const count = Math.min(run.count, end - next)
      filled.push({ containerId: next, parentId: run.start, count })
      free[0] = { start: run.start + count, count: run.count - count }
      if (free[0].count === 0) free.shift()
      next += count
    }
    next = Math.max(next, Number.isFinite(end) ? end : next)
  }
  for (const range of [...map].sort((a, b) => a.containerId - b.containerId)) {
    fillTo(range.containerId)
    filled.push(range)
    next = range.containerId + range.count
  }
  fillTo(size)
  return filled
}

/** What is left of runs of ids when others are taken out. */
export function withoutUsed(pool: readonly IdRun[], used: readonly IdRun[]): IdRun[] {
  return used.reduce<IdRun[]>(
    (left, { start, count }) =>
      left.flatMap((run) => {
        const [end, runEnd] = [start + count, run.start + run.count]
        if (end <= run.start || start >= runEnd) return [run]
        return [
          { start: run.start, count: start - run.start },
          { start: end, count: runEnd - end },
        ].filter((part) => part.count > 0)
      }),
    [...pool],
  )
}
