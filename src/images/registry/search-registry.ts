// Looking for repositories in one registry: by the search of Docker's registry API v1, which docker.io and some others still have, else
// through the catalog of API v2, which only knows names. What a registry says is for people's eyes, so it is one printable line.

import { BadInputError, HostError, LichenError, NotFoundError } from '../../model/errors.js'
import { NO_REPORT } from '../../model/progress.js'
import type { RegistryOptions } from '../../model/registry.js'
import type { FoundRepository } from '../../model/search.js'
import type { HostFacts } from '../../platform/host-facts.js'
import { type Endpoint, findRegistry } from './endpoints.js'
import { readDocument } from './http.js'
import { listPages } from './list-tags.js'
import { openRemote, type Remote } from './remote.js'

export interface SearchRequest {
  readonly facts: HostFacts
  readonly domain: string
  /** Empty: everything there is. */
  readonly term: string
  /** At most this many. */
  readonly limit: number
  readonly options: RegistryOptions
}

const MAX_ANSWER_BYTES = 4 * 1024 * 1024
/** docker.io's search is at another host than its images. */
const HUB_SEARCH = 'index.docker.io'

/** Best first, as the registry has it. Throws HostError when the registry has no search, or cannot be reached. */
export async function searchRegistry(request: SearchRequest): Promise<readonly FoundRepository[]> {
  const { facts, domain, term } = request
  const registry = findRegistry(facts, { domain, path: '' }, 'search')
  const isHub = domain === 'docker.io'
  const remote = openAt(request, isHub ? { ...registry, host: HUB_SEARCH } : registry)
  if (isHub && term === '')
    throw new HostError('search: docker.io: it lists nothing without a word to search for', {
      hint: 'lichen search WORD',
    })
  const found = term === '' ? undefined : await searchByApi(remote, request, isHub)
  return found ?? (await searchCatalog(remote, request))
}

function openAt({ facts, options }: SearchRequest, endpoint: Endpoint): Remote {
  return openRemote({ facts, endpoint, options, report: NO_REPORT, scopes: [] })
}

/** undefined: the registry has no such search; then whatever it says is no reason to give up. */
async function searchByApi(
  remote: Remote,
  { domain, term, limit }: SearchRequest,
  isOnlyWay: boolean,
): Promise<readonly FoundRepository[] | undefined> {
  const what = `search: ${domain}`
  const target = new URL(`https://${remote.host}/v1/search`)
  target.searchParams.set('q', term)
  target.searchParams.set('n', String(limit))
  try {
    const results = await remote.ask({ method: 'GET', target, expects: [200], what }, async (response) =>
      parseResults(await readDocument(response, { maxBytes: MAX_ANSWER_BYTES }), what),
    )
    return results.map((result) => toFound(result, domain)).slice(0, limit)
  } catch (error) {
    if (isOnlyWay || !(error instanceof LichenError)) throw error
    return undefined
  }
}

/** A repository of exactly that name first. */
async function searchCatalog(
  remote: Remote,
  { domain, term, limit }: SearchRequest,
): Promise<readonly FoundRepository[]> {
  const what = `search: ${domain}`
  const list = { target: '_catalog?n=1000', member: 'repositories', what, scopes: ['registry:catalog:*'] } as const
  const paths: string[] = []
  try {
    for await (const page of listPages(remote, list)) {
      paths.push(...page.filter((path) => path.includes(term)))
      if (paths.length >= limit) break
    }
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error
    throw new HostError(`${what}: this registry offers no search`, {
      cause: error,
      hint: `with the repository's name, its tags can be listed: lichen search --list-tags ${domain}/REPOSITORY`,
    })
  }
  const ordered = [...paths.filter((path) => path === term), ...paths.filter((path) => path !== term)]
  return ordered.slice(0, limit).map((name) => toFound({ name }, domain))
}

type Json = Readonly<Record<string, unknown>>

function parseResults(body: Buffer, what: string): readonly Json[] {
  let document: unknown
  try {
    document = JSON.parse(body.toString('utf8'))
  } catch {
    throw new BadInputError(`${what}: the registry's answer is not JSON`)
  }
  const { results } = (document ?? {}) as { readonly results?: unknown }
  if (Array.isArray(results)) return results.filter((each): each is Json => typeof each?.name === 'string')
  throw new BadInputError(`${what}: the registry's answer is no list of results`)
}

function toFound(result: Json, domain: string): FoundRepository {
  const path = toLine(result.name)
  return {
    domain,
    name: `${domain}/${domain === 'docker.io' && !path.includes('/') ? 'library/' : ''}${path}`,
    description: toLine(result.description),
    stars: typeof result.star_count === 'number' ? result.star_count : 0,
    isOfficial: result.is_official === true,
    isAutomated: result.is_automated === true,
  }
}

/** A registry must not be able to write on the user's terminal. */
function toLine(text: unknown): string {
  return typeof text === 'string' ? text.replace(/[\p{C}\s]+/gu, ' ').trim() : ''
}
