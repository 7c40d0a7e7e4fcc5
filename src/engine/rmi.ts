// `rmi`: takes a name from an image; with its last name, or by its ID, the image goes, and with it what nobody else uses.

import { type FoundImage, findDescriptor, listNames, lookUpImage } from '../images/image-store.js'
import { deleteImage, deleteManifest, untagImage } from '../images/remove-images.js'
import { BadInputError, ConflictError, HostError, NotFoundError } from '../model/errors.js'
import type { LocalImage } from '../model/image.js'
import type { Store } from '../platform/store.js'
import { listRecords } from '../state/records.js'
import { removeRecord } from './rm.js'
import { sweepStore } from './sweep.js'

export interface RemoveImageOptions {
  /** Containers that use the image are removed first; an ID may have several names. */
  readonly force: boolean
  /** As for `--all`: an ID with several names is no reason to stop. */
  readonly allNames?: boolean
}

export interface RemovedImage {
  readonly untagged: readonly string[]
  /** The image's ID, unless only a name was taken away. */
  readonly deleted: readonly string[]
}

/** podman's exit codes of `rmi`. */
const EXIT_NOT_FOUND = 1
const EXIT_IN_USE = 2

/** Throws NotFoundError, and ConflictError when a container uses the image or an ID has several names. */
export async function removeImage(store: Store, text: string, options: RemoveImageOptions): Promise<RemovedImage> {
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
  await deleteImage(store.paths, image.id)
  await sweepStore(store)
  return { untagged: image.names, deleted: [image.id] }
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
    throw new ConflictError(`remove image: ${image.names[0] ?? image.id.slice(0, 12)}: used by container ${shown}`, {
      hint: `lichen rm -f ${users.map(({ name }) => name).join(' ')}, or rmi --force to remove both`,
      exitCode: EXIT_IN_USE,
    })
  }
  for (const record of users) await removeRecord(store, record, { force: true, volumes: false })
}
