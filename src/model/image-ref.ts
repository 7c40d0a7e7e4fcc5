// Image references after the grammar of distribution/reference (reference.go): [domain[:port]/]path[:tag][@digest].
// Short names mean docker.io; never a prompt.

import { UsageError } from './errors.js'
import type { Digest } from './image.js'

export interface ImageRef {
  readonly domain: string
  readonly path: string
  readonly tag?: string
  readonly digest?: Digest
}

const DOMAIN =
  /^(?:localhost|(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?$/
const PATH = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/
const TAG = /^\w[\w.-]{0,127}$/
const DIGEST = /^sha256:[a-f0-9]{64}$/

/** Parses what a user types; a name without domain is given one (`domain`), `latest` is *not* added. Throws UsageError. */
export function parseImageRef(text: string, shortNameDomain = 'docker.io'): ImageRef {
  const at = text.indexOf('@')
  const digest = at < 0 ? undefined : text.slice(at + 1)
  if (digest !== undefined && !DIGEST.test(digest))
    throw badReference(text, `"${digest}" is not sha256:<64 hex digits>`)
  const { name, tag } = splitTag(at < 0 ? text : text.slice(0, at))
  if (tag !== undefined && !TAG.test(tag)) throw badReference(text, `bad tag "${tag}"`)
  const { domain, path } = splitDomain(name, shortNameDomain)
  if (!DOMAIN.test(domain)) throw badReference(text, `bad registry "${domain}"`)
  if (!PATH.test(path)) {
    const lower = PATH.test(path.toLowerCase())
    throw badReference(text, lower ? 'a repository name must be lowercase' : `bad repository name "${path}"`)
  }
  if (path.length > 255) throw badReference(text, 'the repository name is longer than 255 characters')
  return {
    domain,
    path,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest: digest as Digest }),
  }
}

/** `domain/path:tag`; with a digest and no tag `domain/path@sha256:…`; `latest` where neither is said. */
export function formatImageRef(ref: ImageRef): string {
  const name = `${ref.domain}/${ref.path}`
  if (ref.digest !== undefined)
    return ref.tag === undefined ? `${name}@${ref.digest}` : `${name}:${ref.tag}@${ref.digest}`
  return `${name}:${ref.tag ?? 'latest'}`
}

function splitTag(text: string): { name: string; tag?: string } {
  const colon = text.lastIndexOf(':')
  if (colon < 0 || colon < text.lastIndexOf('/')) return { name: text }
  return { name: text.slice(0, colon), tag: text.slice(colon + 1) }
}

/** The first component is a domain only if it looks like one: a dot, a port, `localhost` or an upper-case letter (reference.go, splitDockerDomain). */
function splitDomain(name: string, shortNameDomain: string): { domain: string; path: string } {
  const slash = name.indexOf('/')
  const first = slash < 0 ? '' : name.slice(0, slash)
  const isDomain = first !== '' && (/[.:]/.test(first) || first === 'localhost' || first.toLowerCase() !== first)
  const domain = isDomain ? first : shortNameDomain
  const path = isDomain ? name.slice(slash + 1) : name
  const canonical = domain === 'index.docker.io' ? 'docker.io' : domain
  return { domain: canonical, path: canonical === 'docker.io' && !path.includes('/') ? `library/${path}` : path }
}

function badReference(text: string, cause: string): UsageError {
  return new UsageError(`parse image reference: "${text}": ${cause}`, {
    hint: 'a reference is [registry/]repository[:tag][@sha256:digest], in lower case',
  })
}
