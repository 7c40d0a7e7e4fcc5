// The local artifacts: an OCI layout of its own beside the images', one entry of its index for each name. An artifact is visible only when
// all of its files are there.

import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { ArtifactManifest, LocalArtifact } from '../model/artifact.js'
import { NotFoundError, UsageError } from '../model/errors.js'
import type { Descriptor, Digest } from '../model/image.js'
import { parseImageRef } from '../model/image-ref.js'
import { sha256 } from '../platform/digest.js'
import { syncDirectory, writeFileAtomic } from '../platform/files.js'
import type { StorePaths } from '../platform/paths.js'
import { withReserve } from '../platform/reserve.js'
import { blobPath, moveBlob, readDocument, type StagedBlob, syncBlobs, unlessDamaged } from './blobs.js'
import { parseArtifact } from './documents.js'
import { changeIndex, nameOf, readIndex, withNames, withoutName } from './image-index.js'
import { matchReference } from './local-names.js'
import { OCI_MANIFEST } from './media-types.js'

/** The same places, with the artifacts' layout for the images'. */
export function artifactPaths(paths: StorePaths): StorePaths {
  return { ...paths, images: paths.artifacts, blobs: path.join(paths.artifacts, 'blobs/sha256') }
}

/** By name. Damaged ones are left out. */
export function listStoredArtifacts(paths: StorePaths): LocalArtifact[] {
  const layout = artifactPaths(paths)
  const artifacts = readIndex(layout).flatMap((entry) => unlessDamaged(() => toArtifact(layout, entry)) ?? [])
  return artifacts.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** By name (short ones: `localhost/` first, then docker.io), digest, or the unique beginning of one. Throws NotFoundError, UsageError. */
export function findArtifact(paths: StorePaths, text: string): LocalArtifact {
  const layout = artifactPaths(paths)
  return toArtifact(layout, findEntry(layout, text))
}

export interface ArtifactParts {
  readonly name: string
  /** Everything that is not in the store yet. */
  readonly blobs: readonly StagedBlob[]
  /** Given what has that name now. What it throws ends the change. */
  readonly toManifest: (current: ArtifactManifest | undefined) => {
    readonly bytes: Buffer
    readonly mediaType?: string
  }
}

/** Atomic: whoever has that name is replaced. Returns the manifest's digest. */
export async function storeArtifact(paths: StorePaths, { name, blobs, toManifest }: ArtifactParts): Promise<Digest> {
  const layout = artifactPaths(paths)
  mkdirSync(layout.blobs, { recursive: true, mode: 0o700 })
  await syncBlobs(blobs)
  const digest = await changeIndex(layout, (before) => {
    const current = before.find((entry) => nameOf(entry) === name)
    const { bytes, mediaType = OCI_MANIFEST } = toManifest(current && readArtifact(layout, current.digest))
    const descriptor = { mediaType, digest: sha256(bytes), size: bytes.length }
    for (const blob of blobs) moveBlob(layout, blob)
    syncDirectory(layout.blobs)
    writeFileAtomic(blobPath(layout, descriptor.digest), bytes, { durable: true })
    return { manifests: withNames(before, descriptor, [name]), result: descriptor.digest }
  })
  await sweepArtifacts(paths)
  return digest
}

/** Returns its digest. Works when it is damaged, and on a full disk. Throws NotFoundError. */
export async function deleteArtifact(paths: StorePaths, text: string): Promise<Digest> {
  const layout = artifactPaths(paths)
  const { digest, name } = describeEntry(findEntry(layout, text))
  await withReserve(paths, () =>
    changeIndex(layout, (before) => ({ manifests: withoutName(before, name), result: undefined })),
  )
  await sweepArtifacts(paths)
  return digest
}

/** Removes what has no name any more, and files that no artifact has. Idempotent. */
export async function sweepArtifacts(paths: StorePaths): Promise<void> {
  const layout = artifactPaths(paths)
  if (!existsSync(layout.blobs)) return
  await withReserve(paths, () =>
    changeIndex(layout, (before) => {
      const named = before.filter((entry) => nameOf(entry) !== undefined)
      const manifests = named.length === before.length ? before : named
      // which files a damaged one has cannot be known, and mending it needs them
      if (!manifests.every(({ digest }) => unlessDamaged(() => readArtifact(layout, digest)) !== undefined))
        return { manifests, result: undefined }
      const used = new Set<string>(manifests.flatMap(({ digest }) => [digest, ...filesOf(layout, digest)]))
      for (const hex of readdirSync(layout.blobs)) {
        if (!used.has(`sha256:${hex}`)) rmSync(path.join(layout.blobs, hex), { force: true })
      }
      return { manifests, result: undefined }
    }),
  )
}

function filesOf(layout: StorePaths, digest: Digest): Digest[] {
  const manifest = unlessDamaged(() => readArtifact(layout, digest))
  return manifest === undefined ? [] : [manifest.config, ...manifest.layers].map((file) => file.digest)
}

function readArtifact(layout: StorePaths, digest: Digest): ArtifactManifest {
  const subject = `artifact ${digest}`
  return parseArtifact(readDocument(blobPath(layout, digest), digest, subject), subject)
}

function toArtifact(layout: StorePaths, entry: Descriptor): LocalArtifact {
  const { digest, name } = describeEntry(entry)
  const manifest = readArtifact(layout, digest)
  const sizeBytes = manifest.layers.reduce((sum, { size }) => sum + size, 0)
  return { digest, name, manifest, sizeBytes }
}

/** Every entry has a name: an artifact that lost its own is gone. */
function describeEntry(entry: Descriptor): { readonly digest: Digest; readonly name: string } {
  return { digest: entry.digest, name: nameOf(entry) ?? '' }
}

function findEntry(layout: StorePaths, text: string): Descriptor {
  const entries = readIndex(layout)
  const named = matchReference(entries, text)
  if (named !== undefined) return named
  const prefix = text.replace(/^sha256:/, '')
  const isDigest = /^[0-9a-f]{1,64}$/.test(prefix)
  const hits = isDigest ? entries.filter(({ digest }) => digest.startsWith(`sha256:${prefix}`)) : []
  const [hit, ...others] = hits
  if (others.some(({ digest }) => digest !== hit?.digest))
    throw new UsageError(`find artifact: "${text}" is the beginning of ${hits.length} digests`)
  if (hit !== undefined) return hit
  if (!isDigest) parseImageRef(text)
  throw new NotFoundError(`find artifact: ${text}: not in the local store`, {
    hint: '`lichen artifact ls` lists what is there',
  })
}
