// `system df`: every byte below the root, and what would be free again. What podman shows comes first; its further rows are what else
// there is, so that the sizes add up to what du says of the root.

import { readdirSync } from 'node:fs'
import path from 'node:path'
import { artifactPaths } from '../images/artifact-store.js'
import { listDownloads } from '../images/forsaken-downloads.js'
import { readIndex } from '../images/image-index.js'
import { isLive } from '../model/status.js'
import { freedBytes, type StoreUsage, type UsageSummary } from '../model/store-usage.js'
import type { StorePaths } from '../platform/paths.js'
import { findAbandonedStaging } from '../platform/staging.js'
import type { Store } from '../platform/store.js'
import { type MeasuredStore, measureUsage } from './store-usage.js'
import { listParts } from './usage-parts.js'

export async function readStoreUsage(store: Store): Promise<StoreUsage> {
  const measured = await measureUsage(store)
  const { images, containers, volumes, bytesOf } = measured
  const totalBytes = bytesOf(store.paths.root)
  const known = [
    summarizeImages(store.paths, measured),
    summarizeContainers(store.paths, measured),
    summarizeVolumes(store.paths, measured),
    summarizeArtifacts(store.paths, measured),
    summarizeDownloads(store.paths, measured),
    summarizeLeftovers(store.paths, measured),
  ]
  const names = readdirSync(store.paths.names).length
  const rest = totalBytes - sumSizes(known)
  const records = { type: 'Records and cache', total: names, active: names, sizeBytes: rest, reclaimableBytes: 0 }
  const parts = listParts(store.paths, measured)
  return { totalBytes, summaries: [...known, records], images, containers, volumes, parts }
}

function sumSizes(things: readonly { readonly sizeBytes: number }[]): number {
  return things.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
}

function summarizeImages(paths: StorePaths, { images, parts, bytesOf }: MeasuredStore): UsageSummary {
  const unused = images.filter(({ containers }) => containers === 0)
  const gone = { images: new Set(unused.map(({ image }) => image.id)), containers: new Set<string>() }
  return {
    type: 'Images',
    total: images.length,
    active: images.length - unused.length,
    sizeBytes: bytesOf(paths.images) + bytesOf(paths.layers),
    reclaimableBytes: freedBytes(parts, gone),
  }
}

function summarizeContainers(paths: StorePaths, { containers, bytesOf }: MeasuredStore): UsageSummary {
  const stopped = containers.filter(({ view }) => !isLive(view.status))
  return {
    type: 'Containers',
    total: containers.length,
    active: containers.length - stopped.length,
    sizeBytes: bytesOf(paths.containers),
    reclaimableBytes: sumSizes(stopped),
  }
}

function summarizeVolumes(paths: StorePaths, { volumes, bytesOf }: MeasuredStore): UsageSummary {
  const unused = volumes.filter(({ links }) => links === 0)
  return {
    type: 'Local Volumes',
    total: volumes.length,
    active: volumes.length - unused.length,
    sizeBytes: bytesOf(paths.volumes),
    reclaimableBytes: sumSizes(unused),
  }
}

function summarizeArtifacts(paths: StorePaths, { bytesOf }: MeasuredStore): UsageSummary {
  const total = new Set(readIndex(artifactPaths(paths)).map(({ digest }) => digest)).size
  return { type: 'Artifacts', total, active: total, sizeBytes: bytesOf(paths.artifacts), reclaimableBytes: 0 }
}

function summarizeDownloads(paths: StorePaths, { bytesOf }: MeasuredStore): UsageSummary {
  const downloads = listDownloads(paths, Date.now())
  const forsaken = downloads.filter(({ isForsaken }) => isForsaken)
  return {
    type: 'Downloads',
    total: downloads.length,
    active: downloads.length - forsaken.length,
    sizeBytes: bytesOf(paths.downloads),
    reclaimableBytes: forsaken.reduce((sum, { diskBytes }) => sum + diskBytes, 0),
  }
}

function summarizeLeftovers(paths: StorePaths, { bytesOf }: MeasuredStore): UsageSummary {
  const trash = readdirSync(paths.trash).map((name) => path.join(paths.trash, name))
  const abandoned = [...trash, ...findAbandonedStaging(paths, Date.now())]
  const total = trash.length + readdirSync(paths.staging).length
  return {
    type: 'Leftovers',
    total,
    active: total - abandoned.length,
    sizeBytes: bytesOf(paths.staging) + bytesOf(paths.trash),
    reclaimableBytes: abandoned.reduce((sum, dir) => sum + bytesOf(dir), 0),
  }
}
