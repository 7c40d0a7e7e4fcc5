// The store in parts as fine as its directories: the last table of `system df --verbose`, which adds up to the whole.

import { readdirSync } from 'node:fs'
import type { SharedPart, StoreUsage } from '../model/store-usage.js'
import { sumBytes } from '../model/store-usage.js'
import type { StorePaths } from '../platform/paths.js'
import type { MeasuredStore } from './store-usage.js'

type Part = StoreUsage['parts'][number]

/** Parts that take nothing are left out. */
export function listParts(paths: StorePaths, { bytesOf, parts, containers, volumes }: MeasuredStore): Part[] {
  const blobs = parts.filter(({ kind }) => kind === 'blob')
  const layers = parts.filter(({ kind }) => kind === 'layer')
  const whole = (name: string, dir: string, count: number): Part => ({ name, count, sizeBytes: bytesOf(dir) })
  const entries = (name: string, dir: string): Part =>
    whole(name, dir, bytesOf(dir) === 0 ? 0 : readdirSync(dir).length)
  const listed = [
    ...splitBlobs(blobs),
    { name: 'Image index', count: 1, sizeBytes: bytesOf(paths.images) - sumBytes(blobs) },
    ...splitLayers(layers),
    { name: 'Layers: directory', count: 1, sizeBytes: bytesOf(paths.layers) - sumBytes(layers) },
    whole('Containers', paths.containers, containers.length),
    whole('Volumes', paths.volumes, volumes.length),
    entries('Secrets', paths.secrets),
    entries('Artifacts', paths.artifacts),
    entries('Downloads', paths.downloads),
    entries('Mounted images', paths.mounts),
    entries('Half-made things', paths.staging),
    entries('Thrown-away things', paths.trash),
    entries('Damaged records, set aside', paths.damaged),
    entries('Names', paths.names),
    entries('Events', paths.events),
    entries('Cache and reserve', paths.cache),
  ]
  const rest = bytesOf(paths.root) - listed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  return [...listed, { name: 'Other', count: 1, sizeBytes: rest }].filter(({ sizeBytes }) => sizeBytes !== 0)
}

function splitBlobs(blobs: readonly SharedPart[]): Part[] {
  const isOwned = ({ images }: SharedPart): boolean => images.length > 0
  return [
    toPart(
      'Blobs of one image',
      blobs.filter(({ images }) => images.length === 1),
    ),
    toPart(
      'Blobs of several images',
      blobs.filter(({ images }) => images.length > 1),
    ),
    toPart(
      'Blobs of manifest lists',
      blobs.filter((blob) => !isOwned(blob) && blob.isPinned),
    ),
    toPart(
      'Blobs of nothing',
      blobs.filter((blob) => !isOwned(blob) && !blob.isPinned),
    ),
  ]
}

/** By whose ids their trees have, as each mapping is a copy of its own. */
function splitLayers(layers: readonly SharedPart[]): Part[] {
  const isUsed = ({ images, containers }: SharedPart): boolean => images.length + containers.length > 0
  const mappings = [...new Set(layers.filter(isUsed).map(({ mapping }) => mapping ?? 'damaged'))].sort()
  return [
    ...mappings.map((mapping) =>
      toPart(
        `Layers: ids ${mapping}`,
        layers.filter((layer) => isUsed(layer) && (layer.mapping ?? 'damaged') === mapping),
      ),
    ),
    toPart(
      'Layers of nothing',
      layers.filter((layer) => !isUsed(layer)),
    ),
  ]
}

function toPart(name: string, parts: readonly SharedPart[]): Part {
  return { name, count: parts.length, sizeBytes: sumBytes(parts) }
}
