// `volume ls`, `inspect`, `exists` and `mount`: what there is to know of volumes.

import { readdirSync } from 'node:fs'
import { ConflictError, errorCode } from '../model/errors.js'
import { isLive } from '../model/status.js'
import { readVolumeOptions, type VolumeRecord } from '../model/volume.js'
import type { Store } from '../platform/store.js'
import { listRecords } from '../state/records.js'
import { viewContainer } from '../state/views.js'
import { listVolumes, lookUpVolume, readVolume, volumeDataPath } from '../storage/volumes.js'
import { compileVolumeFilters, type VolumeFilter } from './volume-filter.js'
import { findVolumeUsers, usesVolume } from './volume-users.js'

/** podman's JSON object. */
export interface VolumeDescription {
  readonly Name: string
  readonly Driver: string
  readonly Mountpoint: string
  readonly CreatedAt: string
  readonly Labels: Readonly<Record<string, string>>
  readonly Scope: 'local'
  readonly Options: Readonly<Record<string, string>>
  readonly UID?: number
  readonly GID?: number
  readonly Anonymous?: true
  /** Of a volume that is a mount: how many containers that run have it. */
  readonly MountCount: number
  readonly NeedsCopyUp?: true
}

export interface ListedVolumes {
  readonly volumes: readonly VolumeDescription[]
  /** What could not be read. */
  readonly warnings: readonly string[]
}

/** By name. Throws UsageError for a filter that means nothing. */
export function describeVolumes(store: Store, filters: readonly VolumeFilter[] = []): ListedVolumes {
  const warnings: string[] = []
  const volumes = listVolumes(store.paths, (name, { message }) => void warnings.push(`volume ${name}: ${message}`))
  const records = listRecords(store.paths, () => undefined)
  const isUsed = (name: string) => records.some((record) => usesVolume(record, name))
  const isWanted = compileVolumeFilters(filters, { volumes, isUsed })
  return { volumes: volumes.filter(isWanted).map((record) => describe(store, record)), warnings }
}

/** A name, or the beginning of one. Throws NotFoundError, UsageError when several begin so. */
export function describeVolume(store: Store, text: string): VolumeDescription {
  return describe(store, lookUpVolume(store.paths, text))
}

/** Only the whole name counts, as with podman. */
export function volumeExists(store: Store, name: string): boolean {
  return readVolume(store.paths, name) !== undefined
}

export interface VolumePlace {
  readonly name: string
  /** Where its files are. */
  readonly path: string
}

/** Nothing is mounted: the files are there already. Throws ConflictError for a volume whose files are only in the containers that use it. */
export function locateVolume(store: Store, text: string, verb: string): VolumePlace {
  const record = lookUpVolume(store.paths, text)
  const meaning = readVolumeOptions(record)
  const { name } = record
  if (meaning.kind !== 'mount') return { name, path: volumeDataPath(store.paths, name) }
  if (meaning.type === 'bind') return { name, path: meaning.source }
  throw new ConflictError(`${verb} volume: ${name}: a ${meaning.type} is made anew in each container that uses it`, {
    hint: `look into a container: lichen exec CONTAINER ls …`,
  })
}

function describe(store: Store, record: VolumeRecord): VolumeDescription {
  const { name, driver, createdAt, labels, options, anonymous } = record
  const meaning = readVolumeOptions(record)
  const owner = meaning.kind === 'directory' ? meaning.owner : {}
  return {
    Name: name,
    Driver: driver,
    Mountpoint: volumeDataPath(store.paths, name),
    CreatedAt: createdAt,
    Labels: labels,
    Scope: 'local',
    Options: options,
    ...(owner.uid ? { UID: owner.uid } : {}),
    ...(owner.gid ? { GID: owner.gid } : {}),
    ...(anonymous ? { Anonymous: true } : {}),
    MountCount: meaning.kind === 'mount' ? countMounts(store, name) : 0,
    ...(meaning.kind === 'directory' && isEmpty(volumeDataPath(store.paths, name)) ? { NeedsCopyUp: true } : {}),
  }
}

function countMounts(store: Store, name: string): number {
  const { users } = findVolumeUsers(store, name)
  return users.filter((record) => isLive(viewContainer(store.paths, record).status)).length
}

/** What we may not even list belongs to a container's user: it has been used. */
function isEmpty(dir: string): boolean {
  try {
    return readdirSync(dir).length === 0
  } catch (error) {
    if (errorCode(error) === 'EACCES' || errorCode(error) === 'ENOENT') return false
    throw error
  }
}
