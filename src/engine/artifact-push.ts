// `artifact push`: to the registry its name says, byte for byte.

import { rmSync } from 'node:fs'
import { artifactPaths, findArtifact } from '../images/artifact-store.js'
import { blobPath, readBounded } from '../images/blobs.js'
import { OCI_MANIFEST } from '../images/media-types.js'
import { takeBlob } from '../images/outgoing-image.js'
import { openRepository } from '../images/registry/repository.js'
import { PARALLEL_BLOBS, sendBlob } from '../images/send-image.js'
import type { Digest } from '../model/image.js'
import { parseImageRef } from '../model/image-ref.js'
import type { RegistryOptions } from '../model/registry.js'
import { writeFileAtomic } from '../platform/files.js'
import { mapParallel } from '../platform/parallel.js'
import { makeStagingDir } from '../platform/staging.js'
import type { Engine } from './engine.js'

export interface PushArtifactRequest {
  readonly registry: RegistryOptions
  /** Gets the manifest's digest. */
  readonly digestFile?: string
}

/** Throws NotFoundError, HostError (registry, network). Idempotent. */
export async function pushArtifact(engine: Engine, text: string, request: PushArtifactRequest): Promise<Digest> {
  const { facts, report } = engine
  const { name, digest, manifest } = findArtifact(engine.paths, text)
  const ref = parseImageRef(name)
  const repository = openRepository({ facts, ref, purpose: 'push', options: request.registry, report })
  const layout = artifactPaths(engine.paths)
  const dir = makeStagingDir(engine.paths)
  try {
    const bytes = readBounded(blobPath(layout, digest), `artifact ${digest}`)
    const files = [...new Map([manifest.config, ...manifest.layers].map((file) => [file.digest, file])).values()]
    const blobs = files.map((file) => takeBlob(layout, file, dir))
    await mapParallel(blobs, PARALLEL_BLOBS, (blob) => sendBlob({ repository, mountFrom: [], report }, blob))
    const mediaType = manifest.mediaType ?? OCI_MANIFEST
    await repository.putManifest(ref.digest ?? ref.tag ?? 'latest', { bytes, digest, mediaType })
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
  if (request.digestFile !== undefined) writeFileAtomic(request.digestFile, digest, { durable: false })
  return digest
}
