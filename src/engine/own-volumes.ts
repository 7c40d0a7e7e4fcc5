// A fresh volume belongs to whoever made it; a container that has ids of its own could not write to it, and its root is given it (podman).

import { readdirSync, statSync } from 'node:fs'
import type { ContainerRecord } from '../model/container.js'
import type { IdMapping } from '../model/isolation.js'
import { findProgram } from '../platform/host-facts.js'
import { runInNamespace } from '../platform/monitor-tools.js'
import type { Store } from '../platform/store.js'

/** Idempotent: what has an owner, or files, already is left as it is. */
export async function giveFreshVolumes(store: Store, { plan }: ContainerRecord): Promise<void> {
  if (plan.userns.mode !== 'mapped') return
  const owner = `${parentOfRoot(plan.userns.uidMap)}:${parentOfRoot(plan.userns.gidMap)}`
  for (const { kind, source } of plan.mounts) {
    if (kind !== 'volume' || statSync(source).uid !== store.facts.uid || readdirSync(source).length > 0) continue
    await runInNamespace(store, [findProgram('chown', store.facts.env) ?? 'chown', owner, source])
  }
}

function parentOfRoot(map: readonly IdMapping[]): number {
  return map.find(({ containerId }) => containerId === 0)?.parentId ?? 0
}
