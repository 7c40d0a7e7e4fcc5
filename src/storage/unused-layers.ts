// Which unpacked layers there are, which of them nobody needs any more, and their end.

import { renameSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { BadInputError, errorCode } from '../model/errors.js'
import type { Digest } from '../model/image.js'
import { readJson } from '../platform/files.js'
import type { StorePaths } from '../platform/paths.js'
import { isStagingInUse } from '../platform/staging.js'
import type { Store } from '../platform/store.js'
import type { LayerRecord } from './layer-record.js'
import { listLayerNames } from './layers.js'
import { removeMoved, takeAway } from './trash.js'

export interface LayersInUse {
  /** Of every image there is. */
  readonly chainIds: ReadonlySet<Digest>
  /** Of every container there is: directories below layers/. */
  readonly names: ReadonlySet<string>
}

/** undefined: that cannot be known, any layer may be needed. */
export type FindUsed = () => LayersInUse | undefined

export interface ListedLayer {
  /** The directory below layers/. */
  readonly name: string
  /** undefined: nothing usable. */
  readonly record: LayerRecord | undefined
}

/** Every layer there is, used or not. */
export function listLayers(paths: StorePaths): ListedLayer[] {
  return listLayerNames(paths).map((name) => ({ name, record: readRecordOf(paths, name) }))
}

/** With `used` unknown: it may be. */
export function isLayerUsed({ name, record }: ListedLayer, used: LayersInUse | undefined): boolean {
  if (used === undefined) return true
  return used.names.has(name) || (record !== undefined && used.chainIds.has(record.chainId))
}

/** Older than any loading takes. */
const OLD_MS = 24 * 3_600_000

/**
 * Those that `used` does not name. While something is being loaded its layers are there before its image is: then only those count that are
 * older than `minAgeMs`.
 */
export function findUnusedLayers(
  paths: StorePaths,
  used: LayersInUse | undefined,
  minAgeMs: number = OLD_MS,
): ListedLayer[] {
  const isLoading = isStagingInUse(paths)
  return listLayers(paths).filter(
    (layer) => !isLayerUsed(layer, used) && (!isLoading || ageMs(path.join(paths.layers, layer.name)) > minAgeMs),
  )
}

/**
 * Removes the layers that `findUsed` does not name. Idempotent. Those that somebody begins to use while they are taken out of sight are put
 * back. What is left because something is being loaded, the next removal takes.
 */
export async function removeUnusedLayers(store: Store, findUsed: FindUsed, minAgeMs?: number): Promise<void> {
  const { paths } = store
  const unused = findUnusedLayers(paths, findUsed(), minAgeMs)
  if (unused.length === 0) return
  const moved = unused.map((layer) => ({ layer, place: takeAway(store, path.join(paths.layers, layer.name)) }))
  const usedNow = findUsed()
  const doomed = moved.filter(({ layer, place }) => !(isLayerUsed(layer, usedNow) && putBack(paths, layer, place)))
  // one that could not be moved must not look whole while it is taken apart
  for (const { place } of doomed) rmSync(path.join(place, 'done'), { force: true })
  await removeMoved(
    store,
    doomed.map(({ place }) => place),
  )
}

/** False: it was unpacked anew meanwhile. */
function putBack(paths: StorePaths, { name }: ListedLayer, place: string): boolean {
  try {
    renameSync(place, path.join(paths.layers, name))
    return true
  } catch (error) {
    if (['ENOENT', 'EEXIST', 'ENOTEMPTY'].includes(errorCode(error) ?? '')) return false
    throw error
  }
}

/** Since it was made visible or changed; 0 when it is gone. */
function ageMs(dir: string): number {
  const stat = statSync(dir, { throwIfNoEntry: false })
  return stat === undefined ? 0 : Date.now() - stat.mtimeMs
}

function readRecordOf(paths: StorePaths, name: string): LayerRecord | undefined {
  try {
    return readJson<LayerRecord>(path.join(paths.layers, name, 'done'))
  } catch (error) {
    if (error instanceof BadInputError) return undefined
    throw error
  }
}
