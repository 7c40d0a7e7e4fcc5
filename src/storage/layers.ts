// Images' layers as unpacked trees below layers/. On the hot path of `run`: one small file is read per layer, and nothing that unpacks is
// even loaded when all of them are there.

import { readdirSync } from 'node:fs'
import type { Digest, LayerSource } from '../model/image.js'
import type { UsernsPlan } from '../model/isolation.js'
import type { StorePaths } from '../platform/paths.js'
import type { Store } from '../platform/store.js'
import { chainIds, type LayerMapping, layerName } from './layer-names.js'
import { type LayerRecord, readLayer } from './layer-record.js'

/** Whose ids the layers of a container with this user namespace have; without one, those of the engine's. */
export function layerMapping(store: Store, userns: UsernsPlan = { mode: 'shared' }): LayerMapping {
  if (store.userns.singleBecause !== undefined) return { kind: 'single' }
  switch (userns.mode) {
    case 'shared':
      return { kind: 'full' }
    case 'keep-id':
      return { kind: 'keep', uid: userns.uid, gid: userns.gid }
    case 'mapped':
      return { kind: 'map', uidMap: userns.uidMap, gidMap: userns.gidMap }
  }
}

/**
 * The directories of an image's layers below layers/, topmost first as overlay wants them, unpacked where they were missing. `sources`
 * come bottom first, as in the manifest. Errors: unpackLayers.
 */
export async function ensureLayers(
  store: Store,
  sources: readonly LayerSource[],
  mapping: LayerMapping,
): Promise<readonly string[]> {
  const diffIds = sources.map(({ diffId }) => diffId)
  if (!readLayers(store.paths, diffIds, mapping).includes(undefined)) return layerNames(diffIds, mapping)
  const { DEFAULT_LIMITS, unpackLayers } = await import('./unpack-layers.js')
  return (await unpackLayers(store, { sources, mapping, limits: DEFAULT_LIMITS })).names
}

/** Topmost first. */
export function layerNames(diffIds: readonly Digest[], mapping: LayerMapping): string[] {
  return chainIds(diffIds)
    .map((chainId) => layerName(chainId, mapping))
    .reverse()
}

/** What is unpacked of an image, bottom first; undefined: that layer is not. */
export function readLayers(
  paths: StorePaths,
  diffIds: readonly Digest[],
  mapping: LayerMapping,
): (LayerRecord | undefined)[] {
  return chainIds(diffIds).map((chainId) => readLayer(paths, chainId, mapping))
}

/** Every layer there is, used or not. */
export function listLayerNames(paths: StorePaths): string[] {
  return readdirSync(paths.layers).filter((name) => /^[0-9a-f]{16}$/.test(name))
}
