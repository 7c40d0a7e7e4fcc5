// `search`: repositories in a registry or in all that short names may be in, and the tags of one repository.

import { searchDomains } from '../images/registry/endpoints.js'
import { openRepository } from '../images/registry/repository.js'
import { searchRegistry } from '../images/registry/search-registry.js'
import { LichenError } from '../model/errors.js'
import { parseImageRef } from '../model/image-ref.js'
import { NO_REPORT } from '../model/progress.js'
import type { RegistryOptions } from '../model/registry.js'
import type { FoundRepository } from '../model/search.js'
import type { Store } from '../platform/store.js'

export interface SearchRequest {
  /** `[REGISTRY/]WORD`, or `REGISTRY/` for everything there is. */
  readonly term: string
  readonly limit: number
  readonly options: RegistryOptions
}

export interface SearchOutcome {
  readonly found: readonly FoundRepository[]
  readonly warnings: readonly string[]
}

/** Throws what the registry threw; of several, one that fails is a warning as long as another answers. */
export async function searchImages({ facts }: Store, request: SearchRequest): Promise<SearchOutcome> {
  const { domain, word } = splitTerm(request.term)
  const domains = domain === undefined ? searchDomains(facts) : [domain]
  const { limit, options } = request
  const answers = await Promise.allSettled(
    domains.map((each) => searchRegistry({ facts, domain: each, term: word, limit, options })),
  )
  const failures = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []))
  const unknown = failures.find((error) => !(error instanceof LichenError))
  if (unknown !== undefined || failures.length === answers.length) throw unknown ?? failures[0]
  return {
    found: answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : [])),
    warnings: failures.map((error) => (error as LichenError).message),
  }
}

export interface RepositoryTags {
  /** `domain/path`. */
  readonly name: string
  readonly tags: readonly string[]
}

/** A tag in the term means nothing here, as with podman. */
export async function listRepositoryTags({ facts }: Store, request: SearchRequest): Promise<RepositoryTags> {
  const { term, limit, options } = request
  const ref = parseImageRef(term, searchDomains(facts)[0])
  const repository = openRepository({ facts, ref, purpose: 'pull', options, report: NO_REPORT })
  return { name: repository.name, tags: (await repository.listTags()).slice(0, limit) }
}

/** A word has no grammar; what is before the first slash is a registry when it looks like one. */
function splitTerm(term: string): { readonly domain?: string; readonly word: string } {
  const [first = '', ...rest] = term.split('/')
  if (rest.length === 0 || !(/[.:]/.test(first) || first === 'localhost')) return { word: term }
  return { domain: first === 'index.docker.io' ? 'docker.io' : first, word: rest.join('/') }
}
