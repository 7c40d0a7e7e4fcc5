// How a container gets to a volume: the one mount that shows it. Pure.

import { readVolumeOptions, type VolumeOwner, type VolumeRecord } from '../model/volume.js'
import type { StorePaths } from '../platform/paths.js'
import { volumeDataPath } from './volumes.js'

export interface VolumeMount {
  /** `bind`, or a file system's type. */
  readonly type: string
  /** Host path for `bind`. */
  readonly source: string
  /** In mount(8)'s words; for `bind` they begin with `bind` or `rbind`. */
  readonly options: readonly string[]
  /** Its files lie in the store: an empty one may be filled, and given an owner. */
  readonly isOwn: boolean
  /** While it is empty it takes over what the image has at its place. */
  readonly copyUp: boolean
  /** Whose its root is to stay, whatever it takes over. */
  readonly owner: VolumeOwner
}

export function volumeMount(paths: StorePaths, record: VolumeRecord): VolumeMount {
  const meaning = readVolumeOptions(record)
  if (meaning.kind === 'mount') {
    const { type, source, options } = meaning
    return { type, source, options, isOwn: false, copyUp: false, owner: {} }
  }
  const { flags, copyUp, owner } = meaning.kind === 'directory' ? meaning : { flags: [], copyUp: false, owner: {} }
  const source = volumeDataPath(paths, record.name)
  return { type: 'bind', source, options: ['rbind', ...flags], isOwn: true, copyUp, owner }
}
