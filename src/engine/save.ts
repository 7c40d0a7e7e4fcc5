// `save`: images out of the store, into an archive or a directory. `push` to a place of this machine ends here, too.

import { rmSync } from 'node:fs'
import { isatty } from 'node:tty'
import { type FoundImage, lookUpImage } from '../images/image-store.js'
import { takeImage } from '../images/outgoing-image.js'
import { writeDockerArchive } from '../images/save-docker-archive.js'
import { type SavedImage, writeOciArchive, writeOciDirectory, writePlainDirectory } from '../images/save-layouts.js'
import { HostError, NotFoundError, UsageError } from '../model/errors.js'
import type { Digest } from '../model/image.js'
import type { Conversion, Recompression, SaveFormat } from '../model/image-conversion.js'
import { formatImageRef, parseImageRef } from '../model/image-ref.js'
import { createTarWriter } from '../platform/archive.js'
import { openOutputFile } from '../platform/output-file.js'
import { makeStagingDir } from '../platform/staging.js'
import { appendImageEvent } from '../state/events.js'
import { sweepTrash } from '../storage/trash.js'
import type { Engine } from './engine.js'

/** Takes bytes of an archive; false: nobody reads them any more. */
export type ByteSink = (chunk: Uint8Array) => boolean

export interface SaveRequest {
  /** The image; further words are names it gets in the archive, or with `multi` images. */
  readonly images: readonly string[]
  readonly multi: boolean
  readonly format: SaveFormat
  /** Path of an archive or directory, or what takes an archive's bytes. */
  readonly output: string | ByteSink
  /** docker-dir: layers without compression get gzip. */
  readonly compress: boolean
  /** OCI formats: layers without compression stay so; they get gzip otherwise, as what reads OCI images expects. */
  readonly uncompressed: boolean
}

interface Selected {
  readonly found: FoundImage
  /** The names it gets. */
  readonly names: readonly string[]
}

/** Throws NotFoundError, UsageError, HostError (disk); an archive that was at `output` is then still there. */
export async function saveImages(engine: Engine, request: SaveRequest): Promise<void> {
  checkRequest(request)
  const selected = selectImages(engine, request)
  await sweepTrash(engine)
  await writeImages(engine, { ...request, selected, conversion: conversionOf(request) })
  for (const name of request.images) appendImageEvent(engine.paths, 'save', { name })
}

function checkRequest({ images, multi, format, output, compress, uncompressed }: SaveRequest): void {
  const isDirectory = format === 'docker-dir' || format === 'oci-dir'
  if (images.length > 1 && format !== 'docker-archive') {
    throw new UsageError(`save: ${format}: it holds one image under one name`, {
      hint: multi
        ? 'several images go into a docker-archive'
        : 'save each to a place of its own, or use docker-archive',
    })
  }
  if (compress && format !== 'docker-dir') throw new UsageError('save: --compress is for --format docker-dir')
  if (uncompressed && !format.startsWith('oci-')) throw new UsageError('save: --uncompressed is for the OCI formats')
  if (typeof output === 'string') return
  if (isDirectory) throw new UsageError(`save: ${format}: name the directory with --output DIRECTORY`)
  if (isatty(1)) {
    throw new UsageError('save: standard output is a terminal', {
      hint: 'name a file with --output FILE, or redirect it: lichen save IMAGE > FILE',
    })
  }
}

function conversionOf({ format, compress, uncompressed }: SaveRequest): Conversion {
  const gzip: Recompression = { format: 'gzip', layers: 'plain' }
  switch (format) {
    case 'docker-archive':
      return {}
    case 'docker-dir':
      return { format: 'docker', ...(compress ? { recompression: gzip } : {}) }
    case 'oci-archive':
    case 'oci-dir':
      return { format: 'oci', ...(uncompressed ? {} : { recompression: gzip }) }
  }
}

function selectImages(engine: Engine, { images, multi }: SaveRequest): Selected[] {
  const [first = '', ...rest] = images
  if (!multi) {
    const found = lookUpImage(engine.paths, first)
    const extra = rest.map((name) => checkExtraName(engine, name, found))
    return [{ found, names: unique([...extra, ...namesOf(found)]) }]
  }
  const byId = new Map<string, Selected>()
  for (const name of images) {
    const found = lookUpImage(engine.paths, name)
    const before = byId.get(found.image.id)
    const names = unique([...(before?.names ?? []), ...namesOf(found)])
    byId.set(found.image.id, { found: before?.found ?? found, names })
  }
  return [...byId.values()]
}

/** Docker takes further words for images, podman for names: where both could be meant, neither is guessed. */
function checkExtraName(engine: Engine, name: string, { image }: FoundImage): string {
  const ref = parseImageRef(name, 'localhost')
  if (ref.digest !== undefined) throw new UsageError(`save: ${name}: a name in an archive has no digest`)
  if (isOtherImage(engine, name, image.id)) {
    throw new UsageError(`save: ${name}: it is another image, and would be the name of the first one in the archive`, {
      hint: 'to save both, say --multi-image-archive',
    })
  }
  return formatImageRef(ref)
}

function isOtherImage(engine: Engine, name: string, id: string): boolean {
  try {
    return lookUpImage(engine.paths, name).image.id !== id
  } catch (error) {
    if (error instanceof NotFoundError) return false
    throw error
  }
}

/** The one it was found by; an ID gives it none. */
function namesOf({ byName }: FoundImage): string[] {
  return byName === undefined ? [] : [byName]
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)]
}

export interface LocalCopy {
  readonly selected: readonly Selected[]
  readonly format: SaveFormat
  readonly output: string | ByteSink
  readonly conversion: Conversion
}

/** The manifest's digest as it is there; undefined: a docker-archive has none. */
export async function writeImages(engine: Engine, copy: LocalCopy): Promise<Digest | undefined> {
  const dir = makeStagingDir(engine.paths)
  try {
    const images = copy.selected.map(({ found, names }) => ({
      local: found.image,
      outgoing: takeImage(engine.paths, found.image, { dir, conversion: copy.conversion }),
      tags: names,
    }))
    const [first] = images
    if (first === undefined) return undefined
    if (copy.format === 'docker-archive') {
      await toArchive(copy.output, async (tar) => {
        await writeDockerArchive(tar, images, engine.report)
      })
      return undefined
    }
    return await writeOne(copy, { image: first.outgoing, name: first.tags[0], report: engine.report })
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

async function writeOne({ format, output }: LocalCopy, saved: SavedImage): Promise<Digest> {
  if (format === 'oci-archive')
    return (await toArchive(output, async (tar) => await writeOciArchive(tar, saved))).digest
  if (typeof output !== 'string') throw new UsageError(`save: ${format}: it is a directory`)
  const write = format === 'oci-dir' ? writeOciDirectory : writePlainDirectory
  return (await write(output, saved)).digest
}

type Tar = Awaited<ReturnType<typeof createTarWriter>>

async function toArchive<T>(output: string | ByteSink, write: (tar: Tar) => Promise<T>): Promise<T> {
  if (typeof output !== 'string') {
    const put = (chunk: Uint8Array): void => {
      if (!output(chunk)) throw new HostError('write: standard output: nobody reads it any more')
    }
    return await write(await createTarWriter(put))
  }
  const file = openOutputFile(output)
  try {
    const result = await write(await createTarWriter(file.write))
    file.commit()
    return result
  } finally {
    file.close()
  }
}
