// How an unpacked layer is called: by the stack it completes (chainID, OCI image-spec config.md) and by how its owners were mapped.
// Pure. Names are short because 120 of them must fit the one page the kernel gives mount options.

import type { Digest } from '../model/image.js'
import type { IdMapping } from '../model/isolation.js'
import { sha256 } from '../platform/digest.js'
import { type IdRange, mappedIdCount, type UserNamespace } from '../platform/userns.js'

/**
 * `full`: container ids are the namespace's ids. `single`: there is one id, everything is the caller's. `keep`: the caller is
 * `uid:gid` in the container, which is 0 in the namespace; the container's lower ids move up by one to make room. `map`: any other way.
 */
export type LayerMapping =
  | { readonly kind: 'full' }
  | { readonly kind: 'single' }
  | { readonly kind: 'keep'; readonly uid: number; readonly gid: number }
  | { readonly kind: 'map'; readonly uidMap: readonly IdMapping[]; readonly gidMap: readonly IdMapping[] }

const NAME_DIGITS = 16
/** Ids where there is no user namespace: all but the reserved (uid_t)-1. */
const ALL_IDS = 2 ** 32 - 1

export function formatMapping(mapping: LayerMapping): string {
  switch (mapping.kind) {
    case 'keep':
      return `keep:${mapping.uid}:${mapping.gid}`
    case 'map':
      return `map:${formatMap(mapping.uidMap)};${formatMap(mapping.gidMap)}`
    default:
      return mapping.kind
  }
}

/** The other way round; undefined: no mapping of ours. */
export function parseMapping(text: string): LayerMapping | undefined {
  if (text === 'full' || text === 'single') return { kind: text }
  const [, uid, gid] = /^keep:(\d+):(\d+)$/.exec(text) ?? []
  if (uid !== undefined) return { kind: 'keep', uid: Number(uid), gid: Number(gid) }
  const [, uidMap, gidMap] = /^map:([\d:,]+);([\d:,]+)$/.exec(text) ?? []
  if (uidMap === undefined || gidMap === undefined) return undefined
  return { kind: 'map', uidMap: parseMap(uidMap), gidMap: parseMap(gidMap) }
}

function formatMap(map: readonly IdMapping[]): string {
  return map.map(({ containerId, parentId, count }) => `${containerId}:${parentId}:${count}`).join(',')
}

function parseMap(text: string): IdMapping[] {
  return text.split(',').map((range) => {
    const [containerId = 0, parentId = 0, count = 0] = range.split(':').map(Number)
    return { containerId, parentId, count }
  })
}

/** ChainIDs of a stack of layers, both bottom first. */
export function chainIds(diffIds: readonly Digest[]): Digest[] {
  const chain: Digest[] = []
  for (const diffId of diffIds) {
    const below = chain.at(-1)
    chain.push(below === undefined ? diffId : sha256(`${below} ${diffId}`))
  }
  return chain
}

/** The directory below layers/. */
export function layerName(chainId: Digest, mapping: LayerMapping): string {
  return sha256(`${chainId}\n${formatMapping(mapping)}`).slice('sha256:'.length, 'sha256:'.length + NAME_DIGITS)
}

/** What untar is told about owners. */
export function ownerOptions(mapping: LayerMapping, userns: UserNamespace): string[] {
  switch (mapping.kind) {
    case 'full':
      return []
    case 'single':
      return ['--single-owner']
    case 'keep':
      return [
        ...options('uid', shift(mapping.uid, idCount(userns, userns.uidMap))),
        ...options('gid', shift(mapping.gid, idCount(userns, userns.gidMap))),
      ]
    case 'map':
      return [...options('uid', mapping.uidMap), ...options('gid', mapping.gidMap)]
  }
}

function idCount(userns: UserNamespace, map: readonly IdRange[]): number {
  return userns.kind === 'none' ? ALL_IDS : mappedIdCount(map)
}

function shift(kept: number, count: number): IdMapping[] {
  const ranges = [
    { containerId: 0, parentId: 1, count: kept },
    { containerId: kept, parentId: 0, count: 1 },
    { containerId: kept + 1, parentId: kept + 1, count: count - kept - 1 },
  ]
  return ranges.filter((range) => range.count > 0)
}

function options(type: 'uid' | 'gid', map: readonly IdMapping[]): string[] {
  return map.flatMap(({ containerId, parentId, count }) => ['--map', `${type}:${containerId}:${parentId}:${count}`])
}
