// `image mount` and `image unmount`: an image's files at a path, read-only, for people and programs to look into.

import { findImage, layerSources, listStoredImages } from '../images/image-store.js'
import { BadInputError, HostError } from '../model/errors.js'
import type { LocalImage } from '../model/image.js'
import type { Store } from '../platform/store.js'
import { chooseDriver } from '../storage/driver.js'
import { listLayerMounts, mountLayers, mountPath, unmountLayers } from '../storage/layer-mounts.js'
import { ensureLayers, layerMapping } from '../storage/layers.js'

export interface MountedImage {
  readonly image: LocalImage
  readonly path: string
}

/** Names of images, or all there are. */
export type ImageChoice = readonly string[] | 'all'

/** Mounts what is not mounted yet. Throws NotFoundError before anything is done; HostError where one may not mount. */
export async function mountImages(store: Store, choice: ImageChoice): Promise<MountedImage[]> {
  requireMountRights(store, 'mount')
  const images = chooseImages(store, choice)
  const { driver } = await chooseDriver(store)
  const mounted: MountedImage[] = []
  for (const image of images) {
    if (image.manifest.layers.length === 0)
      throw new BadInputError(`mount image: ${nameOf(image)}: it has no layers, so there is nothing to see`)
    const layers = await ensureLayers(store, layerSources(store.paths, image), layerMapping(store))
    mounted.push({ image, path: await mountLayers(store, { id: image.id, layers, driver }) })
  }
  return mounted
}

/** As this process sees them. */
export function listMountedImages(store: Store): MountedImage[] {
  requireMountRights(store, 'mount')
  const ids = new Set(listLayerMounts(store.paths))
  return listStoredImages(store.paths)
    .filter(({ id }) => ids.has(id))
    .map((image) => ({ image, path: mountPath(store.paths, image.id) }))
}

/** Idempotent; resolves to the ids of those that were mounted. `force`: also those that somebody works in. */
export async function unmountImages(
  store: Store,
  choice: ImageChoice,
  options: { readonly force: boolean },
): Promise<string[]> {
  requireMountRights(store, 'unmount')
  const ids = choice === 'all' ? listLayerMounts(store.paths) : chooseImages(store, choice).map(({ id }) => id)
  const unmounted: string[] = []
  for (const id of ids) if (await unmountLayers(store, id, options)) unmounted.push(id)
  return unmounted
}

function chooseImages(store: Store, choice: ImageChoice): LocalImage[] {
  return choice === 'all' ? listStoredImages(store.paths) : choice.map((name) => findImage(store.paths, name))
}

/** A mount of ours would be seen by nobody: it must be made where the caller is. */
function requireMountRights({ userns }: Store, verb: string): void {
  if (userns.kind === 'none') return
  throw new HostError(`${verb} image: only root may mount, or whoever is inside \`lichen unshare\``, {
    hint: `lichen unshare, then there: lichen image ${verb} …`,
  })
}

const nameOf = ({ names, id }: LocalImage): string => names[0] ?? id.slice(0, 12)
