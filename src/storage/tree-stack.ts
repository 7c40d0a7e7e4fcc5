// A container's files as they lie on disk: which directories, and in which order, make what the container sees. Looked at from outside all of
// them are lower directories of an overlay: the container's own must never be mounted twice for writing.

import { existsSync, mkdirSync, realpathSync } from 'node:fs'
import path from 'node:path'
import type { ContainerRecord, StorageDriver } from '../model/container.js'
import { HostError } from '../model/errors.js'
import type { Store } from '../platform/store.js'
import { escapeOption, MOST_OPTION_BYTES } from './layer-mounts.js'
import { prepareRootfs } from './rootfs.js'

export type ContainerTree =
  /** Nothing needs to be mounted. */
  { readonly kind: 'directory'; readonly root: string } | TreeStack

export interface TreeStack {
  readonly kind: 'stack'
  readonly driver: Exclude<StorageDriver, 'copy'>
  /** Topmost first, relative to `cwd`. */
  readonly lower: readonly string[]
  readonly cwd: string
  /** Where it is mounted: empty until then. */
  readonly target: string
}

/** Of a container with the copy driver that never ran the tree is made now. */
export async function locateTree(store: Store, record: ContainerRecord): Promise<ContainerTree> {
  const dir = path.join(store.paths.containers, record.id)
  const merged = path.join(dir, 'merged')
  const { storageDriver, rootfs, layers } = record.plan
  if (rootfs !== undefined) return locateOwnTree(store, record, rootfs)
  if (storageDriver === 'copy') {
    await prepareRootfs(store, record)
    return { kind: 'directory', root: merged }
  }
  const upper = path.join(dir, 'upper')
  const cwd = store.paths.layers
  const lower = [...(existsSync(upper) ? [path.relative(cwd, upper)] : []), ...layers.map((name) => `${name}/diff`)]
  mkdirSync(merged, { recursive: true, mode: 0o700 })
  return { kind: 'stack', driver: storageDriver, lower, cwd, target: merged }
}

/** What a start left beside the user's directory, or that directory alone. */
function locateOwnTree(
  { paths }: Store,
  { id, plan }: ContainerRecord,
  { hostPath, isOverlay }: NonNullable<ContainerRecord['plan']['rootfs']>,
): ContainerTree {
  const root = realpathSync(hostPath)
  const link = path.join(paths.containers, id, 'merged')
  if (!isOverlay || !existsSync(link)) return { kind: 'directory', root }
  const target = realpathSync(link)
  if (plan.storageDriver === 'copy') return { kind: 'directory', root: target }
  const lower = [path.join(path.dirname(target), 'upper'), root].map((each) => escapeOption(each.slice(1)))
  return { kind: 'stack', driver: plan.storageDriver, lower, cwd: '/', target }
}

/** Throws HostError for more layers than one mount takes. */
export function stackOptions({ driver, lower, target }: TreeStack): string {
  // overlay wants two lower directories at least
  const all = lower.length > 1 ? lower : [...lower, escapeOption(target)]
  const options = `${driver === 'overlay' ? 'ro,nodev,userxattr,' : ''}lowerdir=${all.join(':')}`
  if (Buffer.byteLength(options) <= MOST_OPTION_BYTES) return options
  throw new HostError(`mount: ${target}: ${lower.length} layers are more than one mount takes`, {
    hint: 'make the container with --storage-driver copy',
  })
}

/**
 * What the C program's `changes` and `tar --layer` are told of a container with an image; undefined: it never ran, so that nothing has changed.
 */
export function layerWords({ paths }: Store, { id, plan }: ContainerRecord): string[] | undefined {
  const tree = path.join(paths.containers, id, plan.storageDriver === 'copy' ? 'merged' : 'upper')
  if (!existsSync(tree)) return undefined
  return ['--layer', plan.storageDriver, tree, ...plan.layers.map((name) => path.join(paths.layers, name, 'diff'))]
}
