// `load`'s first half: an archive of unknown kind → images below staging/, every digest of a blob verified while it was written. What is
// inside decides the kind, not the file's name.

import { createReadStream, statSync } from 'node:fs'
import { BadInputError, errorCode, NotFoundError } from '../model/errors.js'
import { CHUNK_BYTES, type Chunks, chunksOf } from '../platform/byte-streams.js'
import { readDockerArchive } from './docker-archive.js'
import { readOciLayout } from './oci-archive.js'
import { readPlainDirectory } from './plain-directory.js'
import { type ArchiveLimits, type StagedFiles, stageDirectory, stageTar } from './staged-files.js'
import type { StagedImage } from './staged-image.js'

/** A file or a directory by its path, or a stream of a tar. */
export type ArchiveSource =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'stream'; readonly chunks: Chunks; readonly name: string }

/** Stages into `dir`, which the caller removes. Throws BadInputError for what is no image archive or a damaged or hostile one. */
export async function readArchive(source: ArchiveSource, dir: string, limits: ArchiveLimits): Promise<StagedImage[]> {
  const subject = source.kind === 'path' ? source.path : source.name
  const files = await stageFiles(source, dir, limits)
  // an archive of docker 25 is both; the layout knows more
  const images =
    (await readOciLayout(files)) ?? (await readDockerArchive(files, dir)) ?? (await readPlainDirectory(files))
  if (images !== undefined) return images
  throw new BadInputError(
    `load: ${subject}: neither an OCI layout nor an archive of docker's, nor a directory of skopeo's`,
    {
      hint: 'a root file system without an image around it is added with `lichen import`',
    },
  )
}

async function stageFiles(source: ArchiveSource, dir: string, limits: ArchiveLimits): Promise<StagedFiles> {
  if (source.kind === 'stream') return await stageTar(source.chunks, dir, { ...limits, subject: source.name })
  if (isDirectory(source.path)) return stageDirectory(source.path, dir, limits)
  const stream = createReadStream(source.path, { highWaterMark: CHUNK_BYTES })
  return await stageTar(chunksOf(stream), dir, { ...limits, subject: source.path })
}

function isDirectory(file: string): boolean {
  try {
    return statSync(file).isDirectory()
  } catch (cause) {
    if (errorCode(cause) !== 'ENOENT') throw cause
    throw new NotFoundError(`load: ${file}: no such file`, { cause })
  }
}
