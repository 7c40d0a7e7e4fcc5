// Who needs which blob, for counting what they take: every blob below images/ with the images (by ID) that name it.

import { readdirSync } from 'node:fs'
import path from 'node:path'
import type { Digest } from '../model/image.js'
import { fileDiskBytes } from '../platform/disk-usage.js'
import type { StorePaths } from '../platform/paths.js'
import { fromIndexOf, readIndex } from './image-index.js'
import { readManifest } from './image-store.js'
import { usedBlobs } from './used-blobs.js'

export interface OwnedBlob {
  readonly digest: Digest
  readonly diskBytes: number
  /** IDs of images. Empty: nobody needs it, or (pinned) only a list, or a manifest that cannot be read. */
  readonly images: readonly string[]
  readonly isPinned: boolean
}

/** What other names have that lie there: not ours, and left out. */
export function listOwnedBlobs(paths: StorePaths): OwnedBlob[] {
  const manifests = readIndex(paths)
  const owners = new Map<string, Set<string>>()
  for (const entry of manifests) {
    const manifest = readManifest(paths, entry.digest)
    if (manifest === undefined) continue
    const fromIndex = fromIndexOf(entry)
    const needed = [entry.digest, manifest.config.digest, ...manifest.layers.map(({ digest }) => digest)]
    for (const digest of [...needed, ...(fromIndex === undefined ? [] : [fromIndex])]) {
      const images = owners.get(digest) ?? new Set()
      owners.set(digest, images.add(manifest.config.digest.slice('sha256:'.length)))
    }
  }
  const used = usedBlobs(paths, manifests)
  return listBlobs(paths).map((digest) => {
    const images = [...(owners.get(digest) ?? [])]
    const diskBytes = fileDiskBytes(path.join(paths.blobs, digest.slice('sha256:'.length)))
    return { digest, diskBytes, images, isPinned: images.length === 0 && used.has(digest) }
  })
}

/** Every blob there is, used or not. */
export function listBlobs(paths: Pick<StorePaths, 'blobs'>): Digest[] {
  return readdirSync(paths.blobs)
    .filter((name) => /^[0-9a-f]{64}$/.test(name))
    .map((hex): Digest => `sha256:${hex}`)
}
