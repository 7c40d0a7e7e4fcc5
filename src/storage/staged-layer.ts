// One layer on its way to disk: unpacked below staging/, made visible by one rename after its digests were found true.
// layers/<name>/ holds `diff/` (the tree) and `done` (what it is). OCI image-spec layer.md; overlay's own whiteouts, see PROTOCOL.md.

import { mkdirSync, renameSync, statSync } from 'node:fs'
import path from 'node:path'
import { ConflictError, errorCode } from '../model/errors.js'
import type { Digest } from '../model/image.js'
import { syncDirectory, writeFileAtomic } from '../platform/files.js'
import { withLock } from '../platform/lock.js'
import { startTool, type ToolRun } from '../platform/monitor-tools.js'
import { makeStagingDir } from '../platform/staging.js'
import type { Store } from '../platform/store.js'
import { formatMapping, type LayerMapping, layerName, ownerOptions } from './layer-names.js'
import { type LayerRecord, readLayer } from './layer-record.js'
import { defaultLayerRoot, type LayerRoot, ROOT_NOT_SAID, readLayerRoot, setLayerRoot } from './layer-root.js'
import { removeTree } from './trash.js'

export interface StagedLayer {
  readonly dir: string
  readonly mapping: LayerMapping
  readonly reader: ToolRun
}

export interface LayerIdentity {
  readonly chainId: Digest
  readonly diffId: Digest
  /** The layer below; undefined: this is the lowest. */
  readonly parentChainId?: Digest
}

/** What of a layer could not be kept, for one warning. */
export interface UntarReport {
  readonly entries: number
  readonly sizeBytes: number
  readonly devicesSkipped: number
  readonly xattrsSkipped: number
}

/** Starts the unpacking: the caller streams a plain tar into `reader.stdin`, then publishes or discards. */
export function stageLayer(store: Store, mapping: LayerMapping, maxBytes: number): StagedLayer {
  const dir = makeStagingDir(store.paths)
  const diff = path.join(dir, 'diff')
  mkdirSync(diff, { mode: ROOT_NOT_SAID })
  const options = [...ownerOptions(mapping, store.userns), '--max-bytes', String(maxBytes)]
  return { dir, mapping, reader: startTool(store, 'untar', [...options, diff]) }
}

/** Atomic: visible and whole, or not there. When another process was faster its copy serves. Returns the name below layers/. */
export async function publishLayer(
  store: Store,
  staged: StagedLayer,
  identity: LayerIdentity,
  report: UntarReport,
): Promise<string> {
  const { chainId } = identity
  const name = layerName(chainId, staged.mapping)
  await sealLayer(store, staged, identity, report)
  const target = path.join(store.paths.layers, name)
  if (!renameDirectory(staged.dir, target)) {
    const isWhole = () => readLayer(store.paths, chainId, staged.mapping) !== undefined
    if (!isWhole()) await replaceBroken(store, staged.dir, isWhole, target)
    await discardLayer(store, staged)
  }
  syncDirectory(store.paths.layers)
  return name
}

/** Makes a layer that was unpacked whole, still where nobody sees it. */
export async function sealLayer(
  store: Store,
  staged: StagedLayer,
  identity: LayerIdentity,
  { entries, sizeBytes }: UntarReport,
): Promise<void> {
  const { chainId, diffId } = identity
  await settleRoot(store, staged, identity)
  const record: LayerRecord = { schema: 1, chainId, diffId, mapping: formatMapping(staged.mapping), sizeBytes, entries }
  writeFileAtomic(path.join(staged.dir, 'done'), `${JSON.stringify(record)}\n`, { durable: true })
}

/** Idempotent; never throws, so that the error it is called for is the one that is told. What it cannot remove is swept later. */
export async function discardLayer(store: Store, staged: StagedLayer): Promise<void> {
  staged.reader.stdin.destroy()
  await staged.reader.finished.catch(() => undefined)
  await removeTree(store, staged.dir).catch(() => undefined)
}

/** untar's line `entries=N bytes=N devices_skipped=N xattrs_skipped=N`. */
export function parseUntarReport(line: string): UntarReport {
  const number = (key: string): number => {
    const digits = new RegExp(`(?:^| )${key}=(\\d+)`).exec(line)?.[1]
    if (digits === undefined) throw new Error(`untar's report has no ${key}: ${line}`)
    return Number(digits)
  }
  return {
    entries: number('entries'),
    sizeBytes: number('bytes'),
    devicesSkipped: number('devices_skipped'),
    xattrsSkipped: number('xattrs_skipped'),
  }
}

/** A layer whose tar does not mention its root takes over that of the layer below, which is there: layers are published bottom first. */
async function settleRoot(store: Store, staged: StagedLayer, identity: LayerIdentity): Promise<void> {
  const diff = path.join(staged.dir, 'diff')
  if ((statSync(diff).mode & 0o7777) !== ROOT_NOT_SAID) return
  const below = identity.parentChainId
  const root = below === undefined ? defaultLayerRoot(staged.mapping) : readRootBelow(store, staged, below)
  await setLayerRoot(store, diff, root)
}

function readRootBelow(store: Store, { mapping }: StagedLayer, chainId: Digest): LayerRoot {
  try {
    return readLayerRoot(store, path.join(store.paths.layers, layerName(chainId, mapping), 'diff'))
  } catch (cause) {
    if (errorCode(cause) !== 'ENOENT') throw cause
    throw new ConflictError('the layer below it was removed by another process', { cause, hint: 'try again' })
  }
}

/** False: the target is there already. */
function renameDirectory(from: string, to: string): boolean {
  try {
    renameSync(from, to)
    return true
  } catch (error) {
    if (errorCode(error) === 'EEXIST' || errorCode(error) === 'ENOTEMPTY') return false
    throw error
  }
}

/** A directory without a valid `done` was not made by us, or power was lost at a bad moment. One process at a time looks again. */
async function replaceBroken(store: Store, from: string, isWhole: () => boolean, target: string): Promise<void> {
  await withLock(target, async () => {
    if (isWhole()) return
    await removeTree(store, target)
    renameSync(from, target)
  })
}
