// The user's namespace: which ids it maps and how the C program makes or joins it. See PROTOCOL.md, "User namespaces".
// Node itself never enters it: it is multi-threaded, and setns(CLONE_NEWUSER) refuses that.

import { readFileSync } from 'node:fs'
import { readFileIfExists } from './files.js'
import { findProgram, type HostFacts } from './host-facts.js'
import { readOwnCapabilities } from './own-capabilities.js'

export interface IdRange {
  readonly inside: number
  readonly outside: number
  readonly count: number
}

/**
 * `none`: root, no user namespace. `mapped`: the caller is 0 inside and the subuid range follows. `single`: the caller is 0 and there
 * is no other id. `nested`: root of another rootless container without CAP_SYS_ADMIN; every id it has, mapped to itself.
 */
export interface UserNamespace {
  readonly kind: 'none' | 'mapped' | 'single' | 'nested'
  readonly idmap: 'newuidmap' | 'direct'
  readonly uidMap: readonly IdRange[]
  readonly gidMap: readonly IdRange[]
  /** Why there is only one id, for the one message about it; undefined when there are more. */
  readonly singleBecause?: string
}

/** For verbs that write files of many owners: why all of them become the caller's. Empty when there are more ids than one. */
export function warnOfSingleId({ singleBecause }: UserNamespace): string[] {
  if (singleBecause === undefined) return []
  return [
    `${singleBecause}: every file becomes your own, and containers have this one user's rights only; \`lichen info\` tells the remedy`,
  ]
}

export function findUserNamespace(facts: HostFacts): UserNamespace {
  if (facts.uid === 0) return readOwnCapabilities().includes('CAP_SYS_ADMIN') ? ownNamespace() : nestedNamespace()
  const single = (singleBecause: string): UserNamespace => ({
    kind: 'single',
    idmap: 'direct',
    uidMap: [{ inside: 0, outside: facts.uid, count: 1 }],
    gidMap: [{ inside: 0, outside: facts.gid, count: 1 }],
    singleBecause,
  })
  for (const name of ['newuidmap', 'newgidmap']) {
    if (findProgram(name, facts.env) === undefined) return single(`${name} is not installed`)
  }
  const owners = [facts.userName, String(facts.uid)]
  const uids = readSubordinateIds('/etc/subuid', owners)
  const gids = readSubordinateIds('/etc/subgid', owners)
  if (uids.length === 0 || gids.length === 0) {
    return single(`user ${facts.userName} has no range in ${uids.length === 0 ? '/etc/subuid' : '/etc/subgid'}`)
  }
  return {
    kind: 'mapped',
    idmap: 'newuidmap',
    uidMap: stackRanges(facts.uid, uids),
    gidMap: stackRanges(facts.gid, gids),
  }
}

/** Root's, or that of `lichen unshare`: there may be only one id in it, then, too. */
function ownNamespace(): UserNamespace {
  const isSingle = mappedIdCount(readOwnMap('/proc/self/uid_map')) === 1
  const because = isSingle ? { singleBecause: 'this user namespace has a single id' } : {}
  return { kind: 'none', idmap: 'direct', uidMap: [], gidMap: [], ...because }
}

function nestedNamespace(): UserNamespace {
  return {
    kind: 'nested',
    idmap: 'direct',
    uidMap: readOwnMap('/proc/self/uid_map'),
    gidMap: readOwnMap('/proc/self/gid_map'),
  }
}

/** One less than all there are: crun takes a map of all of them for the initial namespace, and then tries what only real root may. */
const MOST_IDS = 4294967294

/** The ids we have ourselves, each mapped to itself: the kernel lets a namespace pass on only what it holds. */
function readOwnMap(file: string): IdRange[] {
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const [inside = 0, , count = 0] = line.trim().split(/\s+/).map(Number)
      return { inside, outside: inside, count: Math.min(count, MOST_IDS) }
    })
}

/** The caller first, as 0, then its ranges one after the other (newuidmap(1)). */
function stackRanges(own: number, ranges: readonly { start: number; count: number }[]): IdRange[] {
  const map: IdRange[] = [{ inside: 0, outside: own, count: 1 }]
  let next = 1
  for (const { start, count } of ranges) {
    map.push({ inside: next, outside: start, count })
    next += count
  }
  return map
}

/** Lines `name-or-uid:start:count` of subuid(5) whose owner is one of those, in file order. */
export function readSubordinateIds(file: string, owners: readonly string[]): { start: number; count: number }[] {
  const ranges: { start: number; count: number }[] = []
  for (const line of (readFileIfExists(file) ?? '').split('\n')) {
    const [owner = '', start, count] = line.split(':')
    if (!owners.includes(owner) || start === undefined || count === undefined) continue
    if (/^\d+$/.test(start) && /^\d+$/.test(count) && Number(count) > 0)
      ranges.push({ start: Number(start), count: Number(count) })
  }
  return ranges
}

/** The `KEY=VALUE` words that `mon` and `probe` take; none for root. `dir` is below the runroot, shared by all of the user's monitors. */
export function usernsWords(userns: UserNamespace, dir: string): string[] {
  if (userns.kind === 'none') return []
  const ranges = (key: string, map: readonly IdRange[]) =>
    map.map(({ inside, outside, count }) => `${key}=${inside} ${outside} ${count}`)
  return [
    `userns_dir=${dir}`,
    `idmap=${userns.idmap}`,
    ...ranges('uidmap', userns.uidMap),
    ...ranges('gidmap', userns.gidMap),
  ]
}

/** The same as `--options` for `ns`. */
export function usernsOptions(userns: UserNamespace, dir: string): string[] {
  return usernsWords(userns, dir).flatMap((word) => {
    const equals = word.indexOf('=')
    return [`--${word.slice(0, equals).replace('_', '-')}`, word.slice(equals + 1)]
  })
}

/** How many ids a container can use, 0 up. */
export function mappedIdCount(map: readonly IdRange[]): number {
  return map.reduce((sum, range) => sum + range.count, 0)
}
