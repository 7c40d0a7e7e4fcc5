// What takes how much of the store's disk, and what would be free again without it. All sizes are of blocks on disk, as du counts them.

import type { ContainerView } from './container.js'
import type { LocalImage } from './image.js'

/** A blob or an unpacked layer: kept as long as anybody named here is there. */
export interface SharedPart {
  readonly kind: 'blob' | 'layer'
  readonly bytes: number
  /** IDs of images. */
  readonly images: readonly string[]
  /** IDs of containers. */
  readonly containers: readonly string[]
  /** Needed by something that is neither: a manifest list, or a record that cannot be read. */
  readonly isPinned: boolean
  /** Of a layer: whose ids the tree has. */
  readonly mapping?: string
}

export interface ImageUsage {
  readonly image: LocalImage
  /** 0: the image does not say. */
  readonly createdMs: number
  readonly sizeBytes: number
  /** Of these: needed by other images, too. */
  readonly sharedBytes: number
  /** How many were made from it. */
  readonly containers: number
}

export interface ContainerUsage {
  readonly view: ContainerView
  /** Everything but its image and its volumes: files it changed, logs, records. */
  readonly sizeBytes: number
  /** How many it uses. */
  readonly volumes: number
}

export interface VolumeUsage {
  readonly name: string
  /** How many containers use it. */
  readonly links: number
  readonly sizeBytes: number
}

/** One line of `system df`: all of them together are the whole store. */
export interface UsageSummary {
  readonly type: string
  readonly total: number
  readonly active: number
  readonly sizeBytes: number
  readonly reclaimableBytes: number
}

export interface StoreUsage {
  readonly totalBytes: number
  readonly summaries: readonly UsageSummary[]
  readonly images: readonly ImageUsage[]
  readonly containers: readonly ContainerUsage[]
  readonly volumes: readonly VolumeUsage[]
  /** The whole store once more, in finer parts. */
  readonly parts: readonly { readonly name: string; readonly count: number; readonly sizeBytes: number }[]
}

export interface Gone {
  readonly images: ReadonlySet<string>
  readonly containers: ReadonlySet<string>
}

/** What is free again when these are gone. What nobody needs as it is counts as well: it goes with the next removal. */
export function freedBytes(parts: readonly SharedPart[], { images, containers }: Gone): number {
  const isFree = (part: SharedPart): boolean =>
    !part.isPinned &&
    part.images.every((image) => images.has(image)) &&
    part.containers.every((container) => containers.has(container))
  return sumBytes(parts.filter(isFree))
}

export function sumBytes(parts: readonly { readonly bytes: number }[]): number {
  return parts.reduce((sum, { bytes }) => sum + bytes, 0)
}

/** What `system prune` has taken away, or would take. */
export interface PrunedStore {
  readonly containers: readonly string[]
  readonly volumes: readonly string[]
  readonly images: readonly string[]
  /** Paths below the root. */
  readonly leftovers: readonly string[]
  /** On disk. */
  readonly freedBytes: number
  readonly warnings: readonly string[]
}
