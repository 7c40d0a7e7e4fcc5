// Manifests: from a registry, checked, and to it. Exactly the bytes the registry keeps. OCI distribution-spec, "Pulling manifests",
// "Pushing Manifests"; what a manifest says is documents.ts's to read.

import { BadInputError } from '../../model/errors.js'
import { sha256 } from '../../platform/digest.js'
import { isDigest, MAX_DOCUMENT_BYTES } from '../documents.js'
import { DOCKER_LIST, DOCKER_MANIFEST, isIndexType, isManifestType, OCI_INDEX, OCI_MANIFEST } from '../media-types.js'
import { type HttpResponse, readDocument } from './http.js'
import type { Remote } from './remote.js'
import type { FetchedManifest } from './repository.js'

const ACCEPT = [OCI_INDEX, OCI_MANIFEST, DOCKER_LIST, DOCKER_MANIFEST].join(', ')

export interface Named {
  readonly path: string
  /** A tag or a digest. */
  readonly reference: string
  /** For messages. */
  readonly name: string
}

export async function getManifest(remote: Remote, { path, reference, name }: Named): Promise<FetchedManifest> {
  const what = `fetch manifest: ${name}`
  const target = `${path}/manifests/${reference}`
  return await remote.ask(
    { method: 'GET', target, headers: { accept: ACCEPT }, expects: [200], what },
    async (response) => {
      const bytes = await readDocument(response, { maxBytes: MAX_DOCUMENT_BYTES })
      const digest = sha256(bytes)
      const promised = isDigest(reference) ? reference : response.headers.get('docker-content-digest')
      if (isDigest(promised) && promised !== digest)
        throw new BadInputError(`${what}: its bytes do not match the digest ${promised}`)
      return { bytes, digest, mediaType: findMediaType(response, bytes, what) }
    },
  )
}

/** Header and document must agree: else one program would read an image where another reads an index (CVE-2021-41190). */
function findMediaType({ headers }: HttpResponse, bytes: Buffer, what: string): string {
  const document = parseDocument(bytes, what)
  if (document.schemaVersion === 1)
    throw new BadInputError(`${what}: it is in Docker's old format, schema 1`, {
      hint: 'push the image again with a program of this decade',
    })
  const told = (headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  const own = typeof document.mediaType === 'string' ? document.mediaType : undefined
  const isKnown = (type: string) => isIndexType(type) || isManifestType(type)
  if (own !== undefined && isKnown(told) && own !== told)
    throw new BadInputError(`${what}: the registry calls it ${told}, it calls itself ${own}`)
  const mediaType = own ?? (isKnown(told) ? told : undefined) ?? ('manifests' in document ? OCI_INDEX : OCI_MANIFEST)
  if (isIndexType(mediaType) ? 'layers' in document : 'manifests' in document)
    throw new BadInputError(`${what}: it is both an image and a list of images`)
  return mediaType
}

function parseDocument(bytes: Buffer, what: string): Readonly<Record<string, unknown>> {
  let document: unknown
  try {
    document = JSON.parse(bytes.toString('utf8'))
  } catch {
    throw new BadInputError(`${what}: it is not JSON`)
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    throw new BadInputError(`${what}: it is not a JSON object`)
  return document as Record<string, unknown>
}

export async function putManifest(
  remote: Remote,
  { path, reference, name }: Named,
  manifest: FetchedManifest,
): Promise<void> {
  const what = `send manifest: ${name}`
  const request = {
    method: 'PUT',
    target: `${path}/manifests/${reference}`,
    headers: { 'content-type': manifest.mediaType },
    body: () => manifest.bytes,
    expects: [200, 201, 202],
    what,
  } as const
  await remote.ask(request, (response) => {
    const kept = response.headers.get('docker-content-digest')
    if (isDigest(kept) && kept !== manifest.digest)
      throw new BadInputError(`${what}: the registry keeps it as ${kept} instead of ${manifest.digest}`)
  })
}
