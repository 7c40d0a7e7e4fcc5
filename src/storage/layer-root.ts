// The root directory of a layer: its mode and owner become those of a container's `/`, because overlay shows the topmost one's.

import { chmodSync, statSync } from 'node:fs'
import type { IdMapping } from '../model/isolation.js'
import { findProgram } from '../platform/host-facts.js'
import { runInNamespace } from '../platform/monitor-tools.js'
import type { Store } from '../platform/store.js'
import type { IdRange } from '../platform/userns.js'
import type { LayerMapping } from './layer-names.js'

export interface LayerRoot {
  readonly mode: number
  /** Inside the user namespace; 0 is the caller. */
  readonly uid: number
  readonly gid: number
}

/** No tar says this of its root: a root that still has it was not mentioned in the tar. */
export const ROOT_NOT_SAID = 0o1700
const DEFAULT_MODE = 0o755

export function readLayerRoot({ userns }: Store, dir: string): LayerRoot {
  const { mode, uid, gid } = statSync(dir)
  const inside = (map: readonly IdRange[], id: number) => (userns.kind === 'none' ? id : insideId(map, id))
  return { mode: mode & 0o7777, uid: inside(userns.uidMap, uid), gid: inside(userns.gidMap, gid) }
}

/** Of the lowest layer when its tar does not mention its root: the container's root owns it. */
export function defaultLayerRoot(mapping: LayerMapping): LayerRoot {
  const root = { mode: DEFAULT_MODE, uid: 0, gid: 0 }
  if (mapping.kind === 'keep') return { ...root, uid: mapping.uid === 0 ? 0 : 1, gid: mapping.gid === 0 ? 0 : 1 }
  if (mapping.kind !== 'map') return root
  return { ...root, uid: parentOfRoot(mapping.uidMap), gid: parentOfRoot(mapping.gidMap) }
}

/** Maps need not have a root. */
function parentOfRoot(map: readonly IdMapping[]): number {
  return map.find(({ containerId }) => containerId === 0)?.parentId ?? 0
}

/** Gives the root of a layer that is the caller's, still, another mode and owner. */
export async function setLayerRoot(store: Store, dir: string, { mode, uid, gid }: LayerRoot): Promise<void> {
  if (uid === 0 && gid === 0) return chmodSync(dir, mode)
  // only inside the namespace may we give a directory away; afterwards its mode is no longer ours to change
  const tool = (name: string) => findProgram(name, store.facts.env) ?? name
  await runInNamespace(store, [tool('chmod'), mode.toString(8), dir])
  await runInNamespace(store, [tool('chown'), `${uid}:${gid}`, dir])
}

function insideId(map: readonly IdRange[], outside: number): number {
  const range = map.find((entry) => outside >= entry.outside && outside < entry.outside + entry.count)
  return range === undefined ? 0 : range.inside + outside - range.outside
}
