// A tree of its own, copied from layers by the C program.

import { renameSync } from 'node:fs'
import path from 'node:path'
import { errorCode } from '../model/errors.js'
import { runTool } from '../platform/monitor-tools.js'
import type { Store } from '../platform/store.js'
import { removeTree } from './trash.js'

/** The layers' trees, the bottom one first, as `copy` takes them. */
export const layerTrees = (store: Store, layers: readonly string[]): string[] =>
  layers.map((name) => path.join(store.paths.layers, name, 'diff')).reverse()

/**
 * Copies into the directory `fresh`, the caller's own, and renames it to `target`: a kill in the middle leaves nothing there that looks whole, and
 * of several that copy the first serves all.
 */
export async function copyTrees(
  store: Store,
  bottomFirst: readonly string[],
  { fresh, target }: { readonly fresh: string; readonly target: string },
): Promise<void> {
  try {
    await runTool(store, 'copy', [fresh, ...bottomFirst])
    renameSync(fresh, target)
  } catch (error) {
    await removeTree(store, fresh)
    if (errorCode(error) !== 'ENOTEMPTY') throw error // another process was faster: its copy serves
  }
}
