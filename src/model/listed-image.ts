// What `images` lists: images, and lists of images for several platforms, which have names like them but no config of their own.

import type { ImageConfig, LocalImage } from './image.js'

export interface Listable extends Pick<LocalImage, 'id' | 'manifestDigest' | 'indexDigests' | 'names'> {
  readonly config: Pick<ImageConfig, 'created' | 'config'>
}

export interface ListedImage {
  readonly image: Listable
  readonly isList: boolean
  /** Of the files in its layers, of the stored blob for a layer that is not unpacked yet; of a list its document's. */
  readonly sizeBytes: number
  /** Milliseconds since the epoch; 0: it does not say. */
  readonly createdMs: number
  /** How many containers were made from it. */
  readonly containers: number
  /** The ID of the local image it was made from; undefined: none is known. */
  readonly parentId: string | undefined
}
