// Stacks of layers shown read-only below mounts/, for people to look into. What is mounted is asked of the kernel; a copied tree (copy
// driver) is a directory that has something in it. An empty directory says nothing: a kill or a reboot leaves it, and it is harmless.

import { existsSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs'
import path from 'node:path'
import type { StorageDriver } from '../model/container.js'
import { errorCode, HostError } from '../model/errors.js'
import { mountFuse } from '../platform/fuse-mount.js'
import { findProgram } from '../platform/host-facts.js'
import { findProcessWithMount, readMountPoints } from '../platform/mount-table.js'
import type { StorePaths } from '../platform/paths.js'
import { runTool } from '../platform/process.js'
import { makeStagingDir } from '../platform/staging.js'
import type { Store } from '../platform/store.js'
import { copyTrees, layerTrees } from './copied-tree.js'
import { removeTree } from './trash.js'

export interface LayerStack {
  /** What it is called below mounts/. */
  readonly id: string
  /** Directories below layers/, topmost first. */
  readonly layers: readonly string[]
  readonly driver: StorageDriver
}

/** The kernel takes one page of them. */
export const MOST_OPTION_BYTES = 4095

export function mountPath(paths: StorePaths, id: string): string {
  return path.join(paths.mounts, id)
}

/** Everything that is shown now, as this process sees it. */
export function listLayerMounts(paths: StorePaths): string[] {
  const points = new Set(readMountPoints())
  return listDirectory(paths.mounts).filter((id) => isShown(mountPath(paths, id), points))
}

/** Where the stack can be looked at. Idempotent. Throws HostError when it cannot be mounted. */
export async function mountLayers(store: Store, { id, layers, driver }: LayerStack): Promise<string> {
  const target = mountPath(store.paths, id)
  mkdirSync(target, { recursive: true, mode: 0o700 })
  if (isShown(target, new Set(readMountPoints()))) return target
  if (driver === 'copy') {
    await copyTrees(store, layerTrees(store, layers), { fresh: makeStagingDir(store.paths), target })
    return target
  }
  // overlay wants two lower directories at least: the mount point itself, which is empty, is the lowest
  const lower = [...layers.map((name) => `${name}/diff`), escapeOption(target)].join(':')
  const options = driver === 'overlay' ? `ro,nodev,userxattr,lowerdir=${lower}` : `lowerdir=${lower}`
  if (Buffer.byteLength(options) > MOST_OPTION_BYTES)
    throw new HostError(`mount: ${target}: ${layers.length} layers are more than one mount takes`, {
      hint: 'use --storage-driver copy',
    })
  // short names, relative to the layers' directory, leave room for many layers
  const cwd = store.paths.layers
  if (driver === 'overlay') await runTool(['mount', '-t', 'overlay', '-o', options, 'overlay', target], { cwd })
  else await mountFuse({ program: requireFuse(store), options, cwd, target })
  return target
}

/** False: it was not there. `force`: also when somebody works in it; it then goes when they leave. Throws HostError when it is busy. */
export async function unmountLayers(
  store: Store,
  id: string,
  { force }: { readonly force: boolean },
): Promise<boolean> {
  const target = mountPath(store.paths, id)
  const points = readMountPoints().filter((point) => point === target)
  const wasShown = isShown(target, new Set(points))
  // two that mounted it at the same time have mounted it twice
  for (const _ of points) await unmountOnce(target, force)
  if (wasShown && points.length === 0) await removeTree(store, target)
  removeMountPoint(target)
  return wasShown
}

/** A process that has it mounted where we do not see it: in `lichen unshare`, or on the host. */
export function findForeignMount(paths: StorePaths, id: string): number | undefined {
  const target = mountPath(paths, id)
  return listDirectory(paths.mounts).includes(id) ? findProcessWithMount(target) : undefined
}

function isShown(target: string, points: ReadonlySet<string>): boolean {
  return points.has(target) || hasEntries(target)
}

/** A directory that we may not read is the root of a copied tree: those we make ourselves we may. */
function hasEntries(dir: string): boolean {
  try {
    return listDirectory(dir).length > 0
  } catch (error) {
    if (errorCode(error) === 'EACCES') return true
    throw error
  }
}

async function unmountOnce(target: string, force: boolean): Promise<void> {
  try {
    await runTool(['umount', ...(force ? ['--lazy'] : []), target], { env: { LC_ALL: 'C' } })
  } catch (cause) {
    if (!(cause instanceof Error) || !/busy/.test(cause.message)) throw cause
    throw new HostError(`unmount: ${target}: somebody works in it`, { cause, hint: 'leave it, or use --force' })
  }
}

function requireFuse(store: Store): string {
  const program = findProgram('fuse-overlayfs', store.facts.env)
  if (program !== undefined) return program
  throw new HostError('mount: fuse-overlayfs: not installed', {
    hint: 'install fuse-overlayfs, or use --storage-driver copy',
  })
}

/** Never one that is mounted in another namespace: removing it here would unmount it there. */
function removeMountPoint(target: string): void {
  if (!existsSync(target) || findProcessWithMount(target) !== undefined) return
  try {
    rmdirSync(target)
  } catch (error) {
    if (!['ENOENT', 'EBUSY', 'ENOTEMPTY'].includes(errorCode(error) ?? '')) throw error
  }
}

/** Overlay parts directories by colons and options by commas. */
export function escapeOption(directory: string): string {
  return directory.replaceAll(/[\\,:]/g, '\\$&')
}

function listDirectory(dir: string): string[] {
  try {
    return readdirSync(dir)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw error
  }
}
