// Which registry `login` and `logout` are about, and in which file its credentials are.

import { defaultAuthFile, namedAuthFile } from '../images/registry/auth-file.js'
import { canonicalDomain } from '../images/registry/endpoints.js'
import { UsageError } from '../model/errors.js'
import type { HostFacts } from '../platform/host-facts.js'

export interface LoginPlace {
  /** `HOST[:PORT][/NAMESPACE…]`, or a URL, which means its host. Undefined: docker.io. */
  readonly registry?: string
  readonly authfile?: string
  /** A file of docker's, in place of `authfile`. */
  readonly compatAuthFile?: string
}

export interface LoginTarget {
  readonly domain: string
  readonly path: string
  /** Both: what the file calls it. */
  readonly key: string
  /** What is written. */
  readonly file: string
  readonly isDockers: boolean
  /** The only file to read, when one was said. */
  readonly authfile?: string
}

/** Throws UsageError for what is no registry. */
export function toLoginTarget(facts: HostFacts, place: LoginPlace): LoginTarget {
  const { registry = 'docker.io', compatAuthFile } = place
  const { domain, path } = parseRegistry(registry)
  const isDockers = compatAuthFile !== undefined
  if (isDockers && path !== '')
    throw new UsageError(`parse registry: "${registry}": docker's file holds registries, not repositories`)
  const authfile = compatAuthFile ?? place.authfile
  const file = namedAuthFile(facts, authfile) ?? defaultAuthFile(facts)
  const key = path === '' ? domain : `${domain}/${path}`
  return { domain, path, key, file, isDockers, ...(authfile === undefined ? {} : { authfile }) }
}

const HOST = /^([a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[a-fA-F0-9:]+\])(:[0-9]+)?$/
const PATH = /^([a-z0-9]+([._/-]+[a-z0-9]+)*)?$/

function parseRegistry(text: string): { readonly domain: string; readonly path: string } {
  const [host = '', ...rest] = text.replace(/^https?:\/\//, '').split('/')
  const path = /^https?:\/\//.test(text) ? '' : rest.join('/')
  if (HOST.test(host) && PATH.test(path)) return { domain: canonicalDomain(host), path }
  throw new UsageError(`parse registry: "${text}": it is none`, {
    hint: 'a registry is HOST[:PORT], or HOST[:PORT]/REPOSITORY without a tag',
  })
}
