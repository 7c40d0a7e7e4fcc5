// `volume create`: a volume whole, or none.

import { existsSync } from 'node:fs'
import path from 'node:path'
import { findImage, layerSources } from '../images/image-store.js'
import { ConflictError, HostError, NotFoundError, UsageError } from '../model/errors.js'
import { readVolumeOptions, type VolumeMeaning, type VolumeOwner, type VolumeRecord } from '../model/volume.js'
import { toDiskError } from '../platform/disk-errors.js'
import { runTool } from '../platform/monitor-tools.js'
import type { Store } from '../platform/store.js'
import { appendVolumeEvent } from '../state/events.js'
import { ensureLayers, layerMapping } from '../storage/layers.js'
import { removeTree, sweepTrash } from '../storage/trash.js'
import { giveVolume } from '../storage/volume-owner.js'
import { checkVolumeName, newAnonymousName, publishVolume, readVolume, stageVolume } from '../storage/volumes.js'
import type { Engine } from './engine.js'

export interface CreateVolumeRequest {
  /** Not said: a random one. */
  readonly name?: string
  readonly driver: string
  readonly options: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  readonly uid?: number
  readonly gid?: number
  /** Made for one container, removed with it. */
  readonly anonymous?: boolean
  /** One that is there already is no error. */
  readonly ignore: boolean
}

/** Returns the name. Throws UsageError, ConflictError for a name in use, NotFoundError for an image that is not here, HostError. */
export async function createVolume(store: Engine, request: CreateVolumeRequest): Promise<string> {
  const name = request.name || newAnonymousName()
  checkVolumeName(name)
  const { driver, options, meaning } = decide(store, name, request)
  if (readVolume(store.paths, name) !== undefined) return answerTaken(name, request)
  await sweepTrash(store)
  const staged = stageVolume(store)
  try {
    await fill(store, path.join(staged, '_data'), meaning)
    const made = { anonymous: request.anonymous === true, labels: request.labels, driver, options }
    const record: VolumeRecord = { schema: 1, name, createdAt: new Date().toISOString(), ...made }
    if (publishVolume(store, staged, record)) {
      appendVolumeEvent(store.paths, 'create', name)
      return name
    }
  } catch (error) {
    await removeTree(store, staged).catch(() => undefined) // swept later, the first error is the one to tell
    throw toDiskError(error, `create volume: ${name}`)
  }
  await removeTree(store, staged)
  return answerTaken(name, request)
}

function answerTaken(name: string, { ignore }: CreateVolumeRequest): string {
  if (ignore) return name
  throw new ConflictError(`create volume: ${name}: volume with name ${name} already exists`, {
    hint: `add --ignore if that is fine, or remove it: lichen volume rm ${name}`,
  })
}

interface Decided extends Pick<VolumeRecord, 'driver' | 'options'> {
  readonly meaning: VolumeMeaning
}

function decide(store: Store, name: string, request: CreateVolumeRequest): Decided {
  const { driver } = request
  if (driver !== 'local' && driver !== 'image')
    throw new UsageError(`create volume: ${name}: there is no driver "${driver}": known are local and image`, {
      hint: 'volume plugins are not supported',
    })
  try {
    const said = { ...request.options, ...idOption('UID', request.uid), ...idOption('GID', request.gid) }
    const meaning = readVolumeOptions({ driver, options: said })
    checkHost(store, meaning, said)
    return { driver, options: { ...said, ...ownerOptions(meaning) }, meaning }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    const hint = error.hint === undefined ? {} : { hint: error.hint }
    throw new UsageError(`create volume: ${name}: ${error.message}`, { cause: error, ...hint })
  }
}

const idOption = (key: string, id: number | undefined) => (id === undefined ? {} : { [key]: String(id) })

/** podman shows an owner that was said in `o=` as options of its own. */
function ownerOptions(meaning: VolumeMeaning): Record<string, string> {
  const { uid, gid }: VolumeOwner = meaning.kind === 'directory' ? meaning.owner : {}
  return { ...idOption('UID', uid), ...idOption('GID', gid) }
}

/** File systems that the kernel lets be mounted inside a user namespace. */
const ROOTLESS_TYPES = ['bind', 'tmpfs', 'ramfs', 'overlay']

function checkHost({ userns }: Store, meaning: VolumeMeaning, said: VolumeRecord['options']): void {
  if (meaning.kind !== 'mount') return
  const { type, source } = meaning
  if (userns.kind !== 'none' && !ROOTLESS_TYPES.includes(type))
    throw new HostError(`create volume: type=${type}: only root may mount it`, {
      hint: `without root the types are ${ROOTLESS_TYPES.join(', ')}`,
    })
  // podman's rule: with `o=bind` the directory may come later
  if (said.type === 'bind' && !existsSync(source))
    throw new NotFoundError(`create volume: device=${source}: no such file or directory`, {
      hint: `mkdir -p ${source}`,
    })
}

async function fill(store: Engine, data: string, meaning: VolumeMeaning): Promise<void> {
  if (meaning.kind === 'image') await copyImage(store, data, meaning.image)
  else if (meaning.kind === 'directory') await giveVolume(store, data, meaning.owner)
}

/** The volume's own copy: the image may be removed afterwards. */
async function copyImage(store: Engine, data: string, name: string): Promise<void> {
  const image = findImage(store.paths, name)
  const sources = layerSources(store.paths, image, store.report)
  const layers = await ensureLayers(store, sources, layerMapping(store))
  const bottomFirst = layers.map((layer) => path.join(store.paths.layers, layer, 'diff')).reverse()
  await runTool(store, 'copy', [data, ...bottomFirst])
  findImage(store.paths, image.id) // whoever removed it in between has taken layers from under the copy
}
