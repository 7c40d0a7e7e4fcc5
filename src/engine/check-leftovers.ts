// The part of `system check` about what nobody refers to: blobs, layers, half-made and thrown-away things, temporary files, locks whose
// holders were killed. None of it hurts; all of it takes space.

import { lstatSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { artifactPaths } from '../images/artifact-store.js'
import { listBlobs } from '../images/blob-owners.js'
import { readIndex } from '../images/image-index.js'
import { isWhole, sweepBlobs } from '../images/remove-images.js'
import { usedBlobs } from '../images/used-blobs.js'
import { runTool } from '../platform/monitor-tools.js'
import type { StorePaths } from '../platform/paths.js'
import { setAside } from '../platform/set-aside.js'
import { findAbandonedStaging, findOwner } from '../platform/staging.js'
import { findUnusedLayers, removeUnusedLayers } from '../storage/unused-layers.js'
import { type Check, settle, settleNow } from './check.js'
import { findLayersInUse } from './sweep.js'

/** A lock of a living holder, or a file that is being written, is younger. */
const FORSAKEN_AFTER_MS = 60_000

export async function checkLeftovers(check: Check): Promise<void> {
  const { paths } = check.store
  const trash = readdirSync(paths.trash).map((name) => path.join(paths.trash, name))
  for (const file of [...trash, ...findAbandonedStaging(paths, Date.now()), ...findHalfCopies(paths)])
    await settleLeftover(check, file, 'left by a command that was killed')
  for (const file of findForsakenFiles(paths)) await settleLeftover(check, file, 'left by a command that was killed')
  for (const file of findStrangers(paths)) {
    const trouble = { object: path.relative(paths.root, file), problems: ['it is none of ours'] }
    await settleNow(check, trouble, () => `set aside as ${setAside(paths, file)}`)
  }
}

/** What no image and no container needs. Not to be asked when the image index is damaged. */
export async function checkOrphans(check: Check): Promise<void> {
  const { store, maxAgeMs } = check
  const { paths } = store
  for (const digest of findOrphanBlobs(paths)) {
    await settle(check, { object: `blob ${digest}`, problems: ['no image needs it'] }, async () => {
      await sweepBlobs(paths)
      return 'removed'
    })
  }
  for (const { name } of findUnusedLayers(paths, findLayersInUse(store), maxAgeMs)) {
    await settle(check, { object: `layer ${name}`, problems: ['no image and no container needs it'] }, async () => {
      await removeUnusedLayers(store, () => findLayersInUse(store), maxAgeMs)
      return 'removed'
    })
  }
}

async function settleLeftover(check: Check, file: string, problem: string): Promise<void> {
  const { store } = check
  await settle(check, { object: path.relative(store.paths.root, file), problems: [problem] }, async () => {
    await runTool(store, 'rm', [file])
    return 'removed'
  })
}

/** None while a damaged document may need any of them. */
function findOrphanBlobs(paths: StorePaths): string[] {
  const entries = readIndex(paths)
  if (!entries.every((entry) => isWhole(paths, entry))) return []
  const used = usedBlobs(paths, entries)
  return listBlobs(paths).filter((digest) => !used.has(digest))
}

/** Temporary files (platform/files.ts) and locks (platform/lock.ts). */
function findForsakenFiles(paths: StorePaths): string[] {
  const { root, names, images, blobs, artifacts, cache, layers, downloads, containers, volumes } = paths
  const artifactBlobs = artifactPaths(paths).blobs
  const below = [containers, volumes].flatMap((dir) => listFiles(dir))
  const places = [root, containers, names, images, blobs, artifacts, artifactBlobs, cache, layers, downloads, ...below]
  return places.flatMap(listFiles).filter((file) => {
    if (!/^\..*\.\d+\.\d+\.tmp$|\.lock$/.test(path.basename(file))) return false
    const stat = lstatSync(file, { throwIfNoEntry: false })
    return stat !== undefined && Date.now() - stat.mtimeMs > FORSAKEN_AFTER_MS
  })
}

/** Beside the data of volumes: what an image had at their place was being copied there. */
function findHalfCopies({ volumes }: StorePaths): string[] {
  return listFiles(volumes).flatMap((volume) => listFiles(volume).filter((file) => findOwner(file) === 'gone'))
}

/** Where everything has a name of ours, what has another one. */
function findStrangers({ blobs, layers, containers }: StorePaths): string[] {
  const isOurs = /^[0-9a-f]{64}$|^[0-9a-f]{16}$|\.lock$|\.tmp$/
  return [blobs, layers, containers].flatMap(listFiles).filter((file) => !isOurs.test(path.basename(file)))
}

/** Empty for what is no directory. */
function listFiles(dir: string): string[] {
  if (lstatSync(dir, { throwIfNoEntry: false })?.isDirectory() !== true) return []
  return readdirSync(dir).map((name) => path.join(dir, name))
}
