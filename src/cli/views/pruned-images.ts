// What `image prune` shows: the IDs on standard output, as podman; for people, names (before the fact) and bytes on standard error.

import type { LocalImage } from '../../model/image.js'
import { exactSize } from '../human.js'

export interface PrunedImages {
  readonly images: readonly LocalImage[]
  readonly freedBytes: number
}

export function prunedImagesText(
  { images, freedBytes }: PrunedImages,
  dryRun: boolean,
): { readonly ids: string; readonly note: string } {
  const size = exactSize(freedBytes)
  if (!dryRun) return { ids: images.map(({ id }) => `${id}\n`).join(''), note: `Total reclaimed space: ${size}\n` }
  const lines = images.map(({ id, names }) => `${id}  ${names.length === 0 ? '<none>' : names.join(' ')}\n`)
  const count = `${images.length} ${images.length === 1 ? 'image' : 'images'}`
  return { ids: lines.join(''), note: `Would remove ${count} and free ${size}\n` }
}
