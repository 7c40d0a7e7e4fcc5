// Which entry of the index a reference means, and which references an entry has. Pure: what the entry leads to is not looked at, it may be
// damaged. Short names: `localhost/` first, then docker.io, then the one other registry that the store has an image of that path from.

import { UsageError } from '../model/errors.js'
import type { Descriptor, Digest } from '../model/image.js'
import { formatImageRef, type ImageRef, parseImageRef } from '../model/image-ref.js'
import { fromIndexOf, nameOf } from './image-index.js'

/** All its full references, sorted. */
export function namesOf(manifests: readonly Descriptor[], digest: Digest): string[] {
  return manifests.flatMap((entry) => (entry.digest === digest ? (nameOf(entry) ?? []) : [])).sort()
}

/** Undefined: none has it, or `text` is an ID or no reference at all. */
export function matchReference(manifests: readonly Descriptor[], text: string): Descriptor | undefined {
  if (/^(sha256:|[0-9a-f]{64}$)/.test(text)) return undefined
  const refs = candidates(text)
  for (const ref of refs) {
    const entry = findExactly(manifests, ref)
    if (entry !== undefined) return entry
  }
  const [local, hub] = refs
  return local === undefined || hub === undefined ? undefined : findElsewhere(manifests, local)
}

function findExactly(manifests: readonly Descriptor[], ref: ImageRef): Descriptor | undefined {
  return ref.digest === undefined ? findNamed(manifests, formatImageRef(ref)) : findPinned(manifests, ref)
}

/** A short name that is neither ours nor docker.io's: from the one registry that there is an image of that path from. */
function findElsewhere(manifests: readonly Descriptor[], ref: ImageRef): Descriptor | undefined {
  const [domain, ...others] = domainsWith(manifests, ref)
  return domain === undefined || others.length > 0 ? undefined : findExactly(manifests, { ...ref, domain })
}

/** Two for a short name. Empty for what is no reference (an ID prefix may be none, `_x` is nothing). */
function candidates(text: string): ImageRef[] {
  try {
    const local = parseImageRef(text, 'localhost')
    const hub = parseImageRef(text)
    return local.domain === hub.domain ? [hub] : [local, hub]
  } catch (error) {
    if (error instanceof UsageError) return []
    throw error
  }
}

/** Where images of that path and tag come from: short names may have been looked for in any registry of the user's. */
function domainsWith(manifests: readonly Descriptor[], { path, tag = 'latest', digest }: ImageRef): string[] {
  const end = digest === undefined ? `/${path}:${tag}` : `/${path}@${digest}`
  const domains = manifests.flatMap((entry) => {
    const name = nameOf(entry) ?? ''
    const domain = name.slice(0, name.indexOf('/'))
    return `${domain}${end}` === name ? [domain] : []
  })
  return [...new Set(domains)]
}

function findNamed(manifests: readonly Descriptor[], name: string): Descriptor | undefined {
  return manifests.find((entry) => nameOf(entry) === name)
}

/** `repository[:tag]@digest`: the digest, the manifest's or its index's, decides; the repository must be one of that manifest's. */
function findPinned(manifests: readonly Descriptor[], ref: ImageRef): Descriptor | undefined {
  const repository = `${ref.domain}/${ref.path}`
  const pinned = manifests.filter((entry) => entry.digest === ref.digest || fromIndexOf(entry) === ref.digest)
  const digests = new Set(pinned.map(({ digest }) => digest))
  return manifests.find((entry) => {
    const name = nameOf(entry)
    if (!digests.has(entry.digest)) return false
    return name?.startsWith(`${repository}:`) === true || name?.startsWith(`${repository}@`) === true
  })
}
