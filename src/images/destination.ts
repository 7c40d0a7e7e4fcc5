// Where `push` sends an image: a registry, or a place of this machine, in the words of containers-transports(5). Pure.

import { UsageError } from '../model/errors.js'
import type { SaveFormat } from '../model/image-conversion.js'
import { formatImageRef, type ImageRef, parseImageRef } from '../model/image-ref.js'

export type Destination =
  | { readonly kind: 'registry'; readonly ref: ImageRef }
  | {
      readonly kind: 'local'
      readonly format: SaveFormat
      readonly path: string
      /** What the image is called there; undefined: nothing was said. */
      readonly name?: string
    }

const FORMATS: Readonly<Record<string, SaveFormat>> = {
  'docker-archive': 'docker-archive',
  'oci-archive': 'oci-archive',
  oci: 'oci-dir',
  dir: 'docker-dir',
}
const OTHER_TRANSPORTS = new Set(['containers-storage', 'docker-daemon', 'ostree', 'sif', 'tarball', 'atomic'])

/** Throws UsageError. A registry's reference has a tag afterwards. */
export function parseDestination(text: string): Destination {
  const [, transport = '', rest = ''] = /^([a-z-]+):(.*)$/s.exec(text) ?? []
  const format = Object.hasOwn(FORMATS, transport) ? FORMATS[transport] : undefined
  if (format !== undefined) return parseLocal(text, format, rest)
  if (OTHER_TRANSPORTS.has(transport)) throw unknownTransport(text, transport)
  return { kind: 'registry', ref: parseTagged(text, transport === 'docker' ? rest.replace(/^\/\//, '') : text) }
}

function parseLocal(text: string, format: SaveFormat, rest: string): Destination {
  const colon = format === 'docker-dir' ? -1 : rest.indexOf(':')
  const path = colon < 0 ? rest : rest.slice(0, colon)
  const said = colon < 0 ? '' : rest.slice(colon + 1)
  if (path === '') throw new UsageError(`parse destination: ${text}: it names no path`)
  if (said === '') return { kind: 'local', format, path }
  // the name in an OCI layout is free text; in a docker-archive it is a reference
  const name = format === 'docker-archive' ? formatImageRef(parseTagged(text, said)) : said
  return { kind: 'local', format, path, name }
}

function parseTagged(text: string, reference: string): ImageRef {
  const ref = parseImageRef(reference)
  if (ref.digest === undefined) return { ...ref, tag: ref.tag ?? 'latest' }
  throw new UsageError(`parse destination: ${text}: a digest cannot be chosen: it comes from the contents`, {
    hint: 'name a tag',
  })
}

function unknownTransport(text: string, transport: string): UsageError {
  return new UsageError(`parse destination: ${text}: the transport ${transport} is not supported`, {
    hint: `there are docker, ${Object.keys(FORMATS).join(', ')}`,
  })
}
