// What the planner of mounts cannot know by itself, already looked up (find-mount-sources.ts). Nothing here looks, so that the planner
// stays pure.

import type { PlannedDevice } from '../model/devices.js'
import type { ArtifactMountRequest, FilesRequest, MountRequest, PlannedMount, PlannedSecret } from '../model/mounts.js'

export interface ArtifactFile {
  readonly hostPath: string
  /** Its title, or its digest where it has none that is a file name. */
  readonly name: string
}

export interface MountSources {
  /** Directories of their layers, topmost first, by the name that was said. */
  readonly images: ReadonlyMap<string, readonly string[]>
  /** Absolute paths by pattern. */
  readonly globs: ReadonlyMap<string, readonly string[]>
  readonly artifacts: ReadonlyMap<ArtifactMountRequest, readonly ArtifactFile[]>
  /** Of --volumes-from, in the order they were said. */
  readonly volumesFrom: readonly PlannedMount[]
  readonly devices: readonly PlannedDevice[]
  /** What CDI devices bring beside device nodes. */
  readonly cdiMounts: readonly PlannedMount[]
  readonly cdiEnv: readonly string[]
  readonly secrets: readonly PlannedSecret[]
}

export const NO_SOURCES: MountSources = {
  images: new Map(),
  globs: new Map(),
  artifacts: new Map(),
  volumesFrom: [],
  devices: [],
  cdiMounts: [],
  cdiEnv: [],
  secrets: [],
}

/** Whether there is anything to look up. */
export function needsSources({ mounts, volumesFrom, devices, secrets }: FilesRequest): boolean {
  return volumesFrom.length + devices.length + secrets.length > 0 || mounts.some(isSpecial)
}

/** A volume with options of its own is made by what others do not need, too. */
function isSpecial(mount: MountRequest): boolean {
  const { kind } = mount
  return (
    kind === 'image' ||
    kind === 'glob' ||
    kind === 'artifact' ||
    (kind === 'volume' && mount.driverOptions !== undefined)
  )
}
