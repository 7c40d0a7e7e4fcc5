// `--filter` of `volume ls` and `volume prune`: which volumes pass. podman-volume-ls(1), podman-volume-prune(1).

import { UsageError } from '../model/errors.js'
import type { VolumeRecord } from '../model/volume.js'
import { type PruneFilter, passesPrune } from './prune-filter.js'

/** Keys as `PruneFilter`'s, and more; values of `dangling` and `anonymous` are `true` or `false`. */
export type VolumeFilter = PruneFilter

export interface VolumeWorld {
  /** All there are: `after` and `since` name one of them. */
  readonly volumes: readonly VolumeRecord[]
  readonly isUsed: (name: string) => boolean
}

type Matcher = (record: VolumeRecord) => boolean

/** Of one key any may match, but every label must; of several keys all. Throws UsageError for a value that means nothing. */
export function compileVolumeFilters(filters: readonly VolumeFilter[], world: VolumeWorld): Matcher {
  const plain = filters.filter(({ key }) => key === 'label' || key === 'until')
  const groups = new Map<string, Matcher[]>()
  for (const filter of filters.filter((it) => !plain.includes(it)))
    groups.set(filter.key, [...(groups.get(filter.key) ?? []), matcherOf(filter, world)])
  return (record) =>
    passesPrune(plain, record) && [...groups.values()].every((group) => group.some((matches) => matches(record)))
}

function matcherOf({ key, value }: VolumeFilter, { volumes, isUsed }: VolumeWorld): Matcher {
  switch (key) {
    case 'anonymous':
      return ({ anonymous }) => String(anonymous) === value
    case 'dangling':
      return ({ name }) => String(!isUsed(name)) === value
    case 'driver':
      return ({ driver }) => driver === value
    case 'name':
      return nameMatcher(value)
    case 'opt':
      return ({ options }) => passesPrune([{ key: 'label', value }], { createdAt: '', labels: options })
    case 'scope':
      return () => value === 'local'
    case 'after':
    case 'since':
      return afterMatcher(key, value, volumes)
    default:
      throw new Error(`no such filter of volumes: ${key}`)
  }
}

function nameMatcher(pattern: string): Matcher {
  try {
    const expression = new RegExp(pattern)
    return ({ name }) => expression.test(name)
  } catch (cause) {
    throw new UsageError(`filter volumes: name=${pattern}: no regular expression`, { cause })
  }
}

function afterMatcher(key: string, name: string, volumes: readonly VolumeRecord[]): Matcher {
  const reference = volumes.find((volume) => volume.name === name)
  if (reference === undefined) throw new UsageError(`filter volumes: ${key}=${name}: no such volume`)
  return ({ createdAt }) => createdAt > reference.createdAt
}
