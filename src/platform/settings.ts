// What the user has written into lichen.toml, checked and with the defaults filled in (docs/lichen.toml.md). Read where a registry is
// about to be spoken to, or a limit cannot be kept: never on the way of a container whose image is here.

import path from 'node:path'
import { BadInputError, NotFoundError } from '../model/errors.js'
import type { LimitsPolicy } from '../model/limits.js'
import type { HostFacts } from './host-facts.js'
import { readTomlFile, type TomlTable } from './toml.js'

export interface RegistrySettings {
  /** `HOST[:PORT][/NAMESPACE…]` or `*.DOMAIN`: the image names it is for. */
  readonly name: string
  /** Of the same form as `name`, which it stands for; asked in this order before the registry itself. */
  readonly mirrors: readonly string[]
  readonly insecure: boolean
  readonly blocked: boolean
}

export interface Settings {
  /** Where they are read from, for messages; there may be no such file. */
  readonly file: string
  /** Domains that a short name may be in, in this order. */
  readonly searchDomains: readonly string[]
  readonly registries: readonly RegistrySettings[]
  /** What is done about limits that cannot be kept here. */
  readonly limits: LimitsPolicy
  readonly pull: {
    readonly parallelDownloads: number
    readonly parallelUnpacks: number
    /** How often a failed request is tried again. */
    readonly retries: number
  }
}

const DEFAULT_PULL = { parallelDownloads: 4, parallelUnpacks: 4, retries: 3 } as const
const MOST_PARALLEL = 64

/** Throws BadInputError for a key or a value that means nothing, NotFoundError when LICHEN_CONFIG names no file. */
export function readSettings(facts: HostFacts): Settings {
  const named = facts.env.LICHEN_CONFIG || undefined
  const file = named ?? path.join(facts.env.XDG_CONFIG_HOME || path.join(facts.home, '.config'), 'lichen/lichen.toml')
  const table = readTomlFile(file)
  if (table !== undefined) return { file, ...toSettings(table) }
  if (named !== undefined) throw new NotFoundError(`read settings: ${named}: no such file (LICHEN_CONFIG names it)`)
  return { file, searchDomains: ['docker.io'], registries: [], limits: 'strict', pull: DEFAULT_PULL }
}

function toSettings(table: TomlTable): Omit<Settings, 'file'> {
  const registries = table.table('registries')
  const pull = table.table('pull')
  const settings = {
    searchDomains: toSearchDomains(registries),
    registries: table.tables('registry').map(toRegistry),
    limits: toLimitsPolicy(table),
    pull: {
      parallelDownloads: toParallel(pull, 'parallel-downloads') ?? DEFAULT_PULL.parallelDownloads,
      parallelUnpacks: toParallel(pull, 'parallel-unpacks') ?? DEFAULT_PULL.parallelUnpacks,
      retries: pull?.count('retries') ?? DEFAULT_PULL.retries,
    },
  }
  for (const each of [table, registries, pull]) each?.refuseOthers()
  return settings
}

function toLimitsPolicy(table: TomlTable): LimitsPolicy {
  const policy = table.text('limits') ?? 'strict'
  if (policy === 'strict' || policy === 'best-effort') return policy
  throw new BadInputError(`read: ${table.subject('limits')}: "${policy}" is neither "strict" nor "best-effort"`)
}

function toSearchDomains(registries: TomlTable | undefined): readonly string[] {
  const domains = registries?.texts('search') ?? ['docker.io']
  const wrong = domains.find((domain) => domain === '' || domain.includes('/'))
  if (registries === undefined || (wrong === undefined && domains.length > 0)) return domains
  const cause = wrong === undefined ? 'it is empty' : `"${wrong}" is no registry`
  throw new BadInputError(`read: ${registries.subject('search')}: ${cause}`, {
    hint: 'name at least one registry as HOST[:PORT], like "docker.io"',
  })
}

function toRegistry(table: TomlTable): RegistrySettings {
  const name = table.text('name')
  if (name === undefined) throw new BadInputError(`read: ${table.subject('name')}: it is missing`)
  const registry = {
    name: checkLocation(name, table.subject('name')),
    mirrors: (table.texts('mirrors') ?? []).map((mirror) => checkLocation(mirror, table.subject('mirrors'))),
    insecure: table.flag('insecure') ?? false,
    blocked: table.flag('blocked') ?? false,
  }
  table.refuseOthers()
  return registry
}

function checkLocation(location: string, subject: string): string {
  if (location !== '' && !/:\/\/|\s|\/$/.test(location)) return location
  throw new BadInputError(`read: ${subject}: "${location}" is no registry`, {
    hint: 'a registry is HOST[:PORT][/NAMESPACE], without http:// and without a slash at the end',
  })
}

function toParallel(pull: TomlTable | undefined, key: string): number | undefined {
  const count = pull?.count(key)
  if (pull === undefined || count === undefined || (count >= 1 && count <= MOST_PARALLEL)) return count
  throw new BadInputError(`read: ${pull.subject(key)}: not from 1 to ${MOST_PARALLEL}`)
}
