// The part of `system check` about unpacked layers: their records, and whether their trees are what their blobs unpack to. A layer that is
// missing is damage when something needs it now: a container, or a layer above it. Others are unpacked when they are needed.

import { existsSync } from 'node:fs'
import path from 'node:path'
import { layerSources, listStoredImages } from '../images/image-store.js'
import { type ContainerRecord, usedLayers } from '../model/container.js'
import { BadInputError, ConflictError, errorCode, HostError } from '../model/errors.js'
import type { LocalImage } from '../model/image.js'
import { isLive } from '../model/status.js'
import { listRecords } from '../state/records.js'
import { viewContainer } from '../state/views.js'
import { findForeignMount, listLayerMounts } from '../storage/layer-mounts.js'
import { formatMapping, type LayerMapping, layerName, parseMapping } from '../storage/layer-names.js'
import type { LayerRecord } from '../storage/layer-record.js'
import { layerMapping } from '../storage/layers.js'
import { discardLayer, type StagedLayer } from '../storage/staged-layer.js'
import { type ListedLayer, listLayers } from '../storage/unused-layers.js'
import { compareLayer, type LayerTarget, layerTargets, replaceLayer, unpackAside } from '../storage/verify-layer.js'
import { type Check, settle } from './check.js'

/** Of one layer; the rest is counted. */
const MOST_DIFFERENCES = 20

interface Layers {
  readonly check: Check
  readonly images: readonly LocalImage[]
  readonly records: readonly ContainerRecord[]
  readonly found: ReadonlyMap<string, ListedLayer>
  /** Every layer that an image has, in each mapping there is; those below come before those above. */
  readonly targets: ReadonlyMap<string, LayerTarget>
}

export async function checkLayers(check: Check): Promise<void> {
  const { paths } = check.store
  const images = listStoredImages(paths)
  const records = listRecords(paths, () => undefined)
  const found = new Map(listLayers(paths).map((layer) => [layer.name, layer]))
  const mappings = findMappings(check, records, [...found.values()])
  const all = images.flatMap((image) => mappings.flatMap((it) => layerTargets(layerSources(paths, image), it)))
  const layers = { check, images, records, found, targets: new Map(all.map((target) => [target.name, target])) }
  check.counts.layers = found.size
  for (const target of layers.targets.values()) await checkTarget(layers, target)
  await checkOthers(layers)
}

function findMappings({ store }: Check, records: readonly ContainerRecord[], found: ListedLayer[]): LayerMapping[] {
  const used = records.map(({ plan }) => layerMapping(store, plan.userns))
  const texts = [layerMapping(store), ...used].map(formatMapping)
  const all = new Set([...texts, ...found.flatMap(({ record }) => record?.mapping ?? [])])
  return [...all].flatMap((text) => parseMapping(text) ?? [])
}

async function checkTarget(layers: Layers, target: LayerTarget): Promise<void> {
  const { check, found } = layers
  const layer = found.get(target.name)
  const object = `layer ${target.name}`
  const problem = layer === undefined ? missingProblem(layers, target) : recordProblem(check, target, layer.record)
  if (problem !== undefined) {
    await settle(check, { object, problems: [problem] }, async () => await unpackAnew(layers, target))
  } else if (layer !== undefined && !check.quick) {
    await compareWithBlob(layers, target)
  }
}

/** undefined: nothing needs it now. */
function missingProblem({ records, found, targets }: Layers, { name }: LayerTarget): string | undefined {
  const user = records.find(({ plan }) => usedLayers(plan).includes(name))
  if (user !== undefined) return `missing (container ${user.name} needs it)`
  const isBelow = ({ parentChainId, mapping }: LayerTarget): boolean =>
    parentChainId !== undefined && layerName(parentChainId, mapping) === name
  const above = [...targets.values()].find((target) => found.has(target.name) && isBelow(target))
  return above === undefined ? undefined : `missing (layer ${above.name} lies on it)`
}

function recordProblem({ store }: Check, target: LayerTarget, record: LayerRecord | undefined): string | undefined {
  const dir = path.join(store.paths.layers, target.name)
  if (record === undefined) return `its record is ${existsSync(path.join(dir, 'done')) ? 'damaged' : 'missing'}`
  if (!existsSync(path.join(dir, 'diff'))) return 'its tree is missing'
  const { chainId, diffId, mapping } = record
  const isOwn = chainId === target.chainId && diffId === target.diffId && mapping === formatMapping(target.mapping)
  return isOwn ? undefined : 'its record is of another layer'
}

async function unpackAnew(layers: Layers, target: LayerTarget): Promise<string> {
  refuseInUse(layers, target)
  const staged = await unpackAside(layers.check.store, target).catch(explain)
  await replaceLayer(layers.check.store, staged, target)
  return 'unpacked again'
}

async function compareWithBlob(layers: Layers, target: LayerTarget): Promise<void> {
  const { check } = layers
  const { store } = check
  let staged: StagedLayer
  try {
    staged = await unpackAside(store, target)
  } catch (error) {
    if (!isUnusable(error)) throw error
    check.counts.unverifiedLayers++ // what is wrong with its blob, or the layer below it, has been told
    return
  }
  try {
    const differences = await compareLayer(store, staged, target)
    if (differences.length === 0) return
    const shown = differences.slice(0, MOST_DIFFERENCES).map(({ path: where, cause }) => `${where || '/'}: ${cause}`)
    const more = differences.length - shown.length
    const problems = more > 0 ? [...shown, `${more} more differences`] : shown
    await settle(check, { object: `layer ${target.name}`, problems }, async () => {
      refuseInUse(layers, target)
      await replaceLayer(store, staged, target)
      return 'unpacked again'
    })
  } finally {
    await discardLayer(store, staged)
  }
}

/** Layers of no image: containers may still run on them, but nothing tells what they should be. */
async function checkOthers({ check, records, found, targets }: Layers): Promise<void> {
  const names = new Set([...found.keys(), ...records.flatMap(({ plan }) => usedLayers(plan))])
  for (const name of [...names].filter((it) => !targets.has(it))) {
    const user = records.find(({ plan }) => usedLayers(plan).includes(name))
    if (user === undefined) continue
    const isWhole = found.get(name)?.record !== undefined
    if (isWhole) check.counts.unverifiedLayers++
    else
      await settle(check, { object: `layer ${name}`, problems: [`missing (container ${user.name} needs it)`] }, () => {
        throw new HostError(`no image has its blob: get ${user.plan.image.name} again`)
      })
  }
}

/** Asked anew: containers come and go while we look. */
function refuseInUse({ check, images, records }: Layers, { name, source }: LayerTarget): void {
  const { paths } = check.store
  const running = records.filter((record) => usedLayers(record.plan).includes(name) && isRunning(check, record))
  const names = running.map((record) => record.name).join(' ')
  if (running.length > 0)
    throw new ConflictError(`running containers use it: ${names}`, { hint: `lichen stop ${names}, then repair` })
  const mounted = images.filter(({ manifest }) => manifest.layers.some(({ digest }) => digest === source.digest))
  const here = listLayerMounts(paths)
  const image = mounted.find(({ id }) => here.includes(id) || findForeignMount(paths, id) !== undefined)
  if (image !== undefined)
    throw new ConflictError('an image with it is mounted', { hint: `lichen image unmount ${image.id.slice(0, 12)}` })
}

function isRunning({ store }: Check, record: ContainerRecord): boolean {
  const { status, monitorAlive } = viewContainer(store.paths, record)
  return isLive(status) || monitorAlive
}

/** Its blob, or the layer below it, is not what is needed to unpack it. */
function isUnusable(error: unknown): boolean {
  return error instanceof BadInputError || error instanceof ConflictError || errorCode(error) === 'ENOENT'
}

function explain(error: unknown): never {
  if (errorCode(error) === 'ENOENT') throw new HostError('its blob is missing', { cause: error })
  throw error
}
