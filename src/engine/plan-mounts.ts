// What is mounted into a container: the user's mounts, those of other containers, the image's volumes, tmpfs. Pure. podman-run(1).

import path from 'node:path'
import { UsageError } from '../model/errors.js'
import type { ImageProcessConfig, PlannedImage } from '../model/image.js'
import type { FilesPlan, MountRequest, PlannedMount, TmpfsRequest } from '../model/mounts.js'
import type { CreateRequest } from '../model/run-request.js'
import { type MountSources, NO_SOURCES } from './mount-sources.js'
import { absolute, planMount, planTmpfs } from './plan-mount.js'

/** Programs need them even where the rootfs is read-only (podman-run(1), --read-only-tmpfs). */
const WRITABLE_PLACES = ['/run', '/tmp', '/var/tmp']
const DEFAULT_SHM_BYTES = 64 * 1024 * 1024

/** What the planner of mounts must know of the machine. */
export interface MountHost {
  readonly cwd: string
  /** Fresh names for anonymous volumes. */
  readonly anonymousVolumes: readonly string[]
  /** What had to be looked up for this request; absent: nothing had to. */
  readonly sources?: MountSources
}

/** Everything of a container that is said with the flags of files. */
export function planFiles(request: CreateRequest, config: ImageProcessConfig, host: MountHost): FilesPlan {
  const sources = host.sources ?? NO_SOURCES
  return {
    readOnly: request.readOnly,
    readOnlyTmpfs: request.readOnlyTmpfs,
    mounts: planMounts(request, config, host),
    shmSizeBytes: request.shmSizeBytes ?? DEFAULT_SHM_BYTES,
    ...(request.shmSizeSystemdBytes === undefined ? {} : { shmSizeSystemdBytes: request.shmSizeSystemdBytes }),
    devices: sources.devices,
    deviceRules: request.deviceRules,
    secrets: sources.secrets,
    volumesFrom: request.volumesFrom.map(({ container, access }) =>
      access === undefined ? container : `${container}:${access}`,
    ),
    ...(request.rootfs ? { rootfs: planRootfs(request.image, host.cwd) } : {}),
  }
}

/** One mount for each destination, parents before children: what was said counts before other containers' mounts, these before the image's. */
export function planMounts(request: CreateRequest, config: ImageProcessConfig, host: MountHost): PlannedMount[] {
  const context = { cwd: host.cwd, anonymous: [...host.anonymousVolumes], sources: host.sources ?? NO_SOURCES }
  const plan = (mount: MountRequest): PlannedMount[] => planMount(mount, context)
  const said = [...request.mounts, ...withoutRepeats(request.tmpfs)].flatMap(plan)
  refuseDuplicates(said)
  const readOnly = request.readOnly && request.readOnlyTmpfs ? WRITABLE_PLACES.map((it) => planTmpfs(it)) : []
  const given = [said, context.sources.cdiMounts, context.sources.volumesFrom.toReversed(), readOnly].flat()
  const mounts = firstOfEach(given)
  const taken = new Set(mounts.map(({ destination }) => destination))
  for (const place of Object.keys(config.Volumes ?? {}).filter((it) => !taken.has(absolute(it)))) {
    const containerPath = absolute(place)
    if (request.imageVolumes === 'tmpfs') mounts.push(planTmpfs(containerPath))
    else if (request.imageVolumes !== 'ignore') mounts.push(...plan({ kind: 'volume', containerPath, options: [] }))
  }
  return mounts.sort((a, b) => depth(a.destination) - depth(b.destination))
}

/** How many anonymous volumes this request and image can need at most. */
export function countAnonymousVolumes(request: CreateRequest, image: PlannedImage): number {
  return request.mounts.length + Object.keys(image.config.config?.Volumes ?? {}).length
}

function planRootfs(said: string, cwd: string): { readonly hostPath: string; readonly isOverlay: boolean } {
  const isOverlay = said.endsWith(':O')
  return { hostPath: path.resolve(cwd, isOverlay ? said.slice(0, -':O'.length) : said), isOverlay }
}

/** To say the same --tmpfs twice is no contradiction, as with podman. */
function withoutRepeats(tmpfs: readonly TmpfsRequest[]): TmpfsRequest[] {
  return [...new Map(tmpfs.map((request) => [JSON.stringify(request), request])).values()]
}

function refuseDuplicates(mounts: readonly PlannedMount[]): void {
  const seen = new Set<string>()
  for (const { destination } of mounts) {
    if (seen.has(destination)) throw new UsageError(`plan mounts: ${destination}: duplicate mount destination`)
    seen.add(destination)
  }
}

function firstOfEach(mounts: readonly PlannedMount[]): PlannedMount[] {
  return mounts.filter(
    ({ destination }, index) => mounts.findIndex((other) => other.destination === destination) === index,
  )
}

const depth = (destination: string): number => destination.split('/').length
