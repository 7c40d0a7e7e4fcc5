// `diff`: what an image's topmost layer changed, or how two images differ.

import { compareTrees, type LayerEntries, stackLayers } from '../images/file-tree.js'
import { findImage, layerSources } from '../images/image-store.js'
import { readLayerEntries } from '../images/layer-entries.js'
import { UsageError } from '../model/errors.js'
import type { FileChange } from '../model/file-change.js'
import type { LayerSource } from '../model/image.js'
import type { Store } from '../platform/store.js'
import { findId } from '../state/records.js'

/**
 * What `name` has that `base` has not, and the other way round; without `base` its topmost layer against those below. Sorted by path.
 * Throws NotFoundError; BadInputError when a layer is damaged.
 */
export async function diffImages(store: Store, name: string, base?: string): Promise<FileChange[]> {
  const sources = layerSources(store.paths, findImage(store.paths, name))
  const baseSources =
    base === undefined ? sources.slice(0, -1) : layerSources(store.paths, findImage(store.paths, base))
  const layers = await readLayers([...sources, ...baseSources], base !== undefined)
  const treeOf = (stack: readonly LayerSource[]) => stackLayers(stack.flatMap(({ digest }) => layers.get(digest) ?? []))
  return compareTrees(treeOf(baseSources), treeOf(sources), { trustLooks: base !== undefined })
}

/** The same, where a name may also mean a container: those cannot be compared yet. */
export async function diffObjects(store: Store, name: string, base?: string): Promise<FileChange[]> {
  for (const each of base === undefined ? [name] : [name, base]) refuseContainer(store, each)
  return await diffImages(store, name, base)
}

/** Each blob once, one after the other: they are of one disk. */
async function readLayers(sources: readonly LayerSource[], withContents: boolean): Promise<Map<string, LayerEntries>> {
  const layers = new Map<string, LayerEntries>()
  for (const source of sources)
    if (!layers.has(source.digest)) layers.set(source.digest, await readLayerEntries(source, { withContents }))
  return layers
}

function refuseContainer(store: Store, name: string): void {
  if (findId(store.paths, name) === undefined) return
  throw new UsageError(`diff: ${name}: a container; this version compares images only`, {
    hint: `an image of that name: lichen image diff ${name}`,
  })
}
