// `create`: from what was said to a record on disk. Nothing runs yet.

import path from 'node:path'
import { findImage, layerSources } from '../images/image-store.js'
import { ALL_CAPABILITIES } from '../model/capabilities.js'
import type { ContainerPlan, ContainerRecord } from '../model/container.js'
import { ConflictError, NotFoundError } from '../model/errors.js'
import type { LocalImage, PlannedImage } from '../model/image.js'
import { makeRandomName } from '../model/random-name.js'
import type { CreateRequest } from '../model/run-request.js'
import type { WriteOptions } from '../platform/files.js'
import { readOwnCapabilities } from '../platform/own-capabilities.js'
import { randomHex, randomId } from '../platform/random.js'
import type { Store } from '../platform/store.js'
import { findRuntime } from '../runtime/find-runtime.js'
import { appendContainerEvent } from '../state/events.js'
import { findByName, isNameOf } from '../state/names.js'
import { containerDir, createRecord, readRecord } from '../state/records.js'
import { chooseDriver } from '../storage/driver.js'
import type { LayerMapping } from '../storage/layer-names.js'
import { ensureLayers, layerMapping } from '../storage/layers.js'
import { newAnonymousName } from '../storage/volumes.js'
import { dropContainer } from './cleanup.js'
import { makeFiles } from './container-files.js'
import { placeVolume } from './container-volumes.js'
import { checkCidfile, checkReplace, checkUlimits, writeCidfile } from './create-checks.js'
import { decideUserns, findJoined } from './create-isolation.js'
import { findDependency } from './dependencies.js'
import type { Engine } from './engine.js'
import { readEnvFiles } from './env-file.js'
import { checkFiles } from './files-check.js'
import { checkIsolation } from './isolation-checks.js'
import { readLabelFiles } from './label-files.js'
import { checkLimits } from './limits-check.js'
import { checkLog } from './log-check.js'
import { type MountSources, NO_SOURCES, needsSources } from './mount-sources.js'
import { type PlanHost, planContainer } from './plan.js'
import { countAnonymousVolumes } from './plan-mounts.js'
import { removeRecord } from './rm.js'

/** Container names are given at random until one is free; more tries than this mean that something else is wrong. */
const NAME_TRIES = 20

/** Returns the record, already visible to every other command. Throws before anything is written, or undoes what it wrote. */
export async function createContainer(
  store: Engine,
  said: CreateRequest,
  options: WriteOptions,
): Promise<ContainerRecord> {
  const request = { ...said, labels: { ...readLabelFiles(said.labelFiles, store.facts.cwd), ...said.labels } }
  checkCidfile(request.cidfile)
  checkReplace(request)
  const isolation = {
    joined: findJoined(store, request),
    envFromFiles: readEnvFiles(request.envFiles, store.facts.cwd),
  }
  const id = randomId()
  // how many ids --userns auto gives is the image's to say: it is brought before, in the common form
  const bring = async (mapping: LayerMapping) =>
    request.rootfs ? undefined : await bringImage(store, request, mapping)
  const decided = await decideUserns(store, request, {
    ...isolation,
    id,
    bringImage: async () => await bring(layerMapping(store)),
  })
  const mapping = layerMapping(store, decided.userns)
  const sources = await findSources(store, request, mapping)
  const local = await bring(mapping)
  const unpack = async () =>
    local === undefined ? [] : await ensureLayers(store, layerSources(store.paths, local, store.report), mapping)
  const deciding = {
    image: local ?? NO_IMAGE,
    id,
    layers: await unpack(),
    sources,
    isolation: { ...isolation, ...decided },
  }
  const plan = await decidePlan(store, request, deciding)
  checkIsolation(store, request, plan)
  if (plan.domainname !== undefined) await (await import('./domainname-check.js')).checkDomainname(store, plan)
  checkFiles(store, plan)
  checkUlimits(store, plan)
  checkLog(plan)
  await checkLimits(store, plan)
  if (request.replace && request.name !== undefined) await removeNamed(store, request.name)
  const record = await recordContainer(store, { name: request.name, remove: request.remove, id, plan }, options)
  try {
    // a `rmi` just now may have taken layers that no record held; from here on this one does
    await unpack()
    if (sources.images.size > 0) await findSources(store, request, mapping)
    await makeFiles(store, record)
    if (request.cidfile !== undefined) writeCidfile(request.cidfile, id)
  } catch (error) {
    await dropContainer(store, record, { removeVolumes: true })
    throw error
  }
  appendContainerEvent(store.paths, record, 'create')
  return record
}

/** A container on a directory of the user's own. */
const NO_IMAGE: PlannedImage = { id: '', names: [], config: {} }

/** What finds them is not even loaded when nothing has to be found. */
async function findSources(store: Engine, request: CreateRequest, mapping: LayerMapping): Promise<MountSources> {
  if (!needsSources(request)) return NO_SOURCES
  return await (await import('./find-mount-sources.js')).findMountSources(store, request, mapping)
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

interface Deciding {
  readonly image: PlannedImage
  readonly sources: MountSources
  readonly id: string
  readonly layers: readonly string[]
  readonly isolation: Pick<PlanHost, 'joined' | 'envFromFiles' | 'userns' | 'usernsOf'>
}

async function decidePlan(
  store: Engine,
  request: CreateRequest,
  { image, id, layers, sources, isolation }: Deciding,
): Promise<ContainerPlan> {
  const { facts, userns, paths } = store
  const { driver } = await chooseDriver(store)
  const plan = planContainer(request, image, {
    id,
    cwd: facts.cwd,
    hostname: facts.hostname,
    env: facts.env,
    ...isolation,
    storageDriver: driver,
    layers,
    runtime: findRuntime(facts, store.runtime).path,
    availableCapabilities: userns.kind === 'none' ? readOwnCapabilities() : ALL_CAPABILITIES,
    requiredIds: findRequired(store, request, isolation.joined),
    sources,
    anonymousVolumes: Array.from({ length: countAnonymousVolumes(request, image) }, newAnonymousName),
  })
  const ownVolumes = path.join(containerDir(paths, id), 'volumes')
  return {
    ...plan,
    mounts: plan.mounts.map((mount) => placeVolume(mount, { paths, ownVolumes, isRemoved: request.remove })),
  }
}

/** Those that are named, and those whose namespaces it joins; each once. */
function findRequired({ paths }: Store, { requires }: CreateRequest, joined: PlanHost['joined']): string[] {
  return [
    ...new Set([...requires.map((name) => findDependency(paths, name)), ...[...joined.values()].map(({ id }) => id)]),
  ]
}

async function removeNamed(store: Store, name: string): Promise<void> {
  const id = findByName(store.paths, name)
  // a rename that was killed leaves its old name behind: not what this one is called any more
  const record = id === undefined || !isNameOf(store.paths, name, id) ? undefined : readRecord(store.paths, id)
  if (record !== undefined) await removeRecord(store, record, { force: true, volumes: false })
}

export interface Recording {
  /** Undefined: one is made up. */
  readonly name: string | undefined
  readonly remove: boolean
  readonly id: string
  readonly plan: ContainerPlan
}

/** Throws ConflictError when the name is taken. */
export async function recordContainer(
  store: Store,
  { name: said, remove, id, plan }: Recording,
  options: WriteOptions,
): Promise<ContainerRecord> {
  const createdAt = new Date().toISOString()
  for (let attempt = 1; ; attempt++) {
    const name = said ?? makeRandomName((limit) => Number.parseInt(randomHex(4), 16) % limit)
    const record: ContainerRecord = { schema: 1, id, name, createdAt, removeOnExit: remove, plan }
    try {
      await createRecord(store.paths, record, options)
      return record
    } catch (error) {
      if (!(error instanceof ConflictError) || said !== undefined || attempt === NAME_TRIES) throw error
    }
  }
}
