// A container's root file system: prepared as directories here, mounted by the monitor. With the copy driver the whole tree is made here.

import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmdirSync } from 'node:fs'
import path from 'node:path'
import type { ContainerRecord } from '../model/container.js'
import { HostError } from '../model/errors.js'
import { ensureDirectory } from '../platform/files.js'
import { findProgram } from '../platform/host-facts.js'
import { runTool } from '../platform/monitor-tools.js'
import type { Store } from '../platform/store.js'
import { defaultLayerRoot, type LayerRoot, readLayerRoot } from './layer-root.js'
import { removeTree } from './trash.js'

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
  const { layers, storageDriver } = record.plan
  if (storageDriver === 'copy') {
    await copyTree(store, layers, merged)
    return { merged, words: ['storage=dir', `merged=${merged}`] }
  }
  const upper = path.join(dir, 'upper')
  const work = path.join(dir, 'work')
  const root = readTopRoot(store, layers)
  makeUpper(upper, root.mode)
  for (const made of [work, merged]) ensureDirectory(made, 0o700)
  const words = [
    `storage=${storageDriver}`,
    `layers_dir=${store.paths.layers}`,
    ...layers.map((name) => `lower=${name}/diff`),
    `upper=${upper}`,
    `work=${work}`,
    `merged=${merged}`,
    ...(root.uid === 0 && root.gid === 0 ? [] : [`upper_owner=${root.uid}:${root.gid}`]),
    ...(storageDriver === 'fuse-overlayfs' ? [`fuse_program=${requireFuseProgram(store)}`] : []),
  ]
  return { merged, words }
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

/** Once made it is the container's own: its mode may have been changed from inside. */
function makeUpper(upper: string, mode: number): void {
  if (existsSync(upper)) return
  const fresh = mkdtempSync(`${upper}.`) // of our own: another process may be starting the container at the same time
  chmodSync(fresh, mode) // mkdir's mode is subject to the umask
  if (existsSync(upper)) rmdirSync(fresh)
  else renameSync(fresh, upper)
}

/** Copied beside its place and renamed: a kill in the middle leaves nothing that looks whole. */
async function copyTree(store: Store, layers: readonly string[], merged: string): Promise<void> {
  if (existsSync(merged)) return
  const fresh = `${merged}.new`
  if (existsSync(fresh)) await removeTree(store, fresh)
  mkdirSync(fresh, { mode: 0o755 })
  const bottomFirst = layers.map((name) => path.join(store.paths.layers, name, 'diff')).reverse()
  try {
    await runTool(store, 'copy', [fresh, ...bottomFirst])
  } catch (error) {
    await removeTree(store, fresh)
    throw error
  }
  renameSync(fresh, merged)
}
