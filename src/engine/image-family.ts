// Which image was made from which: known from their layers and histories alone, as no image says it. Pure.

import type { Digest, LocalImage } from '../model/image.js'
import type { Listable } from '../model/listed-image.js'
import { chainIds } from '../storage/layer-names.js'

/** The chainID of all its layers; undefined: it has none. */
export function topChainId(image: LocalImage): Digest | undefined {
  return chainIds(image.config.rootfs.diff_ids).at(-1)
}

/** Images by the layer they end with. */
export type ImagesByTop = ReadonlyMap<Digest, readonly LocalImage[]>

export function groupByTop(images: readonly LocalImage[]): ImagesByTop {
  const groups = new Map<Digest, LocalImage[]>()
  for (const image of images) {
    const top = layersOf(image).at(-1)
    if (top !== undefined) groups.set(top, [...(groups.get(top) ?? []), image])
  }
  return groups
}

/** Of several the nearest: the one with the most layers, then the longest history. */
export function findParent(image: LocalImage, images: ImagesByTop): LocalImage | undefined {
  return [...new Set(layersOf(image))]
    .flatMap((diffId) => images.get(diffId) ?? [])
    .filter((other) => isAncestor(other, image))
    .sort((a, b) => layersOf(b).length - layersOf(a).length || historyOf(b).length - historyOf(a).length)[0]
}

/** Nobody can name it, and others were made from it: a step on their way. Lists leave it out unless all are asked for, as podman's. */
export function isIntermediate({ id, names }: Listable, images: readonly LocalImage[]): boolean {
  const image = names.length === 0 ? images.find((it) => it.id === id) : undefined
  return image !== undefined && images.some((other) => isAncestor(image, other))
}

/** Made from it, directly or not. */
export function isAncestor(older: LocalImage, younger: LocalImage): boolean {
  const [layers, history] = [layersOf(older), historyOf(older)]
  if (older.id === younger.id || layers.length === 0) return false
  if (layers.length > layersOf(younger).length || history.length > historyOf(younger).length) return false
  if (layers.length === layersOf(younger).length && history.length === historyOf(younger).length) return false
  return (
    layers.every((diffId, index) => diffId === layersOf(younger)[index]) &&
    history.every((step, index) => isSameStep(step, historyOf(younger)[index]))
  )
}

const layersOf = ({ config }: LocalImage): readonly Digest[] => config.rootfs.diff_ids
const historyOf = ({ config }: LocalImage) => config.history ?? []

type Step = ReturnType<typeof historyOf>[number]

function isSameStep(one: Step, other: Step | undefined): boolean {
  return (
    other !== undefined &&
    isSameMoment(one.created, other.created) &&
    one.created_by === other.created_by &&
    one.author === other.author &&
    one.comment === other.comment &&
    (one.empty_layer ?? false) === (other.empty_layer ?? false)
  )
}

/** One builder writes a time with a zone, another in UTC. */
function isSameMoment(one: string | undefined, other: string | undefined): boolean {
  return one === other || (one !== undefined && other !== undefined && Date.parse(one) === Date.parse(other))
}
