// containers-registries.conf(5), version 2, as the other engines of this host have it: which registries are blocked, insecure, elsewhere,
// or have mirrors. Only that: short names are ours to resolve. Keys we do not know are other engines' business.

import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { BadInputError, errorCode } from '../../model/errors.js'
import type { HostFacts } from '../../platform/host-facts.js'
import { readTomlFile, type TomlTable } from '../../platform/toml.js'

export type MirrorUse = 'all' | 'digest-only' | 'tag-only'

export interface RegistryRule {
  /** Says so; for messages. */
  readonly file: string
  /** Of an image's full name: `HOST[:PORT][/NAMESPACE…][:TAG|@DIGEST]`, or `*.DOMAIN`. */
  readonly prefix: string
  /** What stands in the prefix's place. */
  readonly location: string
  readonly insecure: boolean
  readonly blocked: boolean
  readonly mirrors: readonly { readonly location: string; readonly insecure: boolean; readonly use: MirrorUse }[]
}

const SYSTEM_FILE = '/etc/containers/registries.conf'

/** One rule for each prefix: what is read later replaces what was read before. Throws BadInputError for a file that cannot be understood. */
export function readRegistriesConf(facts: HostFacts): readonly RegistryRule[] {
  const rules = new Map<string, RegistryRule>()
  for (const file of configFiles(facts)) for (const rule of readRules(file)) rules.set(rule.prefix, rule)
  return [...rules.values()]
}

/** The main file, then the drop-ins in order. A user's own main file takes the place of all of the system's. */
function configFiles(facts: HostFacts): readonly string[] {
  const own = path.join(facts.env.XDG_CONFIG_HOME || path.join(facts.home, '.config'), 'containers/registries.conf')
  const ownDropIns = listDropIns(`${own}.d`)
  const named = facts.env.CONTAINERS_REGISTRIES_CONF
  if (!named && existsSync(own)) return [own, ...ownDropIns]
  return [named || SYSTEM_FILE, ...listDropIns(`${SYSTEM_FILE}.d`), ...ownDropIns]
}

function listDropIns(dir: string): readonly string[] {
  try {
    const names = readdirSync(dir).filter((name) => name.endsWith('.conf'))
    return names.sort().map((name) => path.join(dir, name))
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(errorCode(error) ?? '')) return []
    throw error
  }
}

function readRules(file: string): readonly RegistryRule[] {
  const table = readTomlFile(file)
  if (table === undefined) return []
  refuseVersion1(table, file)
  return table.tables('registry').map((entry) => toRule(entry, file))
}

/** Version 1 had `[registries.search]`, `[registries.insecure]` and `[registries.block]`: to pass over it would be to pull what is blocked. */
function refuseVersion1(table: TomlTable, file: string): void {
  const registries = table.table('registries')
  if (registries === undefined) return
  throw new BadInputError(`read: ${file}: it is of version 1, which is no longer understood`, {
    hint: 'write [[registry]] tables with location, insecure and blocked instead: containers-registries.conf(5)',
  })
}

function toRule(entry: TomlTable, file: string): RegistryRule {
  const said = entry.text('location') || undefined
  const prefix = entry.text('prefix') || said
  if (prefix === undefined)
    throw new BadInputError(`read: ${entry.subject('location')}: neither location nor prefix is said`)
  const digestOnly = entry.flag('mirror-by-digest-only') ?? false
  return {
    file,
    prefix,
    location: said ?? prefix,
    insecure: entry.flag('insecure') ?? false,
    blocked: entry.flag('blocked') ?? false,
    mirrors: entry.tables('mirror').map((mirror) => ({
      location: requireText(mirror, 'location'),
      insecure: mirror.flag('insecure') ?? false,
      use: digestOnly ? 'digest-only' : toUse(mirror),
    })),
  }
}

function requireText(table: TomlTable, key: string): string {
  const text = table.text(key)
  if (text !== undefined && text !== '') return text
  throw new BadInputError(`read: ${table.subject(key)}: it is missing`)
}

function toUse(mirror: TomlTable): MirrorUse {
  const use = mirror.text('pull-from-mirror') || 'all'
  if (use === 'all' || use === 'digest-only' || use === 'tag-only') return use
  throw new BadInputError(`read: ${mirror.subject('pull-from-mirror')}: not all, digest-only or tag-only`)
}
