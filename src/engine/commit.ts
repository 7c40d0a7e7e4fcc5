// `commit`: a container's changes become the topmost layer of a new image, its settings the image's config. One pass over the files: packed,
// hashed, compressed, hashed. Nothing is visible before all of it is there.

import { existsSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createBlobWriter } from '../images/blobs.js'
import { type CommittedLayer, checkLayerCount, describeCommit } from '../images/committed-image.js'
import { findImage, layerSources } from '../images/image-store.js'
import { commitImages, type StagedImage } from '../images/staged-image.js'
import type { ContainerView } from '../model/container.js'
import { ConflictError, HostError, UsageError } from '../model/errors.js'
import type { ImageProcessConfig, LocalImage } from '../model/image.js'
import type { ManifestFormat } from '../model/image-conversion.js'
import { formatImageRef, parseImageRef } from '../model/image-ref.js'
import { createMeter } from '../platform/byte-streams.js'
import { compress } from '../platform/compress.js'
import { toDiskError } from '../platform/disk-errors.js'
import { setFrozen } from '../platform/freezer.js'
import { onInterrupt } from '../platform/interrupt.js'
import { type Archive, startArchive } from '../platform/monitor-tools.js'
import { makeStagingDir } from '../platform/staging.js'
import type { Store } from '../platform/store.js'
import { readArchive } from '../platform/tree-tools.js'
import { appendContainerEvent } from '../state/events.js'
import { ensureLayers, layerMapping } from '../storage/layers.js'
import { sweepTrash } from '../storage/trash.js'
import { layerWords } from '../storage/tree-stack.js'
import { commitConfig } from './commit-config.js'
import { explainBusy, openContainerTree, ownerWords } from './container-tree.js'
import { findContainer } from './find.js'

export interface CommitRequest {
  readonly container: string
  /** Undefined: the image has no name. */
  readonly image?: string
  readonly author?: string
  readonly message?: string
  /** What `--change` said, all of it merged. */
  readonly changes: ImageProcessConfig
  readonly format: ManifestFormat
  readonly includeVolumes: boolean
  /** Where it can be: without a control group of its own a container runs on. */
  readonly pause: boolean
  readonly squash: boolean
  /** Gets the ID. */
  readonly iidFile?: string
}

export interface CommittedImage {
  readonly id: string
  readonly warnings: readonly string[]
}

/** An archive of nothing: two blocks of zeros. */
const EMPTY_TAR = Buffer.alloc(1024)

/** Throws NotFoundError, UsageError, ConflictError for a container without an image, HostError (disk); the store is then as it was. */
export async function commitContainer(store: Store, request: CommitRequest): Promise<CommittedImage> {
  const view = await findContainer(store, request.container)
  const { record } = view
  const base = findBase(store, view)
  const names = request.image === undefined ? [] : [formatImageRef(parseName(request.image))]
  if (!request.squash) checkLayerCount(base)
  if (request.iidFile !== undefined) checkIidFile(request.iidFile)
  await sweepTrash(store)
  const dir = makeStagingDir(store.paths)
  try {
    const { image, warnings } = await stageImage(store, view, { request, base, names, dir })
    await commitImages(store.paths, [image])
    if (request.iidFile !== undefined) writeFileSync(request.iidFile, image.id)
    appendContainerEvent(store.paths, record, 'commit')
    const sources = layerSources(store.paths, findImage(store.paths, image.id))
    await ensureLayers(store, sources, layerMapping(store, record.plan.userns))
    return { id: image.id, warnings }
  } catch (error) {
    throw toDiskError(explainBusy(error, record), `commit container: ${record.name}`)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** Before any work is done for nothing. */
function checkIidFile(file: string): void {
  if (existsSync(path.dirname(file))) return
  throw new HostError(`commit: --iidfile ${file}: its directory does not exist`)
}

function findBase(store: Store, { record }: ContainerView): LocalImage {
  const { rootfs, image } = record.plan
  if (rootfs === undefined) return findImage(store.paths, image.id)
  throw new ConflictError(`commit container: ${record.name}: it has no image to build on: it was made with --rootfs`, {
    hint: `pack the directory: tar -C ${rootfs.hostPath} -cf - . | lichen import - NAME`,
  })
}

/** A short name is one of this host's, as `import`'s. */
function parseName(name: string): ReturnType<typeof parseImageRef> {
  const ref = parseImageRef(name, 'localhost')
  if (ref.digest === undefined) return ref
  throw new UsageError(`commit: ${name}: a digest cannot be given, it comes from the contents`)
}

interface Staging {
  readonly request: CommitRequest
  readonly base: LocalImage
  readonly names: readonly string[]
  readonly dir: string
}

async function stageImage(
  store: Store,
  view: ContainerView,
  { request, base, names, dir }: Staging,
): Promise<{ readonly image: StagedImage; readonly warnings: readonly string[] }> {
  const { format, author, message, squash: isWhole } = request
  const { layer, warnings } = await whilePaused(view, request.pause, () => packLayer(store, view, { isWhole, dir }))
  const config = commitConfig(base.config.config ?? {}, view.record.plan, request)
  const said = { ...(author === undefined ? {} : { author }), ...(message === undefined ? {} : { message }) }
  const description = { base, layer, isWhole, config, format, created: new Date(), names, ...said }
  return { image: await describeCommit(store.paths, description, dir), warnings }
}

async function packLayer(
  store: Store,
  view: ContainerView,
  { isWhole, dir }: { readonly isWhole: boolean; readonly dir: string },
): Promise<{ readonly layer: CommittedLayer; readonly warnings: readonly string[] }> {
  const archive = isWhole ? await startWhole(store, view) : startChanges(store, view)
  const warnings: string[] = []
  const tar = archive === undefined ? only(EMPTY_TAR) : readArchive(archive, (told) => void warnings.push(...told))
  const plain = createMeter()
  const writer = createBlobWriter(path.join(dir, 'layer'))
  try {
    for await (const chunk of compress(plain.pass(tar), { format: 'gzip' })) writer.write(chunk)
    return { layer: { blob: writer.finish(), diffId: plain.digest() }, warnings }
  } finally {
    writer.close()
  }
}

async function startWhole(store: Store, view: ContainerView): Promise<Archive> {
  const { enter, root } = await openContainerTree(store, view, 'own')
  return startArchive(store, [...ownerWords(store, view.record), '--name', '.', root], enter)
}

/** Undefined: it never ran, so that nothing has changed. */
function startChanges(store: Store, { record }: ContainerView): Archive | undefined {
  const words = layerWords(store, record)
  return words === undefined ? undefined : startArchive(store, [...ownerWords(store, record), ...words])
}

async function* only(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}

/** One that was paused before stays so. */
async function whilePaused<T>({ status, monitor }: ContainerView, wanted: boolean, act: () => Promise<T>): Promise<T> {
  if (!wanted || status !== 'running' || monitor === undefined) return await act()
  const forget = onInterrupt(() => void setFrozen(monitor, false)) // its first step is done when it returns
  try {
    await setFrozen(monitor, true)
    return await act()
  } finally {
    await setFrozen(monitor, false)
    forget()
  }
}
