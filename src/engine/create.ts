// `create`: from what was said to a record on disk. Nothing runs yet.

import path from 'node:path'
import { findImage, layerSources } from '../images/image-store.js'
import { ALL_CAPABILITIES } from '../model/capabilities.js'
import type { ContainerPlan, ContainerRecord } from '../model/container.js'
import { ConflictError, NotFoundError } from '../model/errors.js'
import type { LocalImage } from '../model/image.js'
import { makeRandomName } from '../model/random-name.js'
import type { CreateRequest } from '../model/run-request.js'
import type { WriteOptions } from '../platform/files.js'
import { readOwnCapabilities } from '../platform/own-capabilities.js'
import { randomHex } from '../platform/random.js'
import type { Store } from '../platform/store.js'
import { findRuntime } from '../runtime/find-runtime.js'
import { findByName } from '../state/names.js'
import { containerDir, createRecord, readRecord } from '../state/records.js'
import { chooseDriver } from '../storage/driver.js'
import type { LayerMapping } from '../storage/layer-names.js'
import { ensureLayers, layerMapping } from '../storage/layers.js'
import { newAnonymousName } from '../storage/volumes.js'
import { dropContainer } from './cleanup.js'
import { makeVolumes, placeVolume } from './container-volumes.js'
import { checkCidfile, checkMounts, checkUlimits, writeCidfile } from './create-checks.js'
import type { Engine } from './engine.js'
import { planContainer } from './plan.js'
import { countAnonymousVolumes } from './plan-mounts.js'
import { removeRecord } from './rm.js'

/** Container names are given at random until one is free; more tries than this mean that something else is wrong. */
const NAME_TRIES = 20

/** Returns the record, already visible to every other command. Throws before anything is written, or undoes what it wrote. */
export async function createContainer(
  store: Engine,
  request: CreateRequest,
  options: WriteOptions,
): Promise<ContainerRecord> {
  checkCidfile(request.cidfile)
  const mapping = mappingOf(store, request)
  const image = await bringImage(store, request, mapping)
  const id = randomHex(32)
  const unpack = () => ensureLayers(store, layerSources(store.paths, image, store.report), mapping)
  const plan = await decidePlan(store, request, { image, id, layers: await unpack() })
  checkMounts(plan.mounts)
  checkUlimits(store, plan)
  if (request.replace && request.name !== undefined) await removeNamed(store, request.name)
  const record = await recordContainer(store, { request, id, plan }, options)
  try {
    await unpack() // a `rmi` just now may have taken layers that no record held; from here on this one does
    makeVolumes(store, record)
    if (request.cidfile !== undefined) writeCidfile(request.cidfile, id)
  } catch (error) {
    await dropContainer(store, record, { removeVolumes: true })
    throw error
  }
  return record
}

/** The local image where the policy is content with it; what speaks to registries is not even loaded then. */
async function bringImage(store: Engine, request: CreateRequest, mapping: LayerMapping): Promise<LocalImage> {
  const { policy, registry, platform } = request.pull
  const local = policy === 'missing' && platform === undefined ? findLocalImage(store, request.image) : undefined
  if (local !== undefined) return local
  const { pullImage } = await import('./pull-image.js')
  const said = platform === undefined ? {} : { platform }
  const { image, warnings } = await pullImage(store, { name: request.image, policy, registry, mapping, ...said })
  for (const warning of warnings) store.report.onNote(`Warning: ${warning}`)
  return image
}

function findLocalImage({ paths }: Engine, name: string): LocalImage | undefined {
  try {
    return findImage(paths, name)
  } catch (error) {
    if (error instanceof NotFoundError) return undefined
    throw error
  }
}

function mappingOf(store: Engine, request: CreateRequest): LayerMapping {
  const { uid, gid } = store.facts
  return layerMapping(store, request.userns?.mode === 'keep-id' ? { uid, gid } : undefined)
}

interface Deciding {
  readonly image: LocalImage
  readonly id: string
  readonly layers: readonly string[]
}

async function decidePlan(
  store: Engine,
  request: CreateRequest,
  { image, id, layers }: Deciding,
): Promise<ContainerPlan> {
  const { facts, userns, paths } = store
  const { driver } = await chooseDriver(store)
  const plan = planContainer(request, image, {
    id,
    uid: facts.uid,
    gid: facts.gid,
    cwd: facts.cwd,
    hostname: facts.hostname,
    env: facts.env,
    hasManyIds: userns.singleBecause === undefined && userns.kind !== 'nested',
    storageDriver: driver,
    layers,
    runtime: findRuntime(facts, store.runtime).path,
    availableCapabilities: userns.kind === 'none' ? readOwnCapabilities() : ALL_CAPABILITIES,
    anonymousVolumes: Array.from({ length: countAnonymousVolumes(request, image) }, newAnonymousName),
  })
  const ownVolumes = path.join(containerDir(paths, id), 'volumes')
  return {
    ...plan,
    mounts: plan.mounts.map((mount) => placeVolume(mount, { paths, ownVolumes, isRemoved: request.remove })),
  }
}

async function removeNamed(store: Store, name: string): Promise<void> {
  const id = findByName(store.paths, name)
  const record = id === undefined ? undefined : readRecord(store.paths, id)
  if (record !== undefined) await removeRecord(store, record, { force: true, volumes: false })
}

interface Recording {
  readonly request: CreateRequest
  readonly id: string
  readonly plan: ContainerPlan
}

async function recordContainer(
  store: Store,
  { request, id, plan }: Recording,
  options: WriteOptions,
): Promise<ContainerRecord> {
  const createdAt = new Date().toISOString()
  for (let attempt = 1; ; attempt++) {
    const name = request.name ?? makeRandomName((limit) => Number.parseInt(randomHex(4), 16) % limit)
    const record: ContainerRecord = { schema: 1, id, name, createdAt, removeOnExit: request.remove, plan }
    try {
      await createRecord(store.paths, record, options)
      return record
    } catch (error) {
      if (!(error instanceof ConflictError) || request.name !== undefined || attempt === NAME_TRIES) throw error
    }
  }
}
