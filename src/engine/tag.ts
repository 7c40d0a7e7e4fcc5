// `tag` and `untag`: more names for an image, or fewer. An image without any stays, as dangling, until it is removed.

import { changeIndex, nameOf, withNames, withoutName } from '../images/image-index.js'
import { findDescriptor, lookUpImage, readManifest } from '../images/image-store.js'
import { ConflictError, NotFoundError, UsageError } from '../model/errors.js'
import type { Descriptor, Digest } from '../model/image.js'
import { formatImageRef, parseImageRef } from '../model/image-ref.js'
import type { Store } from '../platform/store.js'
import { appendImageEvent } from '../state/events.js'

/** Gives the image all these names, or none of them; whatever had one loses it. Throws NotFoundError, and UsageError for what is no name. */
export async function tagImage(store: Store, text: string, names: readonly string[]): Promise<void> {
  const full = names.map((name) => toFullName('tag', name))
  const target = await changeIndex(store.paths, (before) => {
    const found = findTarget(store, before, text)
    return { manifests: withNames(before, found, full), result: found }
  })
  for (const name of full) appendImageEvent(store.paths, 'tag', { ...idOf(store, target), name })
}

/** Takes these names from the image, all of them or none; without any, every name it has. Throws NotFoundError for one it does not have. */
export async function untagImage(store: Store, text: string, names: readonly string[]): Promise<void> {
  const said = names.map((name) => toFullName('untag', name))
  const { target, gone } = await changeIndex(store.paths, (before) => {
    const target = findTarget(store, before, text)
    const has = namesOf(store, before, target)
    const stranger = said.find((name) => !has.includes(name))
    if (stranger !== undefined) {
      throw new NotFoundError(`untag image: ${text}: it has no name ${stranger}`, {
        hint: has.length === 0 ? 'it has no name at all' : `its names are ${has.join(', ')}`,
      })
    }
    const gone = said.length === 0 ? has : said
    return { manifests: gone.reduce(withoutName, before), result: { target, gone } }
  })
  for (const name of gone) appendImageEvent(store.paths, 'untag', { ...idOf(store, target), name })
}

/** Of a list there is none. */
function idOf(store: Store, { digest }: Descriptor): { readonly id?: string } {
  const config = readManifest(store.paths, digest)?.config.digest
  return config === undefined ? {} : { id: config.slice('sha256:'.length) }
}

/** Also those of the same image under another manifest. */
function namesOf(store: Store, manifests: readonly Descriptor[], target: Descriptor): string[] {
  const config = readManifest(store.paths, target.digest)?.config.digest
  const isTwin = ({ digest }: Descriptor) =>
    digest === target.digest || (config !== undefined && readManifest(store.paths, digest)?.config.digest === config)
  return manifests.filter(isTwin).flatMap((entry) => nameOf(entry) ?? [])
}

/** A short name is this host's own; nobody publishes under a registry's name by leaving it out. */
function toFullName(verb: string, name: string): string {
  const ref = parseImageRef(name, 'localhost')
  if (ref.digest === undefined) return formatImageRef(ref)
  throw new UsageError(`${verb} image: ${name}: a digest cannot be given or taken, it is the content's own`, {
    hint: `name a tag: ${ref.path}:${ref.tag ?? 'latest'}`,
  })
}

/** By its newest descriptor; one that has a name is found even when the image is damaged. */
function findTarget(store: Store, manifests: readonly Descriptor[], text: string): Descriptor {
  const digest: Digest =
    findDescriptor(store.paths, text)?.digest ?? lookUpImage(store.paths, text).image.manifestDigest
  const found = manifests.find((entry) => entry.digest === digest)
  if (found === undefined) throw new ConflictError(`tag image: ${text}: it was just removed`)
  return found
}
