// images/index.json: which manifests and lists of them this store has, and under which names. An OCI image layout (image-spec
// image-layout.md) that other tools can read: one descriptor per name; what has no name keeps one descriptor without that annotation.

import path from 'node:path'
import { BadInputError } from '../model/errors.js'
import type { Descriptor, Digest } from '../model/image.js'
import { readFileIfExists, writeFileAtomic } from '../platform/files.js'
import { withLock } from '../platform/lock.js'
import type { StorePaths } from '../platform/paths.js'
import { isDigest, parseIndex } from './documents.js'
import { OCI_INDEX } from './media-types.js'

export const REF_NAME = 'org.opencontainers.image.ref.name'
/** The index a manifest was chosen from when it was pulled under that name; its document is kept as a blob. */
const FROM_INDEX = 'org.lichen.index.digest'

/** Where an OCI layout lies: the images' or the artifacts'. */
export type LayoutPaths = Pick<StorePaths, 'images' | 'blobs'>

export function indexFile(paths: LayoutPaths): string {
  return path.join(paths.images, 'index.json')
}

/** The full reference of one descriptor of the index; undefined: dangling. */
export function nameOf(descriptor: Descriptor): string | undefined {
  return descriptor.annotations?.[REF_NAME]
}

export function fromIndexOf(descriptor: Descriptor): Digest | undefined {
  const digest = descriptor.annotations?.[FROM_INDEX]
  return isDigest(digest) ? digest : undefined
}

export function withFromIndex(descriptor: Descriptor, digest: Digest): Descriptor {
  return { ...descriptor, annotations: { ...descriptor.annotations, [FROM_INDEX]: digest } }
}

/** Empty when nothing was stored yet. */
export function readIndex(paths: LayoutPaths): readonly Descriptor[] {
  const file = indexFile(paths)
  const text = readFileIfExists(file)
  if (text === undefined) return []
  try {
    return parseIndex(text, `image index ${file}`).manifests
  } catch (cause) {
    if (!(cause instanceof BadInputError)) throw cause
    const hint = '`lichen system check --repair` makes it anew; containers that there are keep working'
    throw new BadInputError(cause.message, { cause, hint })
  }
}

/**
 * Replaces the list under the index's lock: durable and atomic. `change` sees the newest list; what it does to blobs happens under the
 * same lock. Returns what `change` made.
 */
export async function changeIndex<T>(
  paths: LayoutPaths,
  change: (manifests: readonly Descriptor[]) => { readonly manifests: readonly Descriptor[]; readonly result: T },
): Promise<T> {
  const file = indexFile(paths)
  return await withLock(file, () => {
    const before = readIndex(paths)
    const { manifests, result } = change(before)
    if (manifests !== before) writeIndex(paths, manifests)
    return result
  })
}

function writeIndex(paths: LayoutPaths, manifests: readonly Descriptor[]): void {
  const layout = path.join(paths.images, 'oci-layout')
  if (readFileIfExists(layout) === undefined) {
    writeFileAtomic(layout, `${JSON.stringify({ imageLayoutVersion: '1.0.0' })}\n`, { durable: true })
  }
  const index = { schemaVersion: 2, mediaType: OCI_INDEX, manifests }
  writeFileAtomic(indexFile(paths), `${JSON.stringify(index, undefined, 1)}\n`, { durable: true })
}

/** Pure: `target` gets these names; whoever had one of them loses it, and without a last name stays as dangling. */
export function withNames(
  manifests: readonly Descriptor[],
  target: Descriptor,
  names: readonly string[],
): readonly Descriptor[] {
  const losers = manifests.filter((entry) => names.includes(nameOf(entry) ?? ''))
  const rest = manifests.filter((entry) => !losers.includes(entry))
  const bare = nameless(target)
  const named = names.map((name) => ({ ...bare, annotations: { ...bare.annotations, [REF_NAME]: name } }))
  return dropNeedless([...rest, ...(named.length === 0 ? [bare] : named), ...losers.map(nameless)])
}

/** Pure: without that name; its manifest stays as dangling if it was the last one. */
export function withoutName(manifests: readonly Descriptor[], name: string): readonly Descriptor[] {
  return dropNeedless(manifests.map((entry) => (nameOf(entry) === name ? nameless(entry) : entry)))
}

/** Pure: without any trace of these manifests. */
export function withoutManifests(
  manifests: readonly Descriptor[],
  digests: ReadonlySet<Digest>,
): readonly Descriptor[] {
  return manifests.filter(({ digest }) => !digests.has(digest))
}

/** What else is said about it stays. */
function nameless({ mediaType, digest, size, annotations = {} }: Descriptor): Descriptor {
  const { [REF_NAME]: _, ...others } = annotations
  return { mediaType, digest, size, ...(Object.keys(others).length === 0 ? {} : { annotations: others }) }
}

/** One nameless descriptor per manifest or list at most, and none beside a named one. */
function dropNeedless(manifests: readonly Descriptor[]): readonly Descriptor[] {
  const named = new Set(manifests.filter((entry) => nameOf(entry) !== undefined).map(({ digest }) => digest))
  const seen = new Set<Digest>()
  return manifests.filter((entry) => {
    if (nameOf(entry) !== undefined) return true
    if (named.has(entry.digest) || seen.has(entry.digest)) return false
    seen.add(entry.digest)
    return true
  })
}
