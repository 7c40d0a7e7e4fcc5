// What lies in the store and who needs it, measured: the one source of the sizes that `system df` shows and prunes tell.

import path from 'node:path'
import { listOwnedBlobs } from '../images/blob-owners.js'
import { createdMs, listStoredImages } from '../images/image-store.js'
import { type ContainerRecord, usedLayers } from '../model/container.js'
import type { LocalImage } from '../model/image.js'
import type { ContainerUsage, ImageUsage, SharedPart, VolumeUsage } from '../model/store-usage.js'
import { sumBytes } from '../model/store-usage.js'
import { measureStore } from '../platform/disk-usage.js'
import { isStagingInUse } from '../platform/staging.js'
import type { Store } from '../platform/store.js'
import { chainIds } from '../storage/layer-names.js'
import { listLayers } from '../storage/unused-layers.js'
import { listVolumes } from '../storage/volumes.js'
import { listContainers } from './ps.js'
import { usesVolume } from './volume-users.js'

export interface MeasuredStore {
  /** A directory of the store at most two levels below its root, with all it holds; 0 when it is not there. */
  readonly bytesOf: (dir: string) => number
  readonly images: readonly ImageUsage[]
  readonly containers: readonly ContainerUsage[]
  readonly volumes: readonly VolumeUsage[]
  /** Blobs and unpacked layers. */
  readonly parts: readonly SharedPart[]
}

/** Takes as long as du does for the root. */
export async function measureUsage(store: Store): Promise<MeasuredStore> {
  const { paths } = store
  let isDamaged = false
  const views = await listContainers(store, () => {
    isDamaged = true
  })
  const images = listStoredImages(paths)
  const measured = await measureStore(store)
  const bytesOf = (dir: string): number => measured.get(dir) ?? 0
  const records = views.map(({ record }) => record)
  const parts = [...listBlobParts(store), ...listLayerParts(store, { images, records, isDamaged, bytesOf })]
  return {
    bytesOf,
    parts,
    images: images.map((image) => measureImage(image, parts, records)),
    containers: views.map((view) => ({
      view,
      sizeBytes: bytesOf(path.join(paths.containers, view.record.id)),
      volumes: view.record.plan.mounts.filter(({ volumeName }) => volumeName !== undefined).length,
    })),
    volumes: listVolumes(paths).map(({ name }) => ({
      name,
      links: records.filter((record) => usesVolume(record, name)).length,
      sizeBytes: bytesOf(path.join(paths.volumes, name)),
    })),
  }
}

function measureImage(
  image: LocalImage,
  parts: readonly SharedPart[],
  records: readonly ContainerRecord[],
): ImageUsage {
  const own = parts.filter(({ images }) => images.includes(image.id))
  return {
    image,
    createdMs: createdMs(image),
    sizeBytes: sumBytes(own),
    sharedBytes: sumBytes(own.filter(({ images }) => images.length > 1)),
    containers: records.filter(({ plan }) => plan.image.id === image.id).length,
  }
}

function listBlobParts({ paths }: Store): SharedPart[] {
  return listOwnedBlobs(paths).map(({ diskBytes, images, isPinned }) => ({
    kind: 'blob',
    bytes: diskBytes,
    images,
    containers: [],
    isPinned,
  }))
}

interface LayerUsers {
  readonly images: readonly LocalImage[]
  readonly records: readonly ContainerRecord[]
  /** A container's record cannot be read: which layers it needs is not known. */
  readonly isDamaged: boolean
  readonly bytesOf: (dir: string) => number
}

function listLayerParts({ paths }: Store, { images, records, isDamaged, bytesOf }: LayerUsers): SharedPart[] {
  const isLoading = isStagingInUse(paths) // then no layer goes, see findUnusedLayers
  const chains = images.map(({ id, config }) => ({ id, chain: new Set(chainIds(config.rootfs.diff_ids)) }))
  return listLayers(paths).map(({ name, record }) => ({
    kind: 'layer',
    bytes: bytesOf(path.join(paths.layers, name)),
    images: chains.flatMap(({ id, chain }) => (record !== undefined && chain.has(record.chainId) ? [id] : [])),
    containers: records.flatMap(({ id, plan }) => (usedLayers(plan).includes(name) ? [id] : [])),
    isPinned: isDamaged || isLoading,
    ...(record === undefined ? {} : { mapping: record.mapping }),
  }))
}
