// `artifact add`: files of the user's become an artifact, or more files of one.

import { createReadStream, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { EMPTY_CONFIG_BYTES, newArtifact, TITLE, withFiles } from '../images/artifact-document.js'
import { storeArtifact } from '../images/artifact-store.js'
import { createBlobWriter, type StagedBlob, stageBytes } from '../images/blobs.js'
import { detectMediaType, HEAD_BYTES } from '../images/detect-media-type.js'
import type { ArtifactManifest } from '../model/artifact.js'
import { BadInputError, ConflictError, NotFoundError, UsageError } from '../model/errors.js'
import type { Descriptor, Digest } from '../model/image.js'
import { formatImageRef, parseImageRef } from '../model/image-ref.js'
import { toAccessError } from '../platform/access-errors.js'
import { CHUNK_BYTES, type Chunks, chunksOf } from '../platform/byte-streams.js'
import { toDiskError } from '../platform/disk-errors.js'
import { makeStagingDir } from '../platform/staging.js'
import type { Store } from '../platform/store.js'
import { sweepTrash } from '../storage/trash.js'

export interface AddArtifactRequest {
  readonly name: string
  readonly files: readonly string[]
  /** Of each file. */
  readonly annotations: Readonly<Record<string, string>>
  /** Media type of the artifact; undefined: of no known one. */
  readonly type?: string
  /** Media type of each file; undefined: found out. */
  readonly fileType?: string
  /** What happens to an artifact of that name; `new`: it is an error. */
  readonly mode: 'new' | 'append' | 'replace'
}

interface StagedFile {
  readonly blob: StagedBlob
  readonly descriptor: Descriptor
}

/** Throws NotFoundError, ConflictError (name or title taken), UsageError; the store is then as it was. */
export async function addArtifact(store: Store, request: AddArtifactRequest): Promise<Digest> {
  const name = formatImageRef(parseName(request.name))
  await sweepTrash(store)
  const dir = makeStagingDir(store.paths)
  try {
    const files: StagedFile[] = []
    for (const file of request.files) files.push(await stageFile(file, path.join(dir, `file-${files.length}`), request))
    const config = stageBytes(path.join(dir, 'config'), EMPTY_CONFIG_BYTES)
    return await storeArtifact(store.paths, {
      name,
      blobs: [config, ...files.map(({ blob }) => blob)],
      toManifest: (current) => {
        const added = files.map(({ descriptor }) => descriptor)
        const manifest = withFiles(startFrom(current, name, request), added)
        return { bytes: Buffer.from(JSON.stringify(manifest)) }
      },
    })
  } catch (error) {
    throw toDiskError(error, `add artifact: ${name}`)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** A short name is one of this host's: nothing was pulled. */
function parseName(text: string): ReturnType<typeof parseImageRef> {
  const ref = parseImageRef(text, 'localhost')
  if (ref.digest === undefined) return ref
  throw new UsageError(`add artifact: ${text}: a digest cannot be given, it comes from the contents`)
}

function startFrom(
  current: ArtifactManifest | undefined,
  name: string,
  { mode, type }: AddArtifactRequest,
): ArtifactManifest {
  if (mode === 'append') {
    if (current !== undefined) return current
    throw new NotFoundError(`add to artifact: ${name}: not in the local store`, { hint: 'make it, without --append' })
  }
  if (mode === 'replace' || current === undefined) return newArtifact(new Date(), type)
  throw new ConflictError(`add artifact: ${name}: that name is already in use`, {
    hint: 'add files with --append, or make it anew with --replace',
  })
}

async function stageFile(file: string, target: string, request: AddArtifactRequest): Promise<StagedFile> {
  const heads: Buffer[] = []
  const writer = createBlobWriter(target)
  try {
    let headBytes = 0
    for await (const chunk of openFile(file)) {
      if (headBytes < HEAD_BYTES) heads.push(chunk)
      headBytes += chunk.length
      writer.write(chunk)
    }
    const blob = writer.finish()
    const mediaType = request.fileType ?? detectMediaType(Buffer.concat(heads))
    const annotations = { [TITLE]: path.basename(file), ...request.annotations }
    return { blob, descriptor: { mediaType, digest: blob.digest, size: blob.sizeBytes, annotations } }
  } catch (error) {
    throw toAccessError(error, `add artifact: ${file}`)
  } finally {
    writer.close()
  }
}

function openFile(file: string): Chunks {
  const stat = statSync(file, { throwIfNoEntry: false })
  if (stat === undefined) throw new NotFoundError(`add artifact: ${file}: no such file`)
  if (stat.isDirectory()) {
    throw new BadInputError(`add artifact: ${file}: a directory`, {
      hint: `pack it: tar -C ${file} -czf FILE.tar.gz .`,
    })
  }
  return chunksOf(createReadStream(file, { highWaterMark: CHUNK_BYTES }))
}
