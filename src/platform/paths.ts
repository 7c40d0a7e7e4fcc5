// Where everything lies (DESIGN §5). Pure but for the choice of the runtime directory and `ensureStore`, which makes the top level.

import { mkdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { errorCode, HostError } from '../model/errors.js'
import type { HostFacts } from './host-facts.js'
import { ensureReserve } from './reserve.js'

export interface StorePaths {
  /** Persistent: `$XDG_DATA_HOME/lichen`, `--root`. */
  readonly root: string
  /** Gone after a reboot: `$XDG_RUNTIME_DIR/lichen`, `--runroot`. */
  readonly runroot: string
  readonly containers: string
  readonly names: string
  readonly images: string
  readonly blobs: string
  /** Blobs on their way from a registry, resumed by the next pull; `system prune` takes what nobody has touched for a day. */
  readonly downloads: string
  /** An OCI layout like `images`, for artifacts. */
  readonly artifacts: string
  readonly layers: string
  /** Where `image mount` shows images: a mount point, or a copied tree, for each; made when one is needed. */
  readonly mounts: string
  readonly volumes: string
  readonly secrets: string
  /** The event log and what of it was put aside. */
  readonly events: string
  readonly cache: string
  /** Renamed-away trees waiting to be removed; never read. */
  readonly trash: string
  /** Records that were found damaged, set aside by `system check --repair`; made when it is needed. */
  readonly damaged: string
  /** Half-made things; swept when older than a day, never read. */
  readonly staging: string
  readonly userns: string
  readonly sockets: string
  /** Which control groups were made for a container; there when the first was. */
  readonly groups: string
  readonly runtimeRoot: string
}

export interface PathOptions {
  readonly root?: string
  readonly runroot?: string
}

export function storePaths(facts: HostFacts, options: PathOptions = {}): StorePaths {
  const root = path.resolve(
    options.root ?? path.join(facts.env.XDG_DATA_HOME || path.join(facts.home, '.local/share'), 'lichen'),
  )
  const runtime = runtimeDir(facts)
  const runroot = path.resolve(
    options.runroot ?? (runtime === undefined ? path.join(root, 'run') : path.join(runtime, 'lichen')),
  )
  return {
    root,
    runroot,
    containers: path.join(root, 'containers'),
    names: path.join(root, 'names'),
    images: path.join(root, 'images'),
    blobs: path.join(root, 'images/blobs/sha256'),
    downloads: path.join(root, 'downloads'),
    artifacts: path.join(root, 'artifacts'),
    layers: path.join(root, 'layers'),
    mounts: path.join(root, 'mounts'),
    volumes: path.join(root, 'volumes'),
    secrets: path.join(root, 'secrets'),
    events: path.join(root, 'events'),
    cache: path.join(root, 'cache'),
    trash: path.join(root, 'trash'),
    damaged: path.join(root, 'damaged'),
    staging: path.join(root, 'staging'),
    userns: path.join(runroot, 'userns'),
    sockets: path.join(runroot, 'sockets'),
    groups: path.join(runroot, 'groups'),
    runtimeRoot: path.join(runroot, 'runtime'),
  }
}

/**
 * `$XDG_RUNTIME_DIR`, else `/run/user/UID` when it is ours (su, cron and CI often leave the variable out).
 * Undefined: the store's own directory serves instead; /tmp is cleaned by others and would lose running containers.
 */
function runtimeDir(facts: HostFacts): string | undefined {
  for (const dir of [facts.env.XDG_RUNTIME_DIR, facts.uid === 0 ? '/run' : `/run/user/${facts.uid}`]) {
    if (dir?.startsWith('/') && isOurs(dir, facts.uid)) return dir
  }
  return undefined
}

function isOurs(dir: string, uid: number): boolean {
  try {
    const stat = statSync(dir, { throwIfNoEntry: false })
    return stat?.isDirectory() === true && stat.uid === uid
  } catch {
    return false // another user's, left in the environment by su: we may not even look
  }
}

/** Makes the top-level directories, 0700. Idempotent; one stat when they are there already. Throws HostError when they cannot be made. */
export function ensureStore(paths: StorePaths): void {
  const dirs = [
    paths.containers,
    paths.names,
    paths.blobs,
    paths.layers,
    paths.volumes,
    paths.cache,
    paths.trash,
    paths.staging,
    paths.artifacts,
    paths.downloads,
    paths.secrets,
    paths.events,
  ]
  explain('--root', paths.root, () => {
    if (statSync(paths.events, { throwIfNoEntry: false }) !== undefined) return
    for (const dir of dirs) makeDirectory(dir)
    ensureReserve(paths)
  })
  explain('--runroot', paths.runroot, () => {
    if (statSync(paths.runtimeRoot, { throwIfNoEntry: false }) !== undefined) return
    for (const dir of [paths.userns, paths.sockets, paths.runtimeRoot]) makeDirectory(dir)
  })
}

/** With its parents. Not mkdir's own `recursive`: where nothing can be made (/proc) Node tries that for ever. */
function makeDirectory(dir: string): void {
  const parent = path.dirname(dir)
  if (statSync(parent, { throwIfNoEntry: false }) === undefined) makeDirectory(parent)
  try {
    mkdirSync(dir, { mode: 0o700 })
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
  }
}

const CAUSES: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  ENOENT: 'it cannot be made there',
  ENOTDIR: 'not a directory',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left on device',
  EDQUOT: 'disk quota exceeded',
}

function explain(flag: string, dir: string, make: () => void): void {
  try {
    make()
  } catch (cause) {
    const why = CAUSES[errorCode(cause) ?? '']
    if (why === undefined) throw cause
    throw new HostError(`open store: ${dir}: ${why}`, { cause, hint: `name a directory of your own with ${flag}` })
  }
}
