// Takes names and images out of the index, then blobs that no manifest names any more. The index changes first, so a kill in between
// leaves files nobody refers to (swept by the next removal), never a reference to nothing.

import { readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { Descriptor, Digest } from '../model/image.js'
import type { StorePaths } from '../platform/paths.js'
import { changeIndex, nameOf, withoutManifests, withoutName } from './image-index.js'
import { readManifest } from './image-store.js'

/** The image stays, as dangling if this was its last name. Idempotent. */
export async function untagImage(paths: StorePaths, name: string): Promise<void> {
  await changeIndex(paths, (before) => ({ manifests: withoutName(before, name), result: undefined }))
}

/** Removes every manifest of the image with that ID, all its names, and the blobs nobody else uses. Idempotent. */
export async function deleteImage(paths: StorePaths, id: string): Promise<void> {
  await changeIndex(paths, (before) => {
    const doomed = before.filter(({ digest }) => readManifest(paths, digest)?.config.digest === `sha256:${id}`)
    return { manifests: withoutManifests(before, new Set(doomed.map(({ digest }) => digest))), result: undefined }
  })
  await sweepBlobs(paths)
}

/** Removes one manifest, whole or damaged, and what only it used. Idempotent. */
export async function deleteManifest(paths: StorePaths, digest: Digest): Promise<void> {
  await changeIndex(paths, (before) => ({ manifests: withoutManifests(before, new Set([digest])), result: undefined }))
  await sweepBlobs(paths)
}

/**
 * Removes blobs that no manifest of the index names, and damaged manifests that no name leads to. Under the index's lock: images being
 * committed are safe.
 */
export async function sweepBlobs(paths: StorePaths): Promise<void> {
  await changeIndex(paths, (before) => {
    const kept = before.filter(
      (entry) => nameOf(entry) !== undefined || readManifest(paths, entry.digest) !== undefined,
    )
    const manifests = kept.length === before.length ? before : kept
    const used = usedBlobs(paths, manifests)
    for (const hex of readdirSync(paths.blobs)) {
      if (!used.has(`sha256:${hex}`)) rmSync(path.join(paths.blobs, hex), { force: true })
    }
    return { manifests, result: undefined }
  })
}

function usedBlobs(paths: StorePaths, manifests: readonly Descriptor[]): ReadonlySet<string> {
  return new Set(
    manifests.flatMap(({ digest }) => {
      const manifest = readManifest(paths, digest)
      return [
        digest,
        ...(manifest === undefined ? [] : [manifest.config.digest, ...manifest.layers.map((layer) => layer.digest)]),
      ]
    }),
  )
}
