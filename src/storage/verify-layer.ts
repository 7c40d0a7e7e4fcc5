// Whether an unpacked layer is still what its blob unpacks to: it is unpacked once more, out of sight, and the two trees are compared in
// the user's namespace. The fresh one can take its place. OCI image-spec layer.md.

import { renameSync } from 'node:fs'
import path from 'node:path'
import type { LayerSource } from '../model/image.js'
import { syncDirectory } from '../platform/files.js'
import { streamLayer } from '../platform/layer-stream.js'
import { compareTrees, type TreeDifference } from '../platform/monitor-tools.js'
import type { Store } from '../platform/store.js'
import { chainIds, type LayerMapping, layerName } from './layer-names.js'
import {
  discardLayer,
  type LayerIdentity,
  parseUntarReport,
  type StagedLayer,
  sealLayer,
  stageLayer,
} from './staged-layer.js'
import { removeMoved, takeAway } from './trash.js'
import { checkDigest, DEFAULT_LIMITS } from './unpack-layers.js'

/** What a directory below layers/ is to be. */
export interface LayerTarget extends LayerIdentity {
  /** The directory's name. */
  readonly name: string
  readonly source: LayerSource
  readonly mapping: LayerMapping
}

/** Of one image's layers, bottom first as `sources` are. */
export function layerTargets(sources: readonly LayerSource[], mapping: LayerMapping): LayerTarget[] {
  const chain = chainIds(sources.map(({ diffId }) => diffId))
  return sources.map((source, index) => {
    const chainId = chain[index] ?? source.diffId
    const parentChainId = chain[index - 1]
    return {
      name: layerName(chainId, mapping),
      source,
      mapping,
      chainId,
      diffId: source.diffId,
      ...(parentChainId === undefined ? {} : { parentChainId }),
    }
  })
}

/** Unpacks it out of sight, complete. The caller replaces or discards. Throws BadInputError when its blob is bad, ConflictError when the layer below is missing. */
export async function unpackAside(store: Store, target: LayerTarget): Promise<StagedLayer> {
  const { source, mapping } = target
  const chunks = await source.open()
  const staged = stageLayer(store, mapping, DEFAULT_LIMITS.maxUnpackedBytes)
  try {
    const streamed = await streamLayer({ subject: `layer ${source.digest}`, source: chunks, reader: staged.reader })
    checkDigest('digest', streamed.digest, source.digest)
    checkDigest('diffID', streamed.diffId, source.diffId)
    await sealLayer(store, staged, target, parseUntarReport(streamed.report))
    return staged
  } catch (error) {
    await discardLayer(store, staged)
    throw error
  }
}

/** What is wrong with the layer that is visible. */
export async function compareLayer(
  store: Store,
  staged: StagedLayer,
  { name }: LayerTarget,
): Promise<TreeDifference[]> {
  const tree = path.join(store.paths.layers, name, 'diff')
  return await compareTrees(store, { tree, expected: path.join(staged.dir, 'diff') })
}

/** Nobody may be using the old one. A kill between the two renames leaves the layer missing: it is unpacked again when it is needed. */
export async function replaceLayer(store: Store, staged: StagedLayer, { name }: LayerTarget): Promise<void> {
  const place = path.join(store.paths.layers, name)
  const old = takeAway(store, place)
  if (old === place) await removeMoved(store, [old])
  renameSync(staged.dir, place)
  syncDirectory(store.paths.layers)
  if (old !== place) await removeMoved(store, [old])
}
