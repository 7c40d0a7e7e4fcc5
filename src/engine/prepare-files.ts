// Between the rootfs being mounted and config.json: mounts the runtime cannot make, owners that `U` asks for, secrets, device nodes as they
// are now. Loaded only for containers that have something of the kind.

import { existsSync, mkdirSync, realpathSync, statSync } from 'node:fs'
import path from 'node:path'
import type { PlannedDevice } from '../model/devices.js'
import { errorCode, HostError } from '../model/errors.js'
import type { PlannedMount } from '../model/mounts.js'
import { giveTrees } from '../platform/monitor-tools.js'
import type { HostDevice, OciHost, ReadyMount } from '../runtime/oci-host.js'
import { toIdMappings } from '../runtime/oci-namespaces.js'
import { containerDir } from '../state/records.js'
import { removeTree } from '../storage/trash.js'
import { listSecretFiles, readSecretEnv } from './container-secrets.js'
import { type Preparing, prepareMount } from './prepare-mount.js'
import { NOTHING_PREPARED, type PreparedFiles } from './prepared-files.js'

export interface Preparation extends Preparing {
  /** Everything but what is prepared here. */
  readonly host: Omit<OciHost, keyof PreparedFiles>
}

/** To be called by who has the monitor's lock, with the rootfs mounted and nothing of the container running. */
export async function prepareFiles(preparation: Preparation): Promise<PreparedFiles> {
  const { store, record } = preparation
  const readyMounts = await prepareMounts(preparation)
  await giveMounts(preparation, readyMounts)
  await giveSecrets(preparation)
  return {
    readyMounts,
    devices: record.plan.devices.map(readNode),
    secretFiles: listSecretFiles(store.paths, record),
    secretEnv: readSecretEnv(store.paths, record),
  }
}

async function prepareMounts(preparing: Preparing): Promise<ReadonlyMap<string, ReadyMount>> {
  const { store, record } = preparing
  const base = path.join(containerDir(store.paths, record.id), 'mounts')
  if (existsSync(base)) await removeTree(store, base) // what an earlier start changed in its overlays
  if (record.plan.mounts.some(needsPlace)) mkdirSync(base, { mode: 0o700 })
  const ready = new Map<string, ReadyMount>()
  for (const [index, mount] of record.plan.mounts.entries()) {
    const made = await prepareMount(preparing, mount, path.join(base, String(index)))
    if (made !== undefined) ready.set(mount.destination, made)
  }
  return ready
}

const needsPlace = ({ kind, subpath }: PlannedMount): boolean =>
  kind === 'overlay' || kind === 'image' || subpath !== undefined

/** `U`: the container's user becomes the owner of what is mounted, whatever it is on the host. */
async function giveMounts(preparation: Preparation, ready: ReadonlyMap<string, ReadyMount>): Promise<void> {
  const { store, record, host } = preparation
  const isGiven = ({ kind, options }: PlannedMount) => options.includes('U') && (kind === 'bind' || kind === 'volume')
  for (const mount of record.plan.mounts.filter(isGiven)) {
    const made = ready.get(mount.destination)
    if (made !== undefined && made.type !== 'bind') continue // a file system of its own, not there yet
    const tree = realpathSync(made?.source ?? mount.source)
    await giveTrees(store, toOwner(preparation, host.user), [tree])
  }
}

async function giveSecrets(preparation: Preparation): Promise<void> {
  const { store, record } = preparation
  for (const { secret, hostPath } of listSecretFiles(store.paths, record)) {
    const owner = toOwner(preparation, secret)
    if (owner.uid !== 0 || owner.gid !== 0) await giveTrees(store, owner, [hostPath])
  }
}

type Owner = { readonly uid: number; readonly gid: number }

/** Ids of the container in the engine's namespace. */
function toOwner({ record, host }: Preparation, { uid, gid }: Owner): Owner {
  const maps = toIdMappings(record.plan, { ...host, ...NOTHING_PREPARED }) as Partial<
    Record<string, readonly Mapping[]>
  >
  return { uid: outside(uid, maps.uidMappings), gid: outside(gid, maps.gidMappings) }
}

interface Mapping {
  readonly containerID: number
  readonly hostID: number
  readonly size: number
}

function outside(id: number, map: readonly Mapping[] | undefined): number {
  if (map === undefined) return id
  const range = map.find(({ containerID, size }) => id >= containerID && id < containerID + size)
  if (range !== undefined) return range.hostID + id - range.containerID
  throw new HostError(`give files: id ${id} of the container: it has no such id`, {
    hint: 'its user namespace is too small for it: see --userns, --uidmap',
  })
}

/** Its numbers are read off makedev(3)'s word. */
function readNode({ hostPath, containerPath, access }: PlannedDevice): HostDevice {
  const { mode, rdev, uid, gid, isBlock } = statNode(hostPath)
  const device = BigInt(rdev)
  const major = Number(((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xfffff000n))
  const minor = Number((device & 0xffn) | ((device >> 12n) & 0xffffff00n))
  return { hostPath, containerPath, type: isBlock ? 'b' : 'c', major, minor, fileMode: mode & 0o777, uid, gid, access }
}

function statNode(
  hostPath: string,
): Owner & { readonly mode: number; readonly rdev: number; readonly isBlock: boolean } {
  try {
    const stat = statSync(hostPath)
    return { mode: stat.mode, rdev: stat.rdev, uid: stat.uid, gid: stat.gid, isBlock: stat.isBlockDevice() }
  } catch (cause) {
    throw new HostError(`add device: ${hostPath}: it was there when the container was made (${errorCode(cause)})`, {
      cause,
    })
  }
}
