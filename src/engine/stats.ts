// `stats`: what running containers use, once or again and again.

import { setTimeout as sleep } from 'node:timers/promises'
import type { ContainerView } from '../model/container.js'
import { type ContainerStats, NO_USAGE } from '../model/stats.js'
import { isUp } from '../model/status.js'
import { readUsage } from '../platform/group-usage.js'
import type { Store } from '../platform/store.js'
import { findContainer } from './find.js'
import { listContainers } from './ps.js'

export interface StatsRequest {
  /** These; else all that run, or with `all` all there are, whatever comes and goes meanwhile. */
  readonly names: readonly string[]
  readonly all: boolean
  /** Undefined: once. */
  readonly intervalMs?: number
}

interface Samples {
  readonly last: ContainerStats
  readonly count: number
}

/** One list for each round, in the order of `ps` or as named. Throws NotFoundError for a name that means nothing (any more). */
export async function* readStats(store: Store, request: StatsRequest): AsyncIterable<readonly ContainerStats[]> {
  let before = new Map<string, Samples>()
  for (;;) {
    const samples = new Map<string, Samples>()
    for (const view of await findViews(store, request)) samples.set(view.record.id, sample(view, before))
    yield [...samples.values()].map(({ last }) => last)
    if (request.intervalMs === undefined) return
    before = samples
    await sleep(request.intervalMs)
  }
}

async function findViews(store: Store, { names, all }: StatsRequest): Promise<readonly ContainerView[]> {
  if (names.length > 0) return await Promise.all(names.map((name) => findContainer(store, name)))
  return (await listContainers(store)).filter(({ status }) => all || isUp(status))
}

function sample(view: ContainerView, before: ReadonlyMap<string, Samples>): Samples {
  const { record, monitor, status } = view
  const previous = before.get(record.id)
  const takenAtMs = Date.now()
  const usage =
    isUp(status) && monitor !== undefined
      ? readUsage(monitor, { hasOwnNetwork: record.plan.network !== 'host' })
      : NO_USAGE
  const sinceMs = previous?.last.takenAtMs ?? Date.parse(monitor?.startedAt ?? '')
  const cpuNs = Math.max(0, usage.cpuNs - (previous?.last.cpuNs ?? 0)) // it may have been started again
  const cpuPercent = takenAtMs > sinceMs ? (cpuNs / 1e6 / (takenAtMs - sinceMs)) * 100 : 0
  const count = (previous?.count ?? 0) + 1
  const averageCpuPercent = ((previous?.last.averageCpuPercent ?? 0) * (count - 1) + cpuPercent) / count
  return { count, last: { id: record.id, name: record.name, takenAtMs, ...usage, cpuPercent, averageCpuPercent } }
}
