// `import`: a root file system tar becomes an image of one layer, in one pass over its bytes.

import { createReadStream, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { isatty } from 'node:tty'
import { createFileWriter, type StagedBlob } from '../images/blobs.js'
import { hostPlatform } from '../images/host-platform.js'
import { describeImport } from '../images/import-tarball.js'
import { redactUrl } from '../images/registry/connection-failure.js'
import { download } from '../images/registry/download.js'
import { commitImages } from '../images/staged-image.js'
import { BadInputError, errorCode, NotFoundError, UsageError } from '../model/errors.js'
import type { ImageProcessConfig } from '../model/image.js'
import { formatImageRef, parseImageRef } from '../model/image-ref.js'
import { CHUNK_BYTES, type Chunks, chunksOf, readStandardInput } from '../platform/byte-streams.js'
import { toDiskError } from '../platform/disk-errors.js'
import { type LayerDigests, streamLayer } from '../platform/layer-stream.js'
import { makeStagingDir } from '../platform/staging.js'
import type { Store } from '../platform/store.js'
import { warnOfSingleId } from '../platform/userns.js'
import { appendImageEvent } from '../state/events.js'
import { layerMapping } from '../storage/layers.js'
import { discardLayer, parseUntarReport, publishLayer, type StagedLayer, stageLayer } from '../storage/staged-layer.js'
import { sweepTrash } from '../storage/trash.js'
import { DEFAULT_LIMITS, describeSkipped, explainUnpack, type UnpackLimits } from '../storage/unpack-layers.js'

export interface ImportRequest {
  /** A file, an http(s) URL, or `-` for standard input. */
  readonly source: string
  readonly name?: string
  /** What `--change` said, all of it merged. */
  readonly config?: ImageProcessConfig
  readonly message?: string
  readonly os?: string
  readonly arch?: string
  readonly variant?: string
  readonly maxUnpackedBytes?: number
}

export interface ImportedImage {
  readonly id: string
  readonly names: readonly string[]
  readonly warnings: readonly string[]
}

/** Throws NotFoundError, HostError (network, disk), or BadInputError for what is no tar; the store is then as it was. */
export async function importImage(store: Store, request: ImportRequest): Promise<ImportedImage> {
  const names = request.name === undefined ? [] : [formatImageRef(parseName(request.name))]
  const tarball = await openTarball(store, request.source)
  await sweepTrash(store)
  const dir = makeStagingDir(store.paths)
  const limits = { maxUnpackedBytes: request.maxUnpackedBytes ?? DEFAULT_LIMITS.maxUnpackedBytes }
  try {
    const staged = stageLayer(store, layerMapping(store), limits.maxUnpackedBytes)
    try {
      const { streamed, blob } = await unpackOnce(staged, { tarball, dir, limits })
      const { diffId, compressed } = streamed
      const description = { ...describe(request), created: tarball.modified, names }
      const image = await describeImport({ blob, diffId, compressed }, description, dir)
      const report = parseUntarReport(streamed.report)
      await publishLayer(store, staged, { chainId: diffId, diffId }, report)
      await commitImages(store.paths, [image])
      appendImageEvent(store.paths, 'import', { id: image.id, ...(names[0] === undefined ? {} : { name: names[0] }) })
      return { id: image.id, names, warnings: [...warnOfSingleId(store.userns), ...describeSkipped([report])] }
    } catch (error) {
      await discardLayer(store, staged)
      throw toDiskError(error, `import: ${tarball.subject}`)
    }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** A short name is one of this host's: nothing was pulled. */
function parseName(name: string): ReturnType<typeof parseImageRef> {
  const ref = parseImageRef(name, 'localhost')
  if (ref.digest === undefined) return ref
  throw new UsageError(`import: ${name}: a digest cannot be given, it comes from the contents`)
}

function describe({ config, message, os, arch, variant, source }: ImportRequest) {
  const host = hostPlatform()
  const said = { ...(os === undefined ? {} : { os }), ...(arch === undefined ? {} : { architecture: arch }) }
  const platform = {
    os: host.os,
    architecture: host.architecture,
    ...said,
    ...(variant === undefined ? {} : { variant }),
  }
  const from = isUrl(source) ? 'imported from URL' : 'imported from tarball'
  return { config: config ?? {}, platform, message: message ?? from }
}

interface Tarball {
  readonly chunks: Chunks
  readonly subject: string
  /** The file's own time: the same file makes the same image. */
  readonly modified: Date
}

async function openTarball({ facts }: Store, source: string): Promise<Tarball> {
  if (source === '-') {
    if (isatty(0))
      throw new UsageError('import: standard input is a terminal', { hint: 'redirect the archive in, or name a file' })
    return { chunks: readStandardInput(), subject: 'standard input', modified: new Date() }
  }
  if (isUrl(source))
    return { chunks: (await download(facts, source)).chunks, subject: redactUrl(source), modified: new Date() }
  const stat = statFile(source)
  if (!stat.isFile() && !stat.isFIFO())
    throw new BadInputError(`import: ${source}: not a file`, {
      hint: `pack it: tar -C ${source} -cf - . | lichen import - NAME`,
    })
  return {
    chunks: chunksOf(createReadStream(source, { highWaterMark: CHUNK_BYTES })),
    subject: source,
    modified: stat.mtime,
  }
}

function isUrl(source: string): boolean {
  return /^https?:\/\//.test(source)
}

function statFile(file: string) {
  try {
    return statSync(file)
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') throw new NotFoundError(`import: ${file}: no such file`, { cause })
    throw cause
  }
}

interface Pass {
  readonly tarball: Tarball
  readonly dir: string
  readonly limits: UnpackLimits
}

/** The tar's bytes: hashed, kept as a blob, decompressed, hashed, unpacked; each of it once. */
async function unpackOnce(staged: StagedLayer, pass: Pass): Promise<{ streamed: LayerDigests; blob: StagedBlob }> {
  const { chunks, subject } = pass.tarball
  const file = path.join(pass.dir, 'layer')
  const writer = createFileWriter(file)
  try {
    const streamed = await streamLayer({ subject, source: chunks, reader: staged.reader, onStored: writer.write })
    writer.finish()
    return { streamed, blob: { file, digest: streamed.digest, sizeBytes: streamed.sizeBytes } }
  } catch (error) {
    throw explainUnpack(error, { verb: 'import', subject, limits: pass.limits })
  } finally {
    writer.close()
  }
}
