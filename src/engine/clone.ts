// `container clone`: a container like another one: the same plan under another id, with other limits or another image where asked for. What
// the other one wrote to its own files stays with it.

import path from 'node:path'
import { findImage, layerSources } from '../images/image-store.js'
import type { ContainerPlan, ContainerRecord } from '../model/container.js'
import { ConflictError } from '../model/errors.js'
import type { Resources } from '../model/limits.js'
import { isLive } from '../model/status.js'
import { randomId } from '../platform/random.js'
import { appendContainerEvent } from '../state/events.js'
import { findByName } from '../state/names.js'
import { containerDir } from '../state/records.js'
import { ensureLayers, layerMapping } from '../storage/layers.js'
import { newAnonymousName } from '../storage/volumes.js'
import { dropContainer } from './cleanup.js'
import { makeFiles } from './container-files.js'
import { placeVolume } from './container-volumes.js'
import { recordContainer } from './create.js'
import type { Engine } from './engine.js'
import { findContainer } from './find.js'
import { checkLimits } from './limits-check.js'
import { renameContainer } from './rename.js'
import { removeRecord } from './rm.js'
import { startRecord } from './start.js'
import { mergeResources } from './update.js'

export interface CloneRequest {
  readonly container: string
  /** Not said: the other's with `-clone` behind it. */
  readonly name?: string
  readonly image?: string
  readonly resources: Resources
  /** Remove the other one; with `force` even if it runs. */
  readonly destroy: boolean
  readonly force: boolean
  readonly run: boolean
}

/** Returns the new id. The other container is only removed when the new one is there. */
export async function cloneContainer(store: Engine, request: CloneRequest): Promise<string> {
  const { record, status } = await findContainer(store, request.container)
  if (request.destroy && isLive(status) && !request.force)
    throw new ConflictError(`clone container: ${record.name}: it is running, so it cannot be removed`, {
      hint: '--force removes it even so',
    })
  const id = randomId()
  const plan = await clonePlan(store, record, { ...request, id })
  await checkLimits(store, plan)
  const name = request.name ?? freeName(store, record.name)
  const takesName = request.destroy && name === record.name
  const clone = await recordContainer(
    store,
    { name: takesName ? undefined : name, remove: record.removeOnExit, id, plan },
    { durable: !record.removeOnExit },
  )
  try {
    await makeFiles(store, clone)
    // last: a kill at any point leaves one of the two at least
    if (request.destroy) await removeRecord(store, record, { force: request.force, volumes: false })
  } catch (error) {
    await dropContainer(store, clone, { removeVolumes: true })
    throw error
  }
  appendContainerEvent(store.paths, clone, 'create')
  if (takesName) await renameContainer(store, id, name)
  if (request.run) await startRecord(store, takesName ? { ...clone, name } : clone)
  return id
}

/** `web-clone`, `web-clone1`, `web-clone2` … */
function freeName({ paths }: Engine, name: string): string {
  const base = `${name}-clone`
  for (let number = 0; ; number++) {
    const candidate = number === 0 ? base : `${base}${number}`
    if (findByName(paths, candidate) === undefined) return candidate
  }
}

interface Cloning extends CloneRequest {
  readonly id: string
}

/** Files named for one container alone (pid files) are not the clone's; nor are its anonymous volumes, which it gets anew. */
async function clonePlan(
  store: Engine,
  record: ContainerRecord,
  { id, image, resources }: Cloning,
): Promise<ContainerPlan> {
  const { pidfile: _pidfile, monitorPidfile: _monitorPidfile, ...plan } = record.plan
  const places = {
    paths: store.paths,
    ownVolumes: path.join(containerDir(store.paths, id), 'volumes'),
    isRemoved: record.removeOnExit,
  }
  const userns = await chooseIds(store, plan, id)
  // other ids are other owners of its files
  const source = image ?? (userns === plan.userns || plan.rootfs !== undefined ? undefined : plan.image.id)
  return {
    ...plan,
    userns,
    ...(source === undefined ? {} : await useImage(store, { ...plan, userns }, source)),
    ...(image === undefined ? { image: plan.image } : {}),
    hostname: plan.hostname === record.id.slice(0, 12) ? id.slice(0, 12) : plan.hostname,
    resources: mergeResources(plan.resources, resources),
    mounts: plan.mounts.map((mount) =>
      mount.anonymous === true ? placeVolume({ ...mount, volumeName: newAnonymousName() }, places) : mount,
    ),
  }
}

/** What `--userns auto` gave the other one is that one's alone: as many for this one. */
async function chooseIds(store: Engine, { userns }: ContainerPlan, id: string): Promise<ContainerPlan['userns']> {
  if (userns.mode !== 'mapped' || userns.by !== 'auto') return userns
  const { chooseAutoIds } = await import('./auto-userns.js')
  const size = userns.uidMap.reduce((sum, { count }) => sum + count, 0)
  const ids = await chooseAutoIds(store, { mode: 'auto', size, uidMap: [], gidMap: [] }, { image: undefined, id })
  return { mode: 'mapped', by: 'auto', ...ids }
}

/** Only the files come from it: the command and the environment are the other container's. */
async function useImage(
  store: Engine,
  plan: ContainerPlan,
  name: string,
): Promise<Pick<ContainerPlan, 'image' | 'layers'>> {
  const image = findImage(store.paths, name)
  const layers = await ensureLayers(
    store,
    layerSources(store.paths, image, store.report),
    layerMapping(store, plan.userns),
  )
  return { image: { id: image.id, name: image.names[0] ?? name }, layers }
}
