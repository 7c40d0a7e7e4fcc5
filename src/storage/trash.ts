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
  if (trees.length === 0) return
  const doomed = trees.map((tree) => {
    const moved = path.join(store.paths.trash, randomHex(8))
    return moveAway(tree, moved) ? moved : tree
  })
  await runTool(store, 'rm', doomed)
}

/** False: it must be removed where it is (a directory of another owner cannot be renamed elsewhere by us), or it is gone. */
function moveAway(from: string, to: string): boolean {
  try {
    renameSync(from, to)
    return true
  } catch (error) {
    if (['ENOENT', 'EACCES', 'EPERM', 'EXDEV'].includes(errorCode(error) ?? '')) return false
    throw error
  }
}

/** Removes what killed processes left behind. Two directory listings when there is nothing, which is the rule. */
export async function sweepTrash(store: Store): Promise<void> {
  const trash = readdirSync(store.paths.trash).map((name) => path.join(store.paths.trash, name))
  const leftovers = [...trash, ...findAbandonedStaging(store.paths, Date.now())]
  if (leftovers.length > 0) await runTool(store, 'rm', leftovers)
}
