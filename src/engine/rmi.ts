// `rmi`: takes a name from an image; with its last name, or by its ID, the image goes, and with it what nobody else uses.

import { unlessDamaged } from '../images/blobs.js'
import { type FoundImage, findDescriptor, listNames, listStoredImages, lookUpImage } from '../images/image-store.js'
import { findList, listStoredLists } from '../images/manifest-lists.js'
import { deleteImages, deleteManifest, untagImage } from '../images/remove-images.js'
import type { ContainerRecord } from '../model/container.js'
import { BadInputError, ConflictError, HostError, NotFoundError } from '../model/errors.js'
import type { LocalImage } from '../model/image.js'
import { isDiskFull } from '../platform/reserve.js'
import type { Store } from '../platform/store.js'
import { appendImageEvent } from '../state/events.js'
import { listRecords } from '../state/records.js'
import { findForeignMount, listLayerMounts, mountPath, unmountLayers } from '../storage/layer-mounts.js'
import { removeUnusedLayers } from '../storage/unused-layers.js'
import { findParent, groupByTop, isAncestor } from './image-family.js'
import { removeFoundList } from './manifest-rm.js'
import { removeRecord } from './rm.js'
import { findLayersInUse, sweepStore } from './sweep.js'

export interface RemoveImageOptions {
  /** Containers that use the image are removed first; an ID may have several names; a mounted image is unmounted. */
  readonly force: boolean
  /** As for `--all`: an ID with several names is no reason to stop. */
  readonly allNames?: boolean
  /** `--no-prune`: images without a name that it was made from stay, too. */
  readonly keepParents?: boolean
}

export interface RemovedImage {
  readonly untagged: readonly string[]
  /** The image's ID and its parents', unless only a name was taken away. */
  readonly deleted: readonly string[]
}

/** podman's exit codes of `rmi`. */
const EXIT_NOT_FOUND = 1
const EXIT_IN_USE = 2

/** Throws NotFoundError, and ConflictError when a container uses the image, it is mounted, or an ID has several names. */
export async function removeImage(store: Store, text: string, options: RemoveImageOptions): Promise<RemovedImage> {
  const removed = await removeFound(store, text, options)
  for (const name of removed.untagged) appendImageEvent(store.paths, 'untag', { name })
  for (const id of removed.deleted) appendImageEvent(store.paths, 'remove', { id })
  return removed
}

async function removeFound(store: Store, text: string, options: RemoveImageOptions): Promise<RemovedImage> {
  const list = unlessDamaged(() => findList(store.paths, text))
  if (list !== undefined) return await removeFoundList(store, list)
  const found = lookUp(store, text)
  if (found === undefined) return await removeDamaged(store, text)
  const { image, byName } = found
  if (byName !== undefined && image.names.length > 1) {
    await untagImage(store.paths, byName)
    return { untagged: [byName], deleted: [] }
  }
  if (byName === undefined && image.names.length > 1 && !options.force && options.allNames !== true) {
    throw new ConflictError(`remove image: ${text}: it has the names ${image.names.join(', ')}`, {
      hint: 'remove it by one of its names, or all of them with --force',
    })
  }
  await freeImage(store, image, options)
  await freeMount(store, image, options)
  const parents = options.keepParents === true ? [] : findNeedlessParents(store, image)
  const deleted = [image.id, ...parents.map(({ id }) => id)]
  await dropImages(store, deleted)
  return { untagged: image.names, deleted }
}

/** Of a container that is gone: the name it was made from, and with its last name the image. Throws like `removeImage`. */
export async function removeImageOf(store: Store, { plan }: Pick<ContainerRecord, 'plan'>): Promise<void> {
  const { id, name } = plan.image
  const image = listStoredImages(store.paths).find((it) => it.id === id)
  // the name may mean another image by now
  if (id !== '') await removeImage(store, image?.names.includes(name) ? name : id, { force: false })
}

/** IDs of all there is to remove: lists first, they may keep what is left of images. */
export function listRemovable({ paths }: Store): string[] {
  return [...listStoredLists(paths), ...listStoredImages(paths)].map(({ id }) => id)
}

/** Removes whole images and what only they needed; that nobody uses them is the caller's to know. Idempotent. */
export async function dropImages(store: Store, ids: readonly string[]): Promise<void> {
  const doomed = new Set(ids)
  try {
    await deleteImages(store.paths, doomed)
  } catch (error) {
    if (!isDiskFull(error)) throw error
    // their unpacked layers can go before the index says so: whoever needs one of them meanwhile unpacks it again
    await removeUnusedLayers(store, () => findLayersInUse(store, doomed))
    await deleteImages(store.paths, doomed)
  }
  await sweepStore(store)
}

export function isMountedElsewhere(store: Store, image: LocalImage): boolean {
  return findForeignMount(store.paths, image.id) !== undefined
}

/** undefined: it has that name, but is damaged. */
function lookUp(store: Store, text: string): FoundImage | undefined {
  try {
    return lookUpImage(store.paths, text)
  } catch (error) {
    if (error instanceof NotFoundError) {
      throw new NotFoundError(`remove image: ${text}: not in the local store`, {
        cause: error,
        exitCode: EXIT_NOT_FOUND,
      })
    }
    if (error instanceof BadInputError || error instanceof HostError) return undefined
    throw error
  }
}

/** Nobody can run it any more; that it can be removed is the way out. */
async function removeDamaged(store: Store, text: string): Promise<RemovedImage> {
  const descriptor = findDescriptor(store.paths, text)
  if (descriptor === undefined) return { untagged: [], deleted: [] }
  const names = listNames(store.paths, descriptor.digest)
  await deleteManifest(store.paths, descriptor.digest)
  await sweepStore(store)
  return { untagged: names, deleted: [] }
}

async function freeImage(store: Store, image: LocalImage, { force }: RemoveImageOptions): Promise<void> {
  const users = listRecords(store.paths, () => undefined).filter(({ plan }) => plan.image.id === image.id)
  if (users.length === 0) return
  if (!force) {
    const shown = users.map(({ id, name }) => `${id.slice(0, 12)} (${name})`).join(', ')
    throw new ConflictError(`remove image: ${shownName(image)}: used by container ${shown}`, {
      hint: `lichen rm -f ${users.map(({ name }) => name).join(' ')}, or rmi --force to remove both`,
      exitCode: EXIT_IN_USE,
    })
  }
  for (const record of users) await removeRecord(store, record, { force: true, volumes: false })
}

/** What is mounted for another mount namespace only they can unmount. */
async function freeMount(store: Store, image: LocalImage, { force }: RemoveImageOptions): Promise<void> {
  const inUse = (cause: string, hint: string) =>
    new ConflictError(`remove image: ${shownName(image)}: ${cause}`, { hint, exitCode: EXIT_IN_USE })
  if (!force && listLayerMounts(store.paths).includes(image.id)) {
    const unmount = `lichen image unmount ${image.id.slice(0, 12)}`
    throw inUse(`mounted at ${mountPath(store.paths, image.id)}`, `${unmount}, or rmi --force`)
  }
  const pid = findForeignMount(store.paths, image.id)
  if (pid !== undefined)
    throw inUse(`mounted by process ${pid} or one beside it`, 'unmount it there, or end that process')
  await unmountLayers(store, image.id, { force })
}

/** What it was made from, as far as nobody can name it, no other image was made from it, and no container uses it. */
function findNeedlessParents(store: Store, image: LocalImage): LocalImage[] {
  const used = new Set(listRecords(store.paths, () => undefined).map(({ plan }) => plan.image.id))
  const needless: LocalImage[] = []
  let left = listStoredImages(store.paths).filter(({ id }) => id !== image.id)
  for (let child = image; ; child = needless.at(-1) ?? image) {
    const parent = findParent(child, groupByTop(left))
    if (parent === undefined || parent.names.length > 0 || used.has(parent.id)) return needless
    if (left.some((other) => isAncestor(parent, other))) return needless
    needless.push(parent)
    left = left.filter((other) => other !== parent)
  }
}

const shownName = ({ names, id }: LocalImage): string => names[0] ?? id.slice(0, 12)
