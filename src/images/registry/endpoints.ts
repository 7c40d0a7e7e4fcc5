// Where an image is to be fetched from or sent to: lichen.toml's and registries.conf's answer for one image name. Mirrors serve pulls
// only and never change what an image is called. Sends nothing.

import { BadInputError, HostError } from '../../model/errors.js'
import { formatImageRef, type ImageRef } from '../../model/image-ref.js'
import type { HostFacts } from '../../platform/host-facts.js'
import { type RegistrySettings, readSettings, type Settings } from '../../platform/settings.js'
import { type MirrorUse, type RegistryRule, readRegistriesConf } from './registries-conf.js'

export interface Endpoint {
  /** `host[:port]` to connect to; docker.io's is registry-1.docker.io. */
  readonly host: string
  /** The repository there. */
  readonly path: string
  /** Plain HTTP is allowed, certificates are not checked. */
  readonly insecure: boolean
  readonly isMirror: boolean
}

/**
 * Mirrors in their order, the registry itself last. The rule with the longest matching prefix decides; any of lichen.toml's goes before
 * all of registries.conf's. Throws HostError for a blocked registry, BadInputError for settings that cannot be understood.
 */
export function findEndpoints(facts: HostFacts, ref: ImageRef, purpose: 'pull' | 'push'): readonly Endpoint[] {
  const rule = purpose === 'pull' ? findRule(facts, ref, purpose) : undefined
  if (rule === undefined) return [findRegistry(facts, ref, purpose)]
  const mirrors = rule.mirrors
    .filter(({ use }) => isFor(use, ref))
    .map(({ location, insecure }) => toEndpoint(relocate(ref, rule, location), { insecure, isMirror: true }))
  const { location, insecure } = rule
  return [...mirrors, toEndpoint(relocate(ref, rule, location), { insecure, isMirror: false })]
}

/** The registry that was typed and no other: what pulls are moved by holds for pulls alone. An empty path means the registry as a whole. */
export function findRegistry(facts: HostFacts, ref: ImageRef, purpose: Purpose): Endpoint {
  return toEndpoint(ref, { insecure: findRule(facts, ref, purpose)?.insecure ?? false, isMirror: false })
}

/** Domains that a short name may be in, in this order; never empty. */
export function searchDomains(facts: HostFacts): readonly string[] {
  return readSettings(facts).searchDomains
}

const HUB_NAMES = ['docker.io', 'index.docker.io', 'registry-1.docker.io']

/** A host's name as images and credentials have it: the names of docker.io's servers mean docker.io. */
export function canonicalDomain(host: string): string {
  return HUB_NAMES.includes(host) ? 'docker.io' : host
}

/** `purpose` begins the message when the registry is blocked. */
type Purpose = 'pull' | 'push' | 'log in' | 'search'

function findRule(facts: HostFacts, ref: ImageRef, purpose: Purpose): RegistryRule | undefined {
  const ours = toRules(readSettings(facts))
  const rule = longestMatch(ours, ref) ?? longestMatch(readRegistriesConf(facts), ref)
  if (rule?.blocked !== true) return rule
  const name = ref.path === '' ? ref.domain : formatImageRef(ref)
  throw new HostError(`${purpose}: ${name}: the registry is blocked`, {
    hint: `${rule.file} says so, for "${rule.prefix}"`,
  })
}

/** A mirror is as insecure as its own entry says. */
function toRules({ file, registries }: Settings): readonly RegistryRule[] {
  const insecure = new Set(registries.filter((entry) => entry.insecure).map(({ name }) => name))
  const toMirror = (location: string) => ({ location, insecure: insecure.has(location), use: 'all' as const })
  return registries.map(({ name, mirrors, ...flags }: RegistrySettings) => ({
    ...{ file, prefix: name, location: name, ...flags },
    mirrors: mirrors.map(toMirror),
  }))
}

function longestMatch(rules: readonly RegistryRule[], ref: ImageRef): RegistryRule | undefined {
  const name = formatImageRef(ref)
  const matching = rules.filter(({ prefix }) => matchLength(name, prefix) !== undefined)
  return matching.sort((a, b) => rank(b) - rank(a))[0]
}

/** A domain itself goes before `*.` of the same length. */
const rank = ({ prefix }: RegistryRule): number => prefix.replace('*', '').length

/** How much of a full name a prefix stands for; undefined: it does not. `example.com` is not the beginning of `example.com:5000/x`. */
function matchLength(name: string, prefix: string): number | undefined {
  if (prefix.startsWith('*.')) {
    const [host = ''] = name.split(/[:/]/, 1)
    return host.endsWith(prefix.slice(1)) && host.length >= prefix.length ? host.length : undefined
  }
  if (!name.startsWith(prefix)) return undefined
  const next = name[prefix.length]
  const isWhole = next === undefined || next === '/' || (prefix.includes('/') && (next === ':' || next === '@'))
  return isWhole ? prefix.length : undefined
}

function isFor(use: MirrorUse, { digest }: ImageRef): boolean {
  return use === 'all' || (use === 'digest-only') === (digest !== undefined)
}

/** The image's name with `location` in the place of the rule's prefix. */
function relocate(ref: ImageRef, rule: RegistryRule, location: string): Pick<ImageRef, 'domain' | 'path'> {
  if (location === rule.prefix) return ref
  const name = formatImageRef(ref)
  const moved = `${location}${name.slice(matchLength(name, rule.prefix))}`
  const end = name.slice(`${ref.domain}/${ref.path}`.length)
  const slash = moved.indexOf('/')
  const path = moved.slice(slash + 1, -end.length)
  if (slash > 0 && path !== '' && moved.endsWith(end)) return { domain: moved.slice(0, slash), path }
  throw new BadInputError(`read: ${rule.file}: "${location}" cannot take the place of "${rule.prefix}" in ${name}`, {
    hint: 'a location is HOST[:PORT][/NAMESPACE]; it cannot give another tag or digest',
  })
}

function toEndpoint(
  { domain, path }: Pick<ImageRef, 'domain' | 'path'>,
  flags: Pick<Endpoint, 'insecure' | 'isMirror'>,
): Endpoint {
  const isHub = canonicalDomain(domain) === 'docker.io'
  if (!isHub) return { host: domain, path, ...flags }
  return { host: 'registry-1.docker.io', path: path.includes('/') ? path : `library/${path}`, ...flags }
}
