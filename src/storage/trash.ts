// Removes trees that hold other people's files: first renamed out of sight (so that nobody uses half of one), then removed by the C
// program in the user's namespace. What a kill leaves in trash/ or staging/ is swept by later verbs; nothing ever reads it.

import { readdirSync, renameSync } from 'node:fs'
import path from 'node:path'
import { errorCode } from '../model/errors.js'
import { runTool } from '../platform/monitor-tools.js'
import { randomHex } from '../platform/random.js'
import { findAbandonedStaging } from '../platform/staging.js'
import type { Store } from '../platform/store.js'

/** Idempotent: "already gone" is success. Not to be called with user-given paths: it removes whatever it is given. */
export async function removeTree(store: Store, tree: string): Promise<void> {
  await removeTrees(store, [tree])
}

/** All are out of sight before the first is removed. */
export async function removeTrees(store: Store, trees: readonly string[]): Promise<void> {
  await removeMoved(
    store,
    trees.map((tree) => takeAway(store, tree)),
  )
}

/** The second half of a removal: what `takeAway` returned. */
export async function removeMoved(store: Store, places: readonly string[]): Promise<void> {
  if (places.length > 0) await runTool(store, 'rm', places)
}

/** Renames a tree out of sight and returns where it lies now: where it was, if it must be removed in place or is gone. */
export function takeAway({ paths }: Store, tree: string): string {
  const moved = path.join(paths.trash, randomHex(8))
  try {
    renameSync(tree, moved)
    return moved
  } catch (error) {
    // a directory of another owner cannot be renamed elsewhere by us; on a full disk a name more may not fit
    if (['ENOENT', 'EACCES', 'EPERM', 'EXDEV', 'ENOSPC', 'EDQUOT'].includes(errorCode(error) ?? '')) return tree
    throw error
  }
}

/** Removes what killed processes left behind. Two directory listings when there is nothing, which is the rule. */
export async function sweepTrash(store: Store): Promise<void> {
  const trash = readdirSync(store.paths.trash).map((name) => path.join(store.paths.trash, name))
  const leftovers = [...trash, ...findAbandonedStaging(store.paths, Date.now())]
  if (leftovers.length > 0) await runTool(store, 'rm', leftovers)
}
