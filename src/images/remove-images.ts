// Takes names and images out of the index, then blobs that no manifest names any more. The index changes first, so a kill in between
// leaves files nobody refers to (swept by the next removal), never a reference to nothing.

import { readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { Descriptor, Digest } from '../model/image.js'
import type { StorePaths } from '../platform/paths.js'
import { withReserve } from '../platform/reserve.js'
import { unlessDamaged } from './blobs.js'
import { changeIndex, nameOf, withoutManifests, withoutName } from './image-index.js'
import { readManifest } from './image-store.js'
import { readList } from './manifest-lists.js'
import { isIndexType } from './media-types.js'
import { usedBlobs } from './used-blobs.js'

/** The image stays, as dangling if this was its last name. Idempotent. */
export async function untagImage(paths: StorePaths, name: string): Promise<void> {
  await shrinkIndex(paths, (before) => ({ manifests: withoutName(before, name), result: undefined }))
}

/** Removes every manifest of the images with these IDs, all their names, and the blobs nobody else uses. Idempotent. */
export async function deleteImages(paths: StorePaths, ids: ReadonlySet<string>): Promise<void> {
  const isDoomed = ({ digest }: Descriptor): boolean =>
    ids.has(readManifest(paths, digest)?.config.digest.slice('sha256:'.length) ?? '')
  await shrinkIndex(paths, (before) => {
    const doomed = before.filter(isDoomed)
    return { manifests: withoutManifests(before, new Set(doomed.map(({ digest }) => digest))), result: undefined }
  })
  await sweepBlobs(paths)
}

/** Removes one manifest or list, whole or damaged, and what only it used. Idempotent. */
export async function deleteManifest(paths: StorePaths, digest: Digest): Promise<void> {
  await shrinkIndex(paths, (before) => ({ manifests: withoutManifests(before, new Set([digest])), result: undefined }))
  await sweepBlobs(paths)
}

/**
 * Removes blobs that no manifest of the index names, and damaged manifests that no name leads to. Under the index's lock: images being
 * committed are safe.
 */
export async function sweepBlobs(paths: StorePaths): Promise<void> {
  await shrinkIndex(paths, (before) => {
    const kept = before.filter((entry) => nameOf(entry) !== undefined || isWhole(paths, entry))
    const manifests = kept.length === before.length ? before : kept
    // what a damaged document leads to cannot be known, and mending it needs that
    if (!manifests.every((entry) => isWhole(paths, entry))) return { manifests, result: undefined }
    const used = usedBlobs(paths, manifests)
    for (const hex of readdirSync(paths.blobs)) {
      if (!used.has(`sha256:${hex}` as Digest)) rmSync(path.join(paths.blobs, hex), { force: true })
    }
    return { manifests, result: undefined }
  })
}

/** Works on a full disk, too. */
async function shrinkIndex(paths: StorePaths, change: Parameters<typeof changeIndex<void>>[1]): Promise<void> {
  await withReserve(paths, () => changeIndex(paths, change))
}

/** Whether the document that an entry leads to can be read. */
export function isWhole(paths: StorePaths, { mediaType, digest }: Descriptor): boolean {
  if (isIndexType(mediaType)) return unlessDamaged(() => readList(paths, digest)) !== undefined
  return readManifest(paths, digest) !== undefined
}
