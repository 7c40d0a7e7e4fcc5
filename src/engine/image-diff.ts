// `image diff`: what an image's topmost layer changed, or how two images differ.

import { compareTrees, type LayerEntries, stackLayers } from '../images/file-tree.js'
import { findImage, layerSources } from '../images/image-store.js'
import { readLayerEntries } from '../images/layer-entries.js'
import type { FileChange } from '../model/file-change.js'
import type { LayerSource } from '../model/image.js'
import type { Store } from '../platform/store.js'

/**
 * What `name` has that `base` has not, and the other way round; without `base` its topmost layer against those below. Sorted by path.
 * Throws NotFoundError; BadInputError when a layer is damaged.
 */
export async function diffImages(store: Store, name: string, base?: string): Promise<FileChange[]> {
  const sources = layerSources(store.paths, findImage(store.paths, name))
  const baseSources =
    base === undefined ? sources.slice(0, -1) : layerSources(store.paths, findImage(store.paths, base))
  return await compareSources(baseSources, sources, { withContents: base !== undefined })
}

/** How two stacks of layers differ, both bottom first. Without contents whatever a layer brings counts as changed. */
export async function compareSources(
  before: readonly LayerSource[],
  after: readonly LayerSource[],
  { withContents }: { readonly withContents: boolean },
): Promise<FileChange[]> {
  const layers = await readLayers([...after, ...before], withContents)
  const treeOf = (stack: readonly LayerSource[]) => stackLayers(stack.flatMap(({ digest }) => layers.get(digest) ?? []))
  return compareTrees(treeOf(before), treeOf(after), { trustLooks: withContents })
}

/** Each blob once, one after the other: they are of one disk. */
async function readLayers(sources: readonly LayerSource[], withContents: boolean): Promise<Map<string, LayerEntries>> {
  const layers = new Map<string, LayerEntries>()
  for (const source of sources)
    if (!layers.has(source.digest)) layers.set(source.digest, await readLayerEntries(source, { withContents }))
  return layers
}
