// `load`: an archive of images → blobs, unpacked layers, names. All images of the archive become visible at once, or none.

import { rmSync } from 'node:fs'
import { isatty } from 'node:tty'
import { type ArchiveSource, readArchive } from '../images/load-archive.js'
import { redactUrl } from '../images/registry/connection-failure.js'
import { download } from '../images/registry/download.js'
import { commitImages, type StagedImage, stagedSources } from '../images/staged-image.js'
import { BadInputError, UsageError } from '../model/errors.js'
import { readStandardInput } from '../platform/byte-streams.js'
import { toDiskError } from '../platform/disk-errors.js'
import { makeStagingDir } from '../platform/staging.js'
import type { Store } from '../platform/store.js'
import { warnOfSingleId } from '../platform/userns.js'
import { appendImageEvent } from '../state/events.js'
import { layerMapping } from '../storage/layers.js'
import { sweepTrash } from '../storage/trash.js'
import { DEFAULT_LIMITS, unpackLayers } from '../storage/unpack-layers.js'
import { sweepStore } from './sweep.js'

export interface LoadRequest {
  /** A file, a directory (OCI layout or skopeo's `dir:`), or an http(s) URL. Undefined: standard input. */
  readonly input?: string
  /** `--max-unpacked-size`: for the archive's contents, and for each image's layers together. */
  readonly maxUnpackedBytes?: number
}

export interface LoadedImages {
  readonly images: readonly { readonly id: string; readonly names: readonly string[] }[]
  readonly warnings: readonly string[]
}

/** Throws NotFoundError, or BadInputError for what is no archive, a damaged or a hostile one; the store is then as it was. */
export async function loadImages(store: Store, request: LoadRequest): Promise<LoadedImages> {
  const source = await openArchive(store, request.input)
  const maxUnpackedBytes = request.maxUnpackedBytes ?? DEFAULT_LIMITS.maxUnpackedBytes
  await sweepTrash(store)
  try {
    const loaded = await loadStaged(store, source, maxUnpackedBytes)
    appendImageEvent(store.paths, 'loadfromarchive', { name: source.kind === 'path' ? source.path : source.name })
    return loaded
  } catch (error) {
    await sweepStore(store) // layers of an archive that turned out bad at its end are of no image
    throw explainLoad(error, source.kind === 'path' ? source.path : source.name)
  }
}

async function loadStaged(store: Store, source: ArchiveSource, maxUnpackedBytes: number): Promise<LoadedImages> {
  const dir = makeStagingDir(store.paths)
  try {
    const images = await readArchive(source, dir, { maxBytes: maxUnpackedBytes })
    const warnings = await unpackImages(store, images, maxUnpackedBytes)
    await commitImages(store.paths, images)
    return { images: images.map(({ id, names }) => ({ id, names })), warnings }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

async function openArchive({ facts }: Store, input: string | undefined): Promise<ArchiveSource> {
  if (input !== undefined && /^https?:\/\//.test(input))
    return { kind: 'stream', chunks: (await download(facts, input)).chunks, name: redactUrl(input) }
  if (input !== undefined) return { kind: 'path', path: input }
  if (isatty(0)) {
    throw new UsageError('load: standard input is a terminal', {
      hint: 'name the archive with --input FILE, or redirect it in: lichen load < FILE',
    })
  }
  return { kind: 'stream', chunks: readStandardInput(), name: 'standard input' }
}

/** `read: what: cause` in the words of the one who asked: `load: ARCHIVE: what: cause`. */
function explainLoad(error: unknown, archive: string): unknown {
  if (!(error instanceof BadInputError) || !error.message.startsWith('read: '))
    return toDiskError(error, `load: ${archive}`)
  const cause = error.message.slice('read: '.length).replace(`${archive}: `, '')
  return new BadInputError(`load: ${archive}: ${cause}`, {
    cause: error,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  })
}

async function unpackImages(store: Store, images: readonly StagedImage[], maxUnpackedBytes: number): Promise<string[]> {
  const mapping = layerMapping(store)
  const warnings = warnOfSingleId(store.userns)
  for (const image of images) {
    const request = { sources: stagedSources(image), mapping, limits: { maxUnpackedBytes } }
    warnings.push(...(await unpackLayers(store, request)).warnings)
  }
  return warnings
}
