// `manifest inspect`: a list of the local store, or what a registry has under that name.

import { parseJsonDocument } from '../images/documents.js'
import { publishList } from '../images/list-document.js'
import { findList } from '../images/manifest-lists.js'
import { isIndexType } from '../images/media-types.js'
import { openRepository } from '../images/registry/repository.js'
import { formatImageRef, parseImageRef } from '../model/image-ref.js'
import type { RegistryOptions } from '../model/registry.js'
import type { Engine } from './engine.js'

export interface InspectedList {
  readonly document: object
  readonly warnings: readonly string[]
}

/** Throws NotFoundError, HostError (registry, network). */
export async function inspectManifest(engine: Engine, text: string, options: RegistryOptions): Promise<InspectedList> {
  const isRemote = text.startsWith('docker://')
  const found = isRemote ? undefined : findList(engine.paths, text)
  if (found !== undefined) return { document: publishList(found.list.index), warnings: [] }
  const ref = parseImageRef(text.replace(/^docker:\/\//, ''))
  const { facts, report } = engine
  const repository = openRepository({ facts, ref, purpose: 'pull', options, report })
  const { bytes, mediaType } = await repository.getManifest(ref.digest ?? ref.tag ?? 'latest')
  const name = formatImageRef(ref)
  const warnings = isIndexType(mediaType) ? [] : [`${name} is no list but a single image: this is its manifest`]
  return { document: parseJsonDocument(bytes.toString('utf8'), `manifest ${name}`), warnings }
}
