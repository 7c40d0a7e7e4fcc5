// One mount, from what was said of it: which options it gets beside those that were said. Pure. The order of options is podman's, as
// `inspect` shows them.

import path from 'node:path'
import { UsageError } from '../model/errors.js'
import type {
  ArtifactMountRequest,
  BindRequest,
  GlobRequest,
  MountRequest,
  NamedVolumeRequest,
  PlannedMount,
} from '../model/mounts.js'
import type { MountSources } from './mount-sources.js'

export interface MountContext {
  readonly cwd: string
  /** Names not given away yet. */
  readonly anonymous: string[]
  readonly sources: MountSources
}

const PROPAGATION = /^r?(private|shared|slave|unbindable)$/

/** Several for a glob or an artifact. */
export function planMount(mount: MountRequest, context: MountContext): PlannedMount[] {
  const destination = mount.containerPath === undefined ? '' : absolute(mount.containerPath)
  switch (mount.kind) {
    case 'bind':
      return [planBind({ ...mount, containerPath: destination }, context.cwd)]
    case 'volume':
      return [planVolume({ ...mount, containerPath: destination }, context.anonymous)]
    case 'overlay': {
      const { of, upper, work } = mount
      const changes =
        upper && work ? { upper: path.resolve(context.cwd, upper), work: path.resolve(context.cwd, work) } : {}
      const options = ['rw', 'rprivate', 'rbind']
      if (of.kind === 'volume')
        return [{ kind: 'overlay', source: '', destination, options, volumeName: of.name, ...changes }]
      return [{ kind: 'overlay', source: path.resolve(context.cwd, of.hostPath), destination, options, ...changes }]
    }
    case 'tmpfs':
      return [planTmpfs(destination, mount.options)]
    case 'ramfs':
      return [{ ...planTmpfs(destination, [...mount.options, 'notmpcopyup']), kind: 'ramfs', source: 'ramfs' }]
    case 'devpts':
      return [{ kind: 'devpts', source: 'devpts', destination, options: mount.options }]
    case 'image': {
      const layers = context.sources.images.get(mount.image) ?? []
      const options = [mount.isWritable ? 'rw' : 'ro', 'rprivate', 'rbind']
      return [{ kind: 'image', source: mount.image, destination, options, layers, ...subpathOf(mount) }]
    }
    case 'glob':
      return planGlob(mount, context)
    case 'artifact':
      return planArtifact(mount, context)
  }
}

export function planTmpfs(destination: string, said: readonly string[] = []): PlannedMount {
  const has = (...words: string[]) => said.some((option) => words.includes(option))
  return {
    kind: 'tmpfs',
    source: 'tmpfs',
    destination,
    options: [
      ...said.filter((option) => option !== 'notmpcopyup' && option !== 'tmpcopyup'),
      ...(has('ro', 'rw') ? [] : ['rw']),
      ...(said.some((option) => PROPAGATION.test(option)) ? [] : ['rprivate']),
      ...(has('suid', 'nosuid') ? [] : ['nosuid']),
      ...(has('dev', 'nodev') ? [] : ['nodev']),
      // what the image has at that place is copied into it, as with podman
      ...(has('notmpcopyup') ? [] : ['tmpcopyup']),
    ],
  }
}

function planBind({ hostPath, containerPath, options }: Omit<BindRequest, 'kind'>, cwd: string): PlannedMount {
  return {
    kind: 'bind',
    source: path.resolve(cwd, hostPath),
    destination: containerPath,
    options: withDefaults(options, []),
  }
}

function planVolume(volume: NamedVolumeRequest, anonymous: string[]): PlannedMount {
  const { name, containerPath, options, driverOptions } = volume
  const volumeName = name ?? anonymous.shift()
  if (volumeName === undefined) throw new Error('planMount: too few names for anonymous volumes')
  return {
    kind: 'volume',
    source: '',
    destination: containerPath,
    options: withDefaults(options, ['nosuid', 'nodev']),
    volumeName,
    copyUp: !options.includes('nocopy') && volume.subpath === undefined,
    ...subpathOf(volume),
    ...(name === undefined ? { anonymous: true } : {}),
    ...(driverOptions === undefined ? {} : { driverOptions }),
  }
}

function planGlob({ pattern, containerPath, options }: GlobRequest, { cwd, sources }: MountContext): PlannedMount[] {
  return (sources.globs.get(pattern) ?? []).map((hostPath) => {
    const place = containerPath === undefined ? hostPath : path.posix.join(containerPath, path.basename(hostPath))
    return planBind({ hostPath, containerPath: place, options }, cwd)
  })
}

/** One file: the destination may be a file of the image, which it then replaces; only the mounted rootfs can tell. */
function planArtifact(mount: ArtifactMountRequest, { sources }: MountContext): PlannedMount[] {
  const files = sources.artifacts.get(mount) ?? []
  const [only] = files
  const options = ['ro', 'rprivate', 'rbind']
  if (files.length === 1 && only !== undefined)
    return [{ kind: 'bind', source: only.hostPath, destination: mount.containerPath, options, fileName: only.name }]
  return files.map(({ hostPath, name }) => {
    return { kind: 'bind', source: hostPath, destination: path.posix.join(mount.containerPath, name), options }
  })
}

function subpathOf({ subpath }: { readonly subpath?: string }): { readonly subpath?: string } {
  return subpath === undefined ? {} : { subpath }
}

/** Said first, then rw, propagation, restrictions, and whether mounts below the source come along. */
function withDefaults(said: readonly string[], restrictions: readonly string[]): string[] {
  const has = (word: string) => said.includes(word)
  return [
    ...said,
    ...(has('ro') || has('rw') ? [] : ['rw']),
    ...(said.some((option) => PROPAGATION.test(option)) ? [] : ['rprivate']),
    ...restrictions.filter((word) => !has(word) && !has(word.replace(/^no/, ''))),
    ...(has('bind') || has('rbind') ? [] : ['rbind']),
  ]
}

/** A place in the container, not its root. The grammar of the command line has checked it; an image's volumes and other fronts' words are checked here. */
export function absolute(containerPath: string): string {
  if (!containerPath.startsWith('/'))
    throw new UsageError(`plan mounts: "${containerPath}": a path inside the container must be absolute`)
  const normal = path.posix.normalize(containerPath)
  if (normal === '/') throw new UsageError('plan mounts: nothing can be mounted over the root of a container')
  return normal.replace(/\/$/, '')
}
