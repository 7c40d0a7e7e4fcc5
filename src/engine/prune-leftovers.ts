// Removes what killed and interrupted commands have left: thrown-away and half-made things, downloads that nobody goes on with, names that
// lead to no container. It needs no free space for that, so prunes begin with it.

import { readdirSync } from 'node:fs'
import path from 'node:path'
import { listDownloads, removeDownload } from '../images/forsaken-downloads.js'
import { findAbandonedStaging } from '../platform/staging.js'
import type { Store } from '../platform/store.js'
import { findLostNames, removeLostName } from '../state/lost-names.js'
import { sweepTrash } from '../storage/trash.js'
import type { Pruned } from './prune-containers.js'
import type { MeasuredStore } from './store-usage.js'

/** The ids are paths below the root. */
export async function pruneLeftovers(
  store: Store,
  { dryRun }: { readonly dryRun: boolean },
  { bytesOf }: MeasuredStore,
): Promise<Pruned> {
  const { paths } = store
  const trash = readdirSync(paths.trash).map((name) => path.join(paths.trash, name))
  const swept = [...trash, ...findAbandonedStaging(paths, Date.now())]
  const downloads = listDownloads(paths, Date.now()).filter(({ isForsaken }) => isForsaken)
  const names = findLostNames(paths)
  if (!dryRun) {
    await sweepTrash(store)
    for (const download of downloads) removeDownload(download)
    for (const lost of names) await removeLostName(paths, lost.name)
  }
  const files = [
    ...swept,
    ...downloads.map(({ file }) => file),
    ...names.map(({ name }) => path.join(paths.names, name)),
  ]
  const freedBytes =
    swept.reduce((sum, dir) => sum + bytesOf(dir), 0) + downloads.reduce((sum, { diskBytes }) => sum + diskBytes, 0)
  return { ids: files.map((file) => path.relative(paths.root, file)), freedBytes }
}
