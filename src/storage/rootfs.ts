// A container's root file system: prepared as directories here, mounted by the monitor. With the copy driver the whole tree is made here.

import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import path from 'node:path'
import type { ContainerRecord, StorageDriver } from '../model/container.js'
import { errorCode, HostError } from '../model/errors.js'
import type { RootfsPlan } from '../model/mounts.js'
import { ensureDirectory } from '../platform/files.js'
import { findProgram } from '../platform/host-facts.js'
import { findOwner, stagingName } from '../platform/staging.js'
import type { Store } from '../platform/store.js'
import { copyTrees, layerTrees } from './copied-tree.js'
import { defaultLayerRoot, type LayerRoot, readLayerRoot } from './layer-root.js'
import { removeTrees } from './trash.js'

export interface Rootfs {
  /** What the container sees as `/`, once the monitor has mounted it. */
  readonly merged: string
  /** `key=value` lines for the monitor's spec, see PROTOCOL.md. */
  readonly words: readonly string[]
}

/** Makes what is missing; a second call finds everything there. With the copy driver the first call copies the image. */
export async function prepareRootfs(store: Store, record: ContainerRecord): Promise<Rootfs> {
  const dir = path.join(store.paths.containers, record.id)
  const merged = path.join(dir, 'merged')
  const { layers, storageDriver, rootfs } = record.plan
  if (rootfs !== undefined) return await prepareOwnRootfs(store, dir, { rootfs, storageDriver })
  if (storageDriver === 'copy') {
    await copyTree(store, layerTrees(store, layers), merged)
    return { merged, words: ['storage=dir', `merged=${merged}`] }
  }
  const upper = path.join(dir, 'upper')
  const work = path.join(dir, 'work')
  const root = readTopRoot(store, layers)
  makeUpper(upper, root.mode)
  for (const made of [work, merged]) ensureDirectory(made, 0o700)
  const lower = layers.map((name) => `${name}/diff`)
  const words = overlayWords(store, { storageDriver, layersDir: store.paths.layers, lower, upper, work, merged, root })
  return { merged, words }
}

interface Overlay {
  readonly storageDriver: StorageDriver
  readonly layersDir: string
  /** Below it, topmost first. */
  readonly lower: readonly string[]
  readonly upper: string
  readonly work: string
  readonly merged: string
  /** The lower tree's root. */
  readonly root: LayerRoot
}

function overlayWords(store: Store, { storageDriver, layersDir, lower, upper, work, merged, root }: Overlay): string[] {
  return [
    `storage=${storageDriver}`,
    `layers_dir=${layersDir}`,
    ...lower.map((dir) => `lower=${dir}`),
    `upper=${upper}`,
    `work=${work}`,
    `merged=${merged}`,
    ...(root.uid === 0 && root.gid === 0 ? [] : [`upper_owner=${root.uid}:${root.gid}`]),
    ...(storageDriver === 'fuse-overlayfs' ? [`fuse_program=${requireFuseProgram(store)}`] : []),
  ]
}

/** Each start of a container whose changes are thrown away has a directory of its own for them, with this in front. */
const CHANGES = 'changes-'

interface OwnRootfs {
  readonly rootfs: RootfsPlan
  readonly storageDriver: StorageDriver
}

/** A directory of the user's in place of an image: as it is, or below changes that do not outlive this start. */
async function prepareOwnRootfs(store: Store, dir: string, { rootfs, storageDriver }: OwnRootfs): Promise<Rootfs> {
  const { isOverlay } = rootfs
  const hostPath = realpathSync(rootfs.hostPath)
  if (!isOverlay) return { merged: hostPath, words: ['storage=dir', `merged=${hostPath}`] }
  const changes = mkdtempSync(path.join(dir, CHANGES))
  if (storageDriver === 'copy') {
    const merged = path.join(changes, 'merged')
    await copyTree(store, [hostPath], merged)
    return { merged, words: ['storage=dir', `merged=${merged}`] }
  }
  const [upper, work, merged] = ['upper', 'work', 'merged'].map((name) => path.join(changes, name)) as [
    string,
    string,
    string,
  ]
  const root = readLayerRoot(store, hostPath)
  makeUpper(upper, root.mode)
  for (const made of [work, merged]) ensureDirectory(made, 0o700)
  const lower = [hostPath.slice(1)]
  const words = overlayWords(store, { storageDriver, layersDir: '/', lower, upper, work, merged, root })
  return { merged, words }
}

/**
 * For a rootfs of the user's own: `merged` in the container's directory leads to it, and what earlier starts left goes. Only for who has the
 * monitor's lock: another start's changes would be gone under it.
 */
export async function settleOwnRootfs(store: Store, record: ContainerRecord, { merged }: Rootfs): Promise<void> {
  const dir = path.join(store.paths.containers, record.id)
  const link = path.join(dir, 'merged')
  const fresh = `${link}.new`
  rmSync(fresh, { force: true })
  symlinkSync(merged, fresh)
  renameSync(fresh, link)
  const others = readdirSync(dir).filter((name) => name.startsWith(CHANGES) && !merged.startsWith(path.join(dir, name)))
  if (others.length > 0)
    await removeTrees(
      store,
      others.map((name) => path.join(dir, name)),
    )
}

function requireFuseProgram(store: Store): string {
  const program = findProgram('fuse-overlayfs', store.facts.env)
  if (program !== undefined) return program
  throw new HostError('mount rootfs: fuse-overlayfs: not installed', {
    hint: 'install fuse-overlayfs, or make the container again with another --storage-driver',
  })
}

/** overlay shows the upper directory's own attributes as those of `/`: they must be the image's. */
function readTopRoot(store: Store, layers: readonly string[]): LayerRoot {
  const [top] = layers
  return top === undefined
    ? defaultLayerRoot({ kind: 'full' })
    : readLayerRoot(store, path.join(store.paths.layers, top, 'diff'))
}

/**
 * Once made it is the container's own: its mode may have been changed from inside. Several that start the container may come here: only one
 * mkdir wins, where a rename would put one empty directory in the place of another that is mounted already.
 */
function makeUpper(upper: string, mode: number): void {
  const umask = process.umask(0) // a mode that is only right after a second step could be wrong for ever
  try {
    mkdirSync(upper, { mode })
    if ((mode & 0o6000) !== 0) chmodSync(upper, mode) // bits that mkdir does not take
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
  } finally {
    process.umask(umask)
  }
}

/** Beside its place, so that the root may be anybody's: who renames a directory into another one must be able to write to it. */
async function copyTree(store: Store, bottomFirst: readonly string[], merged: string): Promise<void> {
  if (existsSync(merged)) return
  const dir = path.dirname(merged)
  const left = readdirSync(dir).map((name) => path.join(dir, name))
  await removeTrees(
    store,
    left.filter((file) => findOwner(file) === 'gone'),
  )
  const fresh = path.join(dir, stagingName())
  mkdirSync(fresh, { mode: 0o755 })
  await copyTrees(store, bottomFirst, { fresh, target: merged })
}
