// The tags of a repository, the repositories of a registry: lists that come page after page. OCI distribution-spec, "Listing Tags";
// Docker's registry API v2, "Catalog".

import { BadInputError } from '../../model/errors.js'
import { isAt } from './agents.js'
import { type HttpResponse, readDocument } from './http.js'
import type { Remote } from './remote.js'

const MAX_PAGE_BYTES = 16 * 1024 * 1024
/** No repository has more pages; a server may repeat itself for ever. */
const MOST_PAGES = 10_000

export async function listTags(remote: Remote, path: string, name: string): Promise<readonly string[]> {
  const pages = listPages(remote, { target: `${path}/tags/list`, member: 'tags', what: `list tags: ${name}` })
  const tags: string[] = []
  for await (const page of pages) for (const tag of page) tags.push(tag)
  return tags
}

export interface List {
  /** Of the first page, below `/v2/`. */
  readonly target: string
  /** Of each page's JSON: the strings. */
  readonly member: 'tags' | 'repositories'
  /** An error's beginning, `verb phrase: object`. */
  readonly what: string
  readonly scopes?: readonly string[]
}

/** One page after the other, each asked for when the one before has been looked at. */
export async function* listPages(remote: Remote, list: List): AsyncGenerator<readonly string[]> {
  const { member, what, scopes = [] } = list
  let target: string | URL | undefined = list.target
  for (let pages = 0; target !== undefined; pages++) {
    if (pages === MOST_PAGES) throw new BadInputError(`${what}: the list has no end`)
    const page: Page = await remote.ask({ method: 'GET', target, expects: [200], what, scopes }, async (response) => ({
      strings: parseStrings(await readDocument(response, { maxBytes: MAX_PAGE_BYTES }), member, what),
      next: nextPage(response, remote.host, what),
    }))
    yield page.strings
    target = page.next
  }
}

interface Page {
  readonly strings: readonly string[]
  readonly next: URL | undefined
}

function parseStrings(body: Buffer, member: List['member'], what: string): readonly string[] {
  let document: Readonly<Record<string, unknown>> | null
  try {
    document = JSON.parse(body.toString('utf8')) as typeof document
  } catch {
    throw new BadInputError(`${what}: the registry's answer is not JSON`)
  }
  const strings = document?.[member] ?? []
  if (Array.isArray(strings) && strings.every((each): each is string => typeof each === 'string')) return strings
  throw new BadInputError(`${what}: the registry's answer is no list of ${member}`)
}

/** `Link: </v2/…?last=…>; rel="next"` (RFC 8288); only at the same registry. */
function nextPage({ headers, url }: HttpResponse, host: string, what: string): URL | undefined {
  const link = /<([^>]*)>\s*;[^,]*\brel="?next\b/i.exec(headers.get('link') ?? '')?.[1]
  if (link === undefined) return undefined
  const next = URL.canParse(link, url.href) ? new URL(link, url) : undefined
  if (next !== undefined && isAt(next, host)) return next
  throw new BadInputError(`${what}: the registry's next page is not at ${host}`)
}
