// `create`: from what was said to a record on disk. Nothing runs yet.

import { randomBytes } from 'node:crypto'
import { accessSync, constants, existsSync, statSync, writeFileSync } from 'node:fs'
import { findImage, layerSources } from '../images/image-store.js'
import { ALL_CAPABILITIES } from '../model/capabilities.js'
import type { ContainerPlan, ContainerRecord, PlannedMount } from '../model/container.js'
import { ConflictError, errorCode, HostError, NotFoundError } from '../model/errors.js'
import type { LocalImage } from '../model/image.js'
import { makeRandomName } from '../model/random-name.js'
import type { CreateRequest } from '../model/run-request.js'
import type { WriteOptions } from '../platform/files.js'
import { readHardLimit } from '../platform/limits.js'
import { readOwnCapabilities } from '../platform/own-capabilities.js'
import type { Store } from '../platform/store.js'
import { findRuntime } from '../runtime/find-runtime.js'
import { findByName } from '../state/names.js'
import { createRecord, readRecord } from '../state/records.js'
import { chooseDriver } from '../storage/driver.js'
import { ensureLayers, layerMapping } from '../storage/layers.js'
import { ensureVolume } from '../storage/volumes.js'
import type { Engine } from './engine.js'
import { countAnonymousVolumes, planContainer } from './plan.js'
import { removeRecord } from './rm.js'

/** Container names are given at random until one is free; more tries than this mean that something else is wrong. */
const NAME_TRIES = 20

/** Returns the record, already visible to every other command. Throws before anything is written, or undoes what it wrote. */
export async function createContainer(
  store: Engine,
  request: CreateRequest,
  options: WriteOptions,
): Promise<ContainerRecord> {
  if (request.cidfile !== undefined && existsSync(request.cidfile)) {
    throw new ConflictError(`create container: --cidfile ${request.cidfile}: the file exists`, {
      hint: 'remove it: it may belong to another container',
    })
  }
  const image = findImage(store.paths, request.image)
  const id = randomBytes(32).toString('hex')
  const plan = await decidePlan(store, request, { image, id })
  checkMounts(plan.mounts)
  checkUlimits(store, plan)
  if (request.replace && request.name !== undefined) await removeNamed(store, request.name)
  const record = await recordContainer(store, { request, id, plan }, options)
  if (request.cidfile !== undefined) writeFileSync(request.cidfile, record.id, { flag: 'wx' })
  return record
}

async function decidePlan(
  store: Engine,
  request: CreateRequest,
  made: { image: LocalImage; id: string },
): Promise<ContainerPlan> {
  const { facts, userns } = store
  const { driver } = await chooseDriver(store)
  const mapping = layerMapping(
    store,
    request.userns?.mode === 'keep-id' ? { uid: facts.uid, gid: facts.gid } : undefined,
  )
  const layers = await ensureLayers(store, layerSources(store.paths, made.image), mapping)
  const plan = planContainer(request, made.image, {
    id: made.id,
    uid: facts.uid,
    gid: facts.gid,
    cwd: facts.cwd,
    hostname: facts.hostname,
    env: facts.env,
    hasManyIds: userns.kind === 'mapped' || userns.kind === 'none',
    storageDriver: driver,
    layers,
    runtime: findRuntime(facts, store.runtime).path,
    availableCapabilities: userns.kind === 'none' ? readOwnCapabilities() : ALL_CAPABILITIES,
    anonymousVolumes: Array.from({ length: countAnonymousVolumes(request, made.image) }, () =>
      randomBytes(32).toString('hex'),
    ),
  })
  return { ...plan, mounts: plan.mounts.map((mount) => placeVolume(store, mount)) }
}

/** Named and anonymous volumes are directories of the store, made when first named. */
function placeVolume(store: Store, mount: PlannedMount): PlannedMount {
  if (mount.kind !== 'volume' || mount.volumeName === undefined) return mount
  return { ...mount, source: ensureVolume(store, mount.volumeName, { anonymous: mount.anonymous === true }) }
}

/** A source that is missing or closed to us is told now, in the user's words, not by the runtime later. */
function checkMounts(mounts: readonly PlannedMount[]): void {
  for (const { kind, source, destination } of mounts) {
    if (kind !== 'bind') continue
    try {
      statSync(source)
      accessSync(source, constants.R_OK)
    } catch (cause) {
      const code = errorCode(cause)
      if (code === 'ENOENT')
        throw new NotFoundError(`mount volume: ${source}: no such file or directory`, {
          cause,
          hint: `create it first: mkdir -p ${source}`,
        })
      throw new HostError(`mount volume: ${source} at ${destination}: not readable for you (${code})`, {
        cause,
        hint: `ls -ld ${source} shows who may read it`,
      })
    }
  }
}

/** Without root a hard limit can only go down: said here with the figure, not by a failed setrlimit. */
function checkUlimits(store: Store, plan: ContainerPlan): void {
  if (store.userns.kind === 'none') return
  for (const { name, hard } of plan.ulimits) {
    const own = readHardLimit(name)
    if (own === undefined || own === Number.POSITIVE_INFINITY || (hard >= 0 && hard <= own)) continue
    throw new HostError(`set limit: ${name}: ${hard < 0 ? 'unlimited' : hard} is above your own hard limit of ${own}`, {
      hint: `use at most ${own}, or have root raise it in /etc/security/limits.conf`,
    })
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
    const name = request.name ?? makeRandomName((limit) => randomBytes(4).readUInt32LE() % limit)
    const record: ContainerRecord = { schema: 1, id, name, createdAt, removeOnExit: request.remove, plan }
    try {
      await createRecord(store.paths, record, options)
      return record
    } catch (error) {
      if (!(error instanceof ConflictError) || request.name !== undefined || attempt === NAME_TRIES) throw error
    }
  }
}
