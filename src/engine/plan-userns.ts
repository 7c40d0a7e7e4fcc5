// Which ids a container has, in terms of the engine's own user namespace. Pure. podman-run(1), --userns, --uidmap, --subuidname.

import type { ContainerRecord } from '../model/container.js'
import { HostError, UsageError } from '../model/errors.js'
import type { IdMapping, IdMapRequest, JoinedMode, UsernsPlan, UsernsRequest } from '../model/isolation.js'
import type { CreateRequest } from '../model/run-request.js'
import type { IdSpace } from '../platform/id-space.js'
import { fillGaps, toIdMappings } from './id-maps.js'

export interface UsernsHost {
  readonly uid: number
  readonly gid: number
  /** Ids beside the caller's own exist: keep-id and other users are possible. */
  readonly hasManyIds: boolean
  readonly uids: IdSpace
  readonly gids: IdSpace
  /** For `--userns auto`: chosen before, since it must be nobody else's. */
  readonly auto?: { readonly uidMap: readonly IdMapping[]; readonly gidMap: readonly IdMapping[] }
  /** Containers whose namespaces are joined, by what they were called. */
  readonly joined: ReadonlyMap<string, ContainerRecord>
}

export interface DecidedUserns {
  readonly userns: UsernsPlan
  readonly usernsOf?: JoinedMode
}

type MapFlags = Pick<CreateRequest, 'userns' | 'uidMap' | 'gidMap' | 'subuidName' | 'subgidName'>

/** Throws UsageError for what contradicts itself, HostError for ids that are not ours. */
export function planUserns(request: MapFlags, host: UsernsHost): DecidedUserns {
  const said: UsernsRequest = request.userns ?? { mode: hasMaps(request) ? 'private' : 'host' }
  if (hasMaps(request) && said.mode !== 'private')
    throw new UsageError(
      'plan user namespace: --uidmap, --gidmap, --subuidname and --subgidname need --userns private',
      {
        hint: 'leave --userns out',
      },
    )
  switch (said.mode) {
    case 'host':
      return { userns: { mode: 'shared' } }
    case 'container':
      return joinContainer(host.joined.get(said.container))
    case 'path':
      return { userns: { mode: 'shared' }, usernsOf: `ns:${said.path}` }
    default:
      return { userns: planOwn(said, request, host) }
  }
}

export function hasMaps({ uidMap, gidMap, subuidName, subgidName }: MapFlags): boolean {
  return uidMap.length + gidMap.length > 0 || subuidName !== undefined || subgidName !== undefined
}

/** One that has no user namespace of its own shares the engine's with us already. */
function joinContainer(record: ContainerRecord | undefined): DecidedUserns {
  if (record === undefined) throw new Error('planUserns: the container to join was not looked up')
  const { userns, usernsOf } = record.plan
  return userns.mode === 'shared' && usernsOf === undefined
    ? { userns }
    : { userns, usernsOf: usernsOf ?? `container:${record.id}` }
}

type OwnRequest = Exclude<UsernsRequest, { readonly mode: 'host' | 'container' | 'path' }>

function planOwn(said: OwnRequest, request: MapFlags, host: UsernsHost): UsernsPlan {
  const isRoot = host.uid === 0
  if (isRoot && (said.mode === 'keep-id' || said.mode === 'nomap'))
    throw new UsageError(`plan user namespace: ${said.mode} is only supported in rootless mode`, {
      hint: 'root is the same user inside already; --userns auto and --uidmap give the container other ids',
    })
  if (!host.hasManyIds)
    throw new UsageError(`plan user namespace: ${said.mode} needs a subordinate id range`, {
      hint: 'sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $USER',
    })
  switch (said.mode) {
    case 'keep-id':
      return planKeepId(said, host)
    case 'nomap':
      return { mode: 'mapped', by: 'nomap', uidMap: allButOwn(host.uids), gidMap: allButOwn(host.gids) }
    case 'auto':
      if (host.auto === undefined) throw new Error('planUserns: no ids were chosen')
      return { mode: 'mapped', by: 'auto', ...host.auto }
    default:
      return planMaps(request, host)
  }
}

function planKeepId(said: Extract<UsernsRequest, { mode: 'keep-id' }>, host: UsernsHost): UsernsPlan {
  const { uid = host.uid, gid = host.gid, size } = said
  const most = Math.min(host.uids.count, host.gids.count)
  if (size !== undefined && (size === 0 || size > most))
    throw new HostError(`plan user namespace: keep-id:size=${size}: you have ${most} ids`, {
      hint: `use at most ${most}, or ask root for longer ranges in /etc/subuid and /etc/subgid`,
    })
  if (size !== undefined && Math.max(uid, gid) >= size)
    throw new UsageError(`plan user namespace: keep-id:size=${size}: your id ${Math.max(uid, gid)} is not below it`)
  return { mode: 'keep-id', uid, gid, ...(size === undefined ? {} : { size }) }
}

/** The caller is 0 in the engine's namespace. */
function allButOwn({ count }: IdSpace): IdMapping[] {
  return [{ containerId: 0, parentId: 1, count: count - 1 }]
}

/** What is said for one kind of ids only holds for the other, too. */
function planMaps(request: MapFlags, host: UsernsHost): UsernsPlan {
  const { subuidName = request.subgidName, subgidName = request.subuidName } = request
  if (subuidName !== undefined && subgidName !== undefined) {
    if (request.uidMap.length + request.gidMap.length > 0)
      throw new UsageError(
        'plan user namespace: --subuidname and --subgidname cannot be used with --uidmap and --gidmap',
      )
    const uidMap = stackRanges(host.uids, subuidName, '/etc/subuid')
    return { mode: 'mapped', by: 'private', uidMap, gidMap: stackRanges(host.gids, subgidName, '/etc/subgid') }
  }
  if (request.uidMap.length + request.gidMap.length === 0)
    throw new UsageError(
      'plan user namespace: must provide at least one UID or GID mapping to configure a user namespace',
      { hint: 'add --uidmap 0:1:1000, or use --userns auto, nomap or keep-id' },
    )
  const uidMap = request.uidMap.length > 0 ? request.uidMap : request.gidMap
  const gidMap = request.gidMap.length > 0 ? request.gidMap : request.uidMap
  return {
    mode: 'mapped',
    by: 'private',
    uidMap: planMap('uid', uidMap, host.uids),
    gidMap: planMap('gid', gidMap, host.gids),
  }
}

function planMap(kind: 'uid' | 'gid', requests: readonly IdMapRequest[], space: IdSpace): readonly IdMapping[] {
  const own = requests.filter(({ only }) => only === undefined || only === kind)
  const map = toIdMappings(kind, own, space)
  return own.some(({ isFilled }) => isFilled) ? fillGaps(map, [{ start: 0, count: space.count }]) : map
}

function stackRanges(space: IdSpace, name: string, file: string): IdMapping[] {
  const ranges = space.subordinate(name)
  if (ranges.length === 0)
    throw new HostError(`plan user namespace: no ranges of yours for "${name}" in ${file}`, {
      hint: `its lines are NAME:START:COUNT; \`lichen info\` tells which ids are yours`,
    })
  let containerId = 0
  return ranges.map(({ start, count }) => {
    const mapping = { containerId, parentId: start, count }
    containerId += count
    return mapping
  })
}
