// `--userns auto`: ids for one container that no other such container has, as many as its image needs. podman-run(1), --userns auto.

import { layerSources } from '../images/image-store.js'
import { HostError } from '../model/errors.js'
import type { LocalImage } from '../model/image.js'
import type { IdMapping, UsernsRequest } from '../model/isolation.js'
import { idSpace } from '../platform/id-space.js'
import { highestId } from '../runtime/passwd.js'
import { readTreeFiles } from '../runtime/rootfs-files.js'
import { claimIds } from '../state/id-claims.js'
import { ensureLayers, layerMapping } from '../storage/layers.js'
import type { Engine } from './engine.js'
import { fillGaps, type IdRun, toIdMappings, withoutUsed } from './id-maps.js'

/** podman's bounds for what an image is taken to need. */
const LEAST_IDS = 1024
const MOST_IDS = 65536

export type AutoRequest = Extract<UsernsRequest, { readonly mode: 'auto' }>

/** Whose ranges root's containers get theirs from (containers-storage.conf(5), root-auto-userns-user). */
const ROOT_POOL = 'containers'

export interface AutoIds {
  readonly uidMap: readonly IdMapping[]
  readonly gidMap: readonly IdMapping[]
}

/** Throws HostError when too few ids are free. They are this container's from now on. */
export async function chooseAutoIds(
  store: Engine,
  said: AutoRequest,
  { image, id }: { readonly image: LocalImage | undefined; readonly id: string },
): Promise<AutoIds> {
  const size = said.size ?? (await measureImage(store, image))
  return await claimIds(store.paths, id, (claimed) => {
    const uidMap = chooseMap(store, 'uid', { said, size, used: claimed.flatMap(({ uids }) => uids) })
    const gidMap = chooseMap(store, 'gid', { said, size, used: claimed.flatMap(({ gids }) => gids) })
    return { uidMap, gidMap, uids: toRuns(uidMap), gids: toRuns(gidMap) }
  })
}

interface Choosing {
  readonly said: AutoRequest
  readonly size: number
  readonly used: readonly IdRun[]
}

/** What was said of the map stays; the rest is one free run, or several where they must be. */
function chooseMap(store: Engine, kind: 'uid' | 'gid', { said, size, used }: Choosing): IdMapping[] {
  const space = idSpace(store, kind)
  const own = toIdMappings(kind, kind === 'uid' ? said.uidMap : said.gidMap, space)
  // the caller itself is nobody's to be given
  const pool = store.userns.kind === 'none' ? space.subordinate(ROOT_POOL) : [{ start: 1, count: space.count - 1 }]
  const free = withoutUsed(pool, [...used, ...toRuns(own)])
  const wanted = size - own.reduce((sum, { containerId, count }) => sum + (containerId < size ? count : 0), 0)
  const available = free.reduce((sum, { count }) => sum + count, 0)
  if (available < wanted) throw tooFew(store, kind, { wanted, available })
  const whole = free.find(({ count }) => count >= wanted)
  return fillGaps(own, whole === undefined ? free : [whole], size)
}

const toRuns = (map: readonly IdMapping[]): IdRun[] => map.map(({ parentId, count }) => ({ start: parentId, count }))

function tooFew(
  store: Engine,
  kind: 'uid' | 'gid',
  { wanted, available }: { readonly wanted: number; readonly available: number },
): HostError {
  const owner = store.userns.kind === 'none' ? `the user "${ROOT_POOL}"` : 'you'
  return new HostError(
    `plan user namespace: auto: could not find enough available IDs: ${wanted} ${kind}s are needed, ${available} are free`,
    { hint: `give ${owner} a longer range in /etc/sub${kind}, or fewer to the container: --userns auto:size=N` },
  )
}

/** By the highest id its passwd and group tell of. */
async function measureImage(store: Engine, image: LocalImage | undefined): Promise<number> {
  if (image === undefined) return LEAST_IDS
  const layers = await ensureLayers(store, layerSources(store.paths, image, store.report), layerMapping(store))
  const files: (string | undefined)[] = [undefined, undefined]
  for (const layer of layers) {
    if (!files.includes(undefined)) break
    const found = await readTreeFiles(store, `${store.paths.layers}/${layer}/diff`, ['/etc/passwd', '/etc/group'])
    for (const [at, text] of found.entries()) files[at] ??= text
  }
  const [passwd = '', group = ''] = files
  return Math.min(MOST_IDS, Math.max(LEAST_IDS, highestId(passwd, group) + 1))
}
