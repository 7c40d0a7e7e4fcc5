// Gives the root of a volume to the owner its options name. What is in it keeps its owners.

import { ExternalToolError, HostError } from '../model/errors.js'
import type { VolumeOwner } from '../model/volume.js'
import { findProgram } from '../platform/host-facts.js'
import { runInNamespace } from '../platform/monitor-tools.js'
import type { Store } from '../platform/store.js'

/** Nothing happens where no owner was said. Throws HostError for ids that the user does not have. */
export async function giveVolume(store: Store, dir: string, owner: VolumeOwner): Promise<void> {
  if (owner.uid === undefined && owner.gid === undefined) return
  const { uid = 0, gid = 0 } = owner
  try {
    await runInNamespace(store, [findProgram('chown', store.facts.env) ?? 'chown', `${uid}:${gid}`, dir])
  } catch (cause) {
    if (!(cause instanceof ExternalToolError)) throw cause
    throw new HostError(`give volume: ${uid}:${gid}: you do not have these ids`, {
      cause,
      hint: 'ask root for longer ranges in /etc/subuid and /etc/subgid',
    })
  }
}
