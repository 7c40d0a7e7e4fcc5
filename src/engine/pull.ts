// `pull`: a name → the image in the store, its layers unpacked. Layers are unpacked while they come; what is here already is not asked
// for. The image becomes visible last and whole; what an interrupted pull leaves is taken up by the next one.

import { rmSync } from 'node:fs'
import { hasBlob } from '../images/blobs.js'
import { StaleDownloadError } from '../images/downloads.js'
import { hostPlatform, type Platform } from '../images/host-platform.js'
import { fromIndexOf, nameOf, readIndex } from '../images/image-index.js'
import { readImage } from '../images/image-store.js'
import {
  checkBegunBlobs,
  type Fetching,
  fetchBlob,
  findRemoteImage,
  forgetDownloads,
  type RemoteImage,
  remoteSources,
  stageRemoteImage,
  startFetching,
} from '../images/pull-image.js'
import { openRepository, type Repository } from '../images/registry/repository.js'
import { commitImages, type StagedImage } from '../images/staged-image.js'
import { BadInputError } from '../model/errors.js'
import type { Descriptor, LocalImage } from '../model/image.js'
import { formatImageRef, type ImageRef } from '../model/image-ref.js'
import type { PlatformRequest, RegistryOptions } from '../model/registry.js'
import { toDiskError } from '../platform/disk-errors.js'
import { readSettings, type Settings } from '../platform/settings.js'
import { makeStagingDir } from '../platform/staging.js'
import { warnOfSingleId } from '../platform/userns.js'
import { appendImageEvent } from '../state/events.js'
import type { LayerMapping } from '../storage/layer-names.js'
import { readLayers } from '../storage/layers.js'
import { sweepTrash } from '../storage/trash.js'
import { DEFAULT_LIMITS, unpackLayers } from '../storage/unpack-layers.js'
import type { Engine } from './engine.js'

export interface PullOptions {
  readonly registry: RegistryOptions
  /** Undefined: this host's. */
  readonly platform?: PlatformRequest
  /** Whom the layers are unpacked for. */
  readonly mapping: LayerMapping
}

export interface PulledImage {
  readonly image: LocalImage
  readonly warnings: readonly string[]
}

/**
 * Brings one reference up to date. Throws NotFoundError, HostError (network, disk, credentials), BadInputError for what is not what it claims to be; no
 * image changes then.
 */
export async function pullReference(engine: Engine, ref: ImageRef, options: PullOptions): Promise<PulledImage> {
  const { facts, report } = engine
  const repository = openRepository({ facts, ref, purpose: 'pull', options: options.registry, report })
  const { tag = 'latest', digest } = ref
  // as docker: with a digest the tag means nothing
  const name = formatImageRef(digest === undefined ? { ...ref, tag } : { domain: ref.domain, path: ref.path, digest })
  const platform = completePlatform(options.platform)
  const remote = await findRemoteImage(repository, digest ?? tag, platform)
  const current = findCurrent(engine, { name, remote }, options.mapping)
  if (current !== undefined) return { image: current, warnings: [] }
  report.onNote(`Pulling ${name}`)
  const warnings = await fetchImage(engine, { name, remote, repository }, options)
  const image = readImage(engine.paths, readIndex(engine.paths), remote.manifest.digest)
  appendImageEvent(engine.paths, 'pull', { id: image.id, name })
  return { image, warnings: [...warnings, ...warnOfPlatform(image, platform)] }
}

export function completePlatform(said: PlatformRequest = {}): Platform {
  const host = hostPlatform()
  if (said.architecture === undefined || said.architecture === host.architecture) return { ...host, ...said }
  return { os: host.os, architecture: said.architecture, ...said }
}

interface Named {
  readonly name: string
  readonly remote: RemoteImage
}

/** The image, when the store has it under that name, whole and unpacked. */
function findCurrent({ paths }: Engine, { name, remote }: Named, mapping: LayerMapping): LocalImage | undefined {
  const manifests = readIndex(paths)
  const entry = manifests.find((it) => nameOf(it) === name)
  const { manifest, root } = remote
  const index = root.digest === manifest.digest ? undefined : root.digest
  if (entry?.digest !== manifest.digest || fromIndexOf(entry) !== index) return undefined
  const image = readImage(paths, manifests, entry.digest)
  const isWhole = [image.manifest.config, ...image.manifest.layers].every((blob) => hasBlob(paths, blob))
  const isUnpacked = !readLayers(paths, image.config.rootfs.diff_ids, mapping).includes(undefined)
  return isWhole && isUnpacked ? image : undefined
}

interface Fetch extends Named {
  readonly repository: Repository
}

/** Returns warnings. */
async function fetchImage(
  engine: Engine,
  { name, remote, repository }: Fetch,
  options: PullOptions,
): Promise<string[]> {
  const { paths, facts, report } = engine
  const { pull } = readSettings(facts)
  await sweepTrash(engine)
  const dir = makeStagingDir(paths)
  const fetching = startFetching({ paths, repository, dir, report, parallel: pull.parallelDownloads })
  try {
    const image = await stageRemoteImage(fetching, remote, name)
    const bringing = { fetching, image, mapping: options.mapping, settings: pull }
    const warnings = await bringOrExplain(engine, bringing).catch(async (error: unknown) => {
      if (!(error instanceof StaleDownloadError)) throw error
      return await bringOrExplain(engine, bringing) // what an earlier try left was damaged, and is gone now
    })
    await commitImages(paths, [image])
    forgetDownloads(paths, image)
    return [...warnOfSingleId(engine.userns), ...warnings]
  } catch (error) {
    throw toDiskError(error, `pull: ${name}`)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

interface Bringing {
  readonly fetching: Fetching
  readonly image: StagedImage
  readonly mapping: LayerMapping
  readonly settings: Settings['pull']
}

/** Bytes that cannot be unpacked may not be the blob's: then that is the error, and they are not kept for the next pull. */
async function bringOrExplain(engine: Engine, bringing: Bringing): Promise<readonly string[]> {
  try {
    return await bringLayers(engine, bringing)
  } catch (error) {
    if (error instanceof BadInputError) await checkBegunBlobs(bringing.fetching, bringing.image)
    throw error
  }
}

/** Unpacks what is not unpacked, from the bytes as they come; blobs of layers that are unpacked already are only fetched. */
async function bringLayers(
  engine: Engine,
  { fetching, image, mapping, settings }: Bringing,
): Promise<readonly string[]> {
  const { layers } = image.manifest
  const sources = remoteSources(fetching, image)
  const { parallelUnpacks: parallel, parallelDownloads } = settings
  const ahead = startFetchingAhead(fetching, layers, parallelDownloads - parallel)
  try {
    const { warnings } = await unpackLayers(engine, { sources, mapping, limits: DEFAULT_LIMITS, parallel })
    await Promise.all(layers.map((layer) => fetchBlob(fetching, layer)))
    return warnings
  } finally {
    await ahead.stop()
  }
}

/** With more transfers allowed than layers unpacked at a time: from the top, where the unpacking comes last. Failures are found again by who needs the blob. */
function startFetchingAhead(
  fetching: Fetching,
  layers: readonly Descriptor[],
  count: number,
): { stop: () => Promise<void> } {
  const waiting = [...layers]
  const work = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop())
      await fetchBlob(fetching, next).catch(() => waiting.splice(0))
  }
  const workers = Array.from({ length: Math.max(0, count) }, work)
  return {
    async stop() {
      waiting.splice(0)
      await Promise.all(workers)
    },
  }
}

function warnOfPlatform({ names, config }: LocalImage, wanted: Platform): string[] {
  const { os, architecture } = config
  if (os === wanted.os && architecture === wanted.architecture) return []
  return [`image ${names[0] ?? ''} is for ${os}/${architecture}, not ${wanted.os}/${wanted.architecture}`]
}
