// Which storage driver: native overlay, else fuse-overlayfs, else copy. Decided by really mounting one, once: the answer is cached until
// something it depends on changes.

import { accessSync, constants, statSync } from 'node:fs'
import path from 'node:path'
import type { StorageDriver } from '../model/container.js'
import { HostError } from '../model/errors.js'
import { readJson, writeFileAtomic } from '../platform/files.js'
import { findProgram, readBootId } from '../platform/host-facts.js'
import { runProbe } from '../platform/monitor-tools.js'
import type { Store } from '../platform/store.js'

export interface ProbeResult {
  readonly ok: boolean
  readonly error: string
}

/** PROTOCOL.md, probe. */
export interface HostProbe {
  readonly schema: 1
  readonly userns: ProbeResult
  readonly overlay: ProbeResult
  readonly fuseOverlayfs: ProbeResult
  readonly tun: ProbeResult
  readonly cgroup: 'v2' | 'hybrid' | 'v1' | 'none'
}

interface CachedProbe {
  readonly schema: 1
  readonly key: string
  readonly probe: HostProbe
}

/** What works here. `fresh` asks the host again whatever the cache says. Throws HostError when the probe cannot run. */
export async function probeHost(
  store: Store,
  options: { readonly fresh: boolean } = { fresh: false },
): Promise<HostProbe> {
  const file = path.join(store.paths.cache, 'host-probe.json')
  const key = probeKey(store)
  if (!options.fresh) {
    const cached = readJson<CachedProbe>(file)
    if (cached?.key === key) return cached.probe
  }
  const fuse = findProgram('fuse-overlayfs', store.facts.env)
  const probe = JSON.parse(await runProbe(store, store.paths.staging, fuse)) as HostProbe
  const cached: CachedProbe = { schema: 1, key, probe }
  writeFileAtomic(file, `${JSON.stringify(cached)}\n`, { durable: false })
  return probe
}

/** Everything the answer depends on. With the boot's id: a reboot may bring other kernel settings. */
function probeKey(store: Store): string {
  const { facts, userns, paths } = store
  return [
    readBootId(),
    facts.kernelRelease,
    statSync(paths.root).dev,
    userns.kind,
    userns.idmap,
    findProgram('fuse-overlayfs', facts.env) ?? '-',
    canOpenFuse() ? 'fuse' : '-',
  ].join(' ')
}

function canOpenFuse(): boolean {
  try {
    accessSync('/dev/fuse', constants.R_OK | constants.W_OK)
    return true
  } catch {
    return false // whatever the reason: the probe will say it
  }
}

export interface DriverChoice {
  readonly driver: StorageDriver
  /** Why not a better one; undefined for overlay and for one that was asked for. */
  readonly because?: string
}

/** The driver asked for, or the best one that works. Throws HostError with the probe's reason when the one asked for cannot work. */
export async function chooseDriver(store: Store): Promise<DriverChoice> {
  if (store.storageDriver === 'copy') return { driver: 'copy' }
  const probe = await probeHost(store)
  if (store.storageDriver === undefined) return chooseBest(probe)
  const result = store.storageDriver === 'overlay' ? probe.overlay : probe.fuseOverlayfs
  if (result.ok) return { driver: store.storageDriver }
  throw new HostError(`use storage driver ${store.storageDriver}: ${store.paths.root}: ${result.error}`, {
    hint: 'leave --storage-driver out to get the best one that works here; `copy` works everywhere',
  })
}

function chooseBest({ overlay, fuseOverlayfs }: HostProbe): DriverChoice {
  if (overlay.ok) return { driver: 'overlay' }
  const because = `overlay: ${overlay.error}`
  if (fuseOverlayfs.ok) return { driver: 'fuse-overlayfs', because }
  return { driver: 'copy', because: `${because}; fuse-overlayfs: ${fuseOverlayfs.error}` }
}
