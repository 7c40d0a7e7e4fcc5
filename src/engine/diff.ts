// `diff`: what a container changed since its image, as its storage has it at this moment; or how containers and images differ.

import { findImage, layerSources } from '../images/image-store.js'
import type { ContainerRecord } from '../model/container.js'
import { ConflictError } from '../model/errors.js'
import type { FileChange } from '../model/file-change.js'
import type { LayerSource } from '../model/image.js'
import { listChanges, startArchive } from '../platform/monitor-tools.js'
import type { Store } from '../platform/store.js'
import { readArchive } from '../platform/tree-tools.js'
import { findId } from '../state/records.js'
import { layerWords } from '../storage/tree-stack.js'
import { ownerWords } from './container-tree.js'
import { findContainer } from './find.js'
import { compareSources, diffImages } from './image-diff.js'

/** Places that every start writes to: the same in all containers, so no change of this one's. */
const EVERY_STARTS = new Set(
  ['dev', 'etc/hostname', 'etc/hosts', 'etc/mtab', 'etc/resolv.conf', 'proc', 'run', 'sys'].concat(
    ['.containerenv', 'notify', 'secrets'].map((name) => `run/${name}`),
  ),
)
const KINDS: Readonly<Record<string, FileChange['kind']>> = { A: 'added', C: 'changed', D: 'deleted' }

/** In the order of the tree. Throws NotFoundError; ConflictError for a container without an image. */
export async function diffContainer(store: Store, name: string): Promise<FileChange[]> {
  const { record } = await findContainer(store, name)
  const words = changeWords(store, record)
  if (words === undefined) return []
  const changes = (await listChanges(store, words)).map(
    ({ letter, path }): FileChange => ({ path: `/${path}`, kind: KINDS[letter] ?? 'changed' }),
  )
  return withParents(withoutStarts(changes)).sort((a, b) => (walkKey(a.path) < walkKey(b.path) ? -1 : 1))
}

const withoutStarts = (changes: readonly FileChange[]): FileChange[] =>
  changes.filter(({ path }) => !EVERY_STARTS.has(path.slice(1)))

/** A directory's own come right after it. */
const walkKey = (path: string): string => path.replaceAll('/', '\0')

/** The same for images, and for containers and images against each other; what is both is the container. */
export async function diffObjects(store: Store, name: string, base?: string): Promise<FileChange[]> {
  if (base === undefined)
    return findId(store.paths, name) === undefined ? await diffImages(store, name) : await diffContainer(store, name)
  const before = await sourcesOf(store, base)
  const changes = await compareSources(before, await sourcesOf(store, name), { withContents: true })
  return [name, base].some((each) => findId(store.paths, each) !== undefined) ? withoutStarts(changes) : changes
}

/** A name or path in a directory is also a change of that directory. */
function withParents(changes: readonly FileChange[]): FileChange[] {
  const told = new Set(changes.map(({ path }) => path))
  const parents = changes.flatMap(({ kind, path }): FileChange[] => {
    const parent = path.slice(0, path.lastIndexOf('/'))
    if (kind === 'changed' || parent === '' || told.has(parent)) return []
    told.add(parent)
    return [{ path: parent, kind: 'changed' }]
  })
  return [...changes, ...parents]
}

/** What `layerWords` says. Throws ConflictError where there is no image to compare with. */
function changeWords(store: Store, record: ContainerRecord): string[] | undefined {
  if (record.plan.rootfs === undefined) return layerWords(store, record)
  throw new ConflictError(`compare container: ${record.name}: it has no image: it was made with --rootfs`)
}

/** A container is its image with one more layer. */
async function sourcesOf(store: Store, name: string): Promise<LayerSource[]> {
  if (findId(store.paths, name) === undefined) return layerSources(store.paths, findImage(store.paths, name))
  const { record } = await findContainer(store, name)
  const sources = layerSources(store.paths, findImage(store.paths, record.plan.image.id))
  const words = changeWords(store, record)
  if (words === undefined) return sources
  const open = () => readArchive(startArchive(store, [...ownerWords(store, record), ...words]))
  const digest = `sha256:${record.id}` as const
  return [...sources, { open, sizeBytes: 0, digest, diffId: digest }]
}
