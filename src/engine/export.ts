// `export`: a container's files, all of them, as one tar archive; what is mounted into it is not among them. As others do it: of volumes and
// of /proc only the empty directories.

import { isatty } from 'node:tty'
import { UsageError } from '../model/errors.js'
import { startArchive } from '../platform/monitor-tools.js'
import type { Store } from '../platform/store.js'
import { type ByteSink, sendArchive, sendTo } from '../platform/tree-tools.js'
import { appendContainerEvent } from '../state/events.js'
import { besideOthers } from './beside-others.js'
import { explainBusy, openContainerTree, ownerWords } from './container-tree.js'
import { findContainer } from './find.js'

/** `output`: a file, or what takes the bytes. Throws NotFoundError, UsageError, HostError (disk); a file that was at `output` is then still there. Resolves to warnings. */
export async function exportContainer(
  store: Store,
  name: string,
  output: string | ByteSink,
): Promise<readonly string[]> {
  if (typeof output !== 'string' && isatty(1))
    throw new UsageError('export container: refusing to export to terminal', {
      hint: 'name a file with --output FILE, or redirect it: lichen export CONTAINER > FILE',
    })
  return await sendTo(output, (take) => besideOthers(store, [name], () => writeTree(store, name, take)))
}

async function writeTree(store: Store, name: string, take: ByteSink): Promise<readonly string[]> {
  const view = await findContainer(store, name)
  const { enter, root } = await openContainerTree(store, view, 'own')
  try {
    const archive = startArchive(store, [...ownerWords(store, view.record), root], enter)
    const warnings = await sendArchive(archive, take)
    appendContainerEvent(store.paths, view.record, 'export')
    return warnings
  } catch (error) {
    throw explainBusy(error, view.record)
  }
}
