// How an unpacked layer is called: by the stack it completes (chainID, OCI image-spec config.md) and by how its owners were mapped.
// Pure. Names are short because 120 of them must fit the one page the kernel gives mount options.

import type { Digest } from '../model/image.js'
import { sha256 } from '../platform/digest.js'
import { type IdRange, mappedIdCount, type UserNamespace } from '../platform/userns.js'

/**
 * `full`: container ids are the namespace's ids. `single`: there is one id, everything is the caller's. `keep`: the caller is
 * `uid:gid` in the container, which is 0 in the namespace; the container's lower ids move up by one to make room.
 */
export type LayerMapping =
  | { readonly kind: 'full' }
  | { readonly kind: 'single' }
  | { readonly kind: 'keep'; readonly uid: number; readonly gid: number }

const NAME_DIGITS = 16
/** Ids where there is no user namespace: all but the reserved (uid_t)-1. */
const ALL_IDS = 2 ** 32 - 1

export function formatMapping(mapping: LayerMapping): string {
  return mapping.kind === 'keep' ? `keep:${mapping.uid}:${mapping.gid}` : mapping.kind
}

/** The other way round; undefined: no mapping of ours. */
export function parseMapping(text: string): LayerMapping | undefined {
  if (text === 'full' || text === 'single') return { kind: text }
  const [, uid, gid] = /^keep:(\d+):(\d+)$/.exec(text) ?? []
  return uid === undefined ? undefined : { kind: 'keep', uid: Number(uid), gid: Number(gid) }
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
  if (mapping.kind === 'full') return []
  if (mapping.kind === 'single') return ['--single-owner']
  return [
    ...shift('uid', mapping.uid, idCount(userns, userns.uidMap)),
    ...shift('gid', mapping.gid, idCount(userns, userns.gidMap)),
  ]
}

function idCount(userns: UserNamespace, map: readonly IdRange[]): number {
  return userns.kind === 'none' ? ALL_IDS : mappedIdCount(map)
}

function shift(type: 'uid' | 'gid', kept: number, count: number): string[] {
  const ranges: [number, number, number][] = [
    [0, 1, kept],
    [kept, 0, 1],
    [kept + 1, kept + 1, count - kept - 1],
  ]
  return ranges
    .filter(([, , size]) => size > 0)
    .flatMap(([inside, shifted, size]) => ['--map', `${type}:${inside}:${shifted}:${size}`])
}
