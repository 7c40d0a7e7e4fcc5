// Mounts of one container that the runtime cannot make by itself: overlays of directories and of images, and places within a volume. They
// are made in its monitor's mount namespace and end with it. Without native overlay the lower tree is copied.

import { chmodSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import type { StorageDriver } from '../model/container.js'
import { HostError } from '../model/errors.js'
import { giveTrees, runInMonitor, runMonitorVerb, runTool } from '../platform/monitor-tools.js'
import type { Store } from '../platform/store.js'
import { escapeOption, MOST_OPTION_BYTES } from './layer-mounts.js'
import { readLayerRoot } from './layer-root.js'

export interface MountPlace {
  readonly monitorPid: number
  readonly driver: StorageDriver
  /** A directory of the container's for this mount alone, not there yet. */
  readonly dir: string
}

export interface OverlaySource {
  /** Directories below layers/, topmost first; or one of the host. */
  readonly lower: { readonly layers: readonly string[] } | { readonly hostPath: string }
  /** False: nobody may write to it. */
  readonly isWritable: boolean
  /** The user's own, in place of two that go with the next start. */
  readonly changes?: { readonly upper: string; readonly work: string }
}

/** Where the overlay is, for the monitor and whoever it starts. */
export async function mountOverlay(store: Store, place: MountPlace, source: OverlaySource): Promise<string> {
  mkdirSync(place.dir, { mode: 0o700 })
  const merged = path.join(place.dir, 'merged')
  mkdirSync(merged, { mode: 0o700 })
  if (place.driver !== 'overlay') {
    if (source.changes !== undefined)
      throw new HostError(
        `mount overlay: upperdir ${source.changes.upper}: it needs native overlay, which does not work here`,
      )
    await runTool(store, 'copy', [merged, ...lowerDirs(store, source).reverse()])
    return merged
  }
  const { cwd, lower } = await arrangeLower(store, place, source)
  const changes = source.isWritable ? (source.changes ?? (await makeChanges(store, place.dir, source))) : undefined
  const options = [
    // overlay wants two lower directories at least where nothing can be written: the mount point itself, which is empty, is the lowest
    `lowerdir=${[...lower, ...(changes === undefined ? [escapeOption(merged)] : [])].join(':')}`,
    ...(changes === undefined
      ? ['ro']
      : [`upperdir=${escapeOption(changes.upper)}`, `workdir=${escapeOption(changes.work)}`]),
    'userxattr',
  ].join(',')
  if (Buffer.byteLength(options) > MOST_OPTION_BYTES)
    throw new HostError(`mount: ${merged}: ${lower.length} layers are more than one mount takes`, {
      hint: 'use --storage-driver copy',
    })
  await runInMonitor(store, {
    monitorPid: place.monitorPid,
    cwd,
    argv: ['mount', '-t', 'overlay', '-o', options, 'overlay', merged],
  })
  return merged
}

/** What `inside` is in a directory, with every link in it kept within: the mount of it. */
export async function mountWithin(
  store: Store,
  { monitorPid, dir }: Pick<MountPlace, 'monitorPid' | 'dir'>,
  { root, inside }: { readonly root: string; readonly inside: string },
): Promise<string> {
  await runMonitorVerb(store, { monitorPid, argv: ['bind', root, inside, dir] })
  return dir
}

function lowerDirs(store: Store, { lower }: OverlaySource): string[] {
  return 'hostPath' in lower
    ? [lower.hostPath]
    : lower.layers.map((name) => path.join(store.paths.layers, name, 'diff'))
}

/** Layers by short names, so that many fit; a directory of the host by a bind of it, so that its name may have commas and colons. */
async function arrangeLower(
  store: Store,
  { monitorPid, dir }: MountPlace,
  { lower }: OverlaySource,
): Promise<{ readonly cwd: string; readonly lower: readonly string[] }> {
  if (!('hostPath' in lower)) return { cwd: store.paths.layers, lower: lower.layers.map((name) => `${name}/diff`) }
  await mountWithin(store, { monitorPid, dir: path.join(dir, 'lower') }, { root: lower.hostPath, inside: '.' })
  return { cwd: dir, lower: ['lower'] }
}

/** overlay shows the upper directory's own attributes as those of the tree's root. */
async function makeChanges(
  store: Store,
  dir: string,
  source: OverlaySource,
): Promise<{ readonly upper: string; readonly work: string }> {
  const [top = dir] = lowerDirs(store, source)
  const { mode, uid, gid } = readLayerRoot(store, top)
  const [upper, work] = [path.join(dir, 'upper'), path.join(dir, 'work')]
  for (const made of [upper, work]) mkdirSync(made, { mode: 0o700 })
  chmodSync(upper, mode) // mkdir's mode is subject to the umask
  if (uid !== 0 || gid !== 0) await giveTrees(store, { uid, gid }, [upper])
  return { upper, work }
}
