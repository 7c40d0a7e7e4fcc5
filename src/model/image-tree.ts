// An image's layers and who else has them, as `image tree` draws them.

import type { Digest, LocalImage } from './image.js'

export interface TreeLayer {
  /** The chainID: it names the layer together with all below it. */
  readonly id: Digest
  readonly sizeBytes: number
  /** Names of the images that end with it. */
  readonly topOf: readonly string[]
  /** Layers of other images right upon it; empty unless what requires it was asked. */
  readonly children: readonly TreeLayer[]
}

export interface ImageTree {
  readonly image: LocalImage
  readonly sizeBytes: number
  /** Bottom first; or the topmost alone, with what lies upon it. */
  readonly layers: readonly TreeLayer[]
}
