// Looks up what a request's mounts, devices and secrets name: images, artifacts, other containers, files and devices of the host. Called
// before anything is written, and not even loaded when a request names nothing of the kind.

import { findImage, layerSources } from '../images/image-store.js'
import type { MountRequest, PlannedMount, VolumesFromRequest } from '../model/mounts.js'
import type { CreateRequest } from '../model/run-request.js'
import type { StorePaths } from '../platform/paths.js'
import { findRecord } from '../state/records.js'
import type { LayerMapping } from '../storage/layer-names.js'
import { ensureLayers } from '../storage/layers.js'
import { volumeDataPath } from '../storage/volumes.js'
import type { Engine } from './engine.js'
import { findArtifactFiles } from './find-artifact-files.js'
import { findDevices } from './find-devices.js'
import { findSecrets } from './find-secrets.js'
import { expandGlob } from './glob.js'
import type { MountSources } from './mount-sources.js'

/** Throws NotFoundError for what does not exist, HostError for what cannot be used. */
export async function findMountSources(
  store: Engine,
  request: CreateRequest,
  mapping: LayerMapping,
): Promise<MountSources> {
  const { mounts } = request
  const globs = mounts.flatMap((mount) => (mount.kind === 'glob' ? [mount.pattern] : []))
  const artifacts = mounts.flatMap((mount) => (mount.kind === 'artifact' ? [mount] : []))
  return {
    images: await findImages(store, mounts, mapping),
    globs: new Map(globs.map((pattern) => [pattern, expandGlob(pattern, store.facts.cwd)])),
    artifacts: new Map(artifacts.map((mount) => [mount, findArtifactFiles(store.paths, mount)])),
    volumesFrom: request.volumesFrom.flatMap((from) => mountsOf(store, from)),
    ...findDevices(request.devices),
    secrets: findSecrets(store.paths, request.secrets),
  }
}

async function findImages(
  store: Engine,
  mounts: readonly MountRequest[],
  mapping: LayerMapping,
): Promise<Map<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>()
  for (const mount of mounts) {
    if (mount.kind !== 'image' || found.has(mount.image)) continue
    const image = findImage(store.paths, mount.image)
    found.set(mount.image, await ensureLayers(store, layerSources(store.paths, image, store.report), mapping))
  }
  return found
}

/** What that container has of volumes and directories; not its tmpfs, which nobody can share. */
function mountsOf({ paths }: Engine, { container, access }: VolumesFromRequest): PlannedMount[] {
  return findRecord(paths, container).plan.mounts.flatMap((mount) => {
    if (mount.kind !== 'bind' && mount.kind !== 'volume') return []
    const options = access === undefined ? mount.options : mount.options.map((it) => (isAccess(it) ? access : it))
    return [
      {
        ...shareMount(paths, mount),
        options: options.some(isAccess) || access === undefined ? options : [access, ...options],
      },
    ]
  })
}

/** Who made an anonymous volume removes it. One that lies in its container's directory is a volume to that container alone. */
function shareMount(paths: StorePaths, mount: PlannedMount): PlannedMount {
  const { anonymous: _, ...shared } = mount
  const { volumeName: name, copyUp: __, ...asBind } = shared
  return name !== undefined && mount.source !== volumeDataPath(paths, name) ? { ...asBind, kind: 'bind' } : shared
}

const isAccess = (option: string): boolean => option === 'ro' || option === 'rw'
