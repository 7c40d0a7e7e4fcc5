// What is mounted into a container: the user's volumes, tmpfs, the image's volumes. Pure. podman-run(1), --volume, --tmpfs.

import path from 'node:path'
import { UsageError } from '../model/errors.js'
import type { ImageProcessConfig, LocalImage } from '../model/image.js'
import type { PlannedMount, VolumeRequest } from '../model/mounts.js'
import type { CreateRequest } from '../model/run-request.js'

/** Programs need them even where the rootfs is read-only (podman-run(1), --read-only-tmpfs). */
const WRITABLE_PLACES = ['/run', '/tmp', '/var/tmp']

/** What the planner of mounts must know of the machine. */
export interface MountHost {
  readonly cwd: string
  /** A fresh name for the nth anonymous volume. */
  readonly anonymousVolumes: readonly string[]
}

/** The user's mounts, the image's volumes that nothing covers, tmpfs; parents before children. Two for one place are refused. */
export function planMounts(request: CreateRequest, config: ImageProcessConfig, host: MountHost): PlannedMount[] {
  const anonymous = [...host.anonymousVolumes]
  const mounts = request.volumes.map((volume) => planVolume(volume, host.cwd, anonymous))
  for (const { containerPath, options } of request.tmpfs) {
    mounts.push({
      kind: 'tmpfs',
      source: 'tmpfs',
      destination: absolute(containerPath),
      options: tmpfsOptions(options),
    })
  }
  const said = new Set(mounts.map(({ destination }) => destination))
  if (said.size < mounts.length) throw new UsageError(`plan mounts: ${findDuplicate(mounts)}: mounted twice`)
  if (request.readOnly) {
    for (const destination of WRITABLE_PLACES.filter((place) => !said.has(place))) {
      mounts.push({ kind: 'tmpfs', source: 'tmpfs', destination, options: tmpfsOptions([]) })
    }
  }
  for (const place of Object.keys(config.Volumes ?? {})) {
    if (said.has(absolute(place))) continue
    mounts.push(planVolume({ kind: 'volume', containerPath: place, options: [] }, host.cwd, anonymous))
  }
  return mounts.sort((a, b) => a.destination.split('/').length - b.destination.split('/').length)
}

function planVolume(volume: VolumeRequest, cwd: string, anonymous: string[]): PlannedMount {
  const destination = absolute(volume.containerPath)
  const flags = volume.options.filter((option) => !['z', 'Z', 'copy', 'nocopy', 'rbind', 'bind'].includes(option))
  const propagation = flags.some((flag) => /(private|shared|slave)$/.test(flag)) ? [] : ['rprivate']
  const recursive = volume.options.includes('bind') ? 'bind' : 'rbind'
  const options = [recursive, ...flags, ...propagation]
  if (volume.kind === 'bind') return { kind: 'bind', source: path.resolve(cwd, volume.hostPath), destination, options }
  const volumeName = volume.name ?? anonymous.shift()
  if (volumeName === undefined) throw new Error('planContainer: too few names for anonymous volumes')
  const own = ['nosuid', 'nodev'].filter((flag) => !flags.includes(flag === 'nosuid' ? 'suid' : 'dev'))
  const copyUp = !volume.options.includes('nocopy')
  return {
    kind: 'volume',
    source: '',
    destination,
    options: [...options, ...own],
    volumeName,
    copyUp,
    ...(volume.name === undefined ? { anonymous: true } : {}),
  }
}

/** How many anonymous volumes this request and image can need at most. */
export function countAnonymousVolumes(request: CreateRequest, image: LocalImage): number {
  return request.volumes.length + Object.keys(image.config.config?.Volumes ?? {}).length
}

function tmpfsOptions(options: readonly string[]): string[] {
  const has = (name: string) => options.some((option) => option === name || option.startsWith(`${name}=`))
  const defaults = ['nosuid', 'nodev'].filter((flag) => !has(flag.slice(2)))
  return [...options, ...defaults.filter((flag) => !has(flag)), ...(has('mode') ? [] : ['mode=1777']), 'rprivate']
}

function absolute(containerPath: string): string {
  if (!containerPath.startsWith('/'))
    throw new UsageError(`plan mounts: "${containerPath}": a path inside the container must be absolute`)
  const normal = path.posix.normalize(containerPath)
  if (normal === '/') throw new UsageError('plan mounts: nothing can be mounted over the root of a container')
  return normal.replace(/\/$/, '')
}

function findDuplicate(mounts: readonly PlannedMount[]): string {
  return (
    mounts.find(({ destination }, index) => mounts.findIndex((other) => other.destination === destination) < index)
      ?.destination ?? ''
  )
}
