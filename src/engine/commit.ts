// `commit`: a container's changes become the topmost layer of a new image, its settings the image's config. The image is not visible before all
// of it is there.

import { existsSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { checkLayerCount, describeCommit } from '../images/committed-image.js'
import { findImage } from '../images/image-store.js'
import { commitImages, type StagedImage } from '../images/staged-image.js'
import type { ContainerView } from '../model/container.js'
import { ConflictError, HostError, UsageError } from '../model/errors.js'
import type { ImageProcessConfig, LocalImage } from '../model/image.js'
import type { ManifestFormat } from '../model/image-conversion.js'
import { formatImageRef, parseImageRef } from '../model/image-ref.js'
import { toDiskError } from '../platform/disk-errors.js'
import { setFrozen } from '../platform/freezer.js'
import { onInterrupt } from '../platform/interrupt.js'
import { makeStagingDir } from '../platform/staging.js'
import type { Store } from '../platform/store.js'
import { appendContainerEvent } from '../state/events.js'
import { sweepTrash } from '../storage/trash.js'
import { besideOthers } from './beside-others.js'
import { commitConfig } from './commit-config.js'
import { packLayer, publishPacked } from './commit-layer.js'
import { explainBusy } from './container-tree.js'
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

/** Throws NotFoundError, UsageError, ConflictError for a container without an image, HostError (disk); the store is then as it was. */
export async function commitContainer(store: Store, request: CommitRequest): Promise<CommittedImage> {
  return await besideOthers(store, [request.container], () => commitOnce(store, request))
}

async function commitOnce(store: Store, request: CommitRequest): Promise<CommittedImage> {
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
  const packing = { dir, below: isWhole ? undefined : base.config.rootfs.diff_ids }
  const packed = await whilePaused(view, request.pause, () => packLayer(store, view, packing))
  const { layer, warnings } = packed
  await publishPacked(store, packed, packing)
  const config = commitConfig(base.config.config ?? {}, view.record.plan, request)
  const said = { ...(author === undefined ? {} : { author }), ...(message === undefined ? {} : { message }) }
  const description = { base, layer, isWhole, config, format, created: new Date(), names, ...said }
  return { image: await describeCommit(store.paths, description, dir), warnings }
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
