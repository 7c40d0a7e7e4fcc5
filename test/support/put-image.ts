// Puts images that were made byte by byte into a registry, with nothing but HTTP: also wrong ones, and lists of them.

import { type Blob, descriptor, ociParts, type TestImage } from './image-archive.js'

const OCI = 'application/vnd.oci.image'

export async function putBlob(host: string, path: string, { bytes, digest }: Blob): Promise<void> {
  const begun = await fetch(`http://${host}/v2/${path}/blobs/uploads/`, { method: 'POST' })
  const location = new URL(begun.headers.get('location') ?? '', `http://${host}`)
  location.searchParams.set('digest', digest)
  expectCreated(await fetch(location, { method: 'PUT', body: new Uint8Array(bytes) }), digest)
}

export interface PutManifest {
  readonly host: string
  readonly path: string
  /** A tag or the manifest's own digest. */
  readonly reference: string
  readonly mediaType?: string
}

export async function putManifest(manifest: Blob, { host, path, reference, mediaType }: PutManifest): Promise<void> {
  const headers = { 'content-type': mediaType ?? `${OCI}.manifest.v1+json` }
  const url = `http://${host}/v2/${path}/manifests/${reference}`
  expectCreated(await fetch(url, { method: 'PUT', headers, body: new Uint8Array(manifest.bytes) }), reference)
}

/** Returns the manifest. */
export async function putImage(host: string, path: string, reference: string, image: TestImage): Promise<Blob> {
  const { config, layers, manifest } = ociParts(image)
  for (const blob of [config, ...layers]) await putBlob(host, path, blob)
  await putManifest(manifest, { host, path, reference })
  return manifest
}

export interface ListEntry {
  readonly manifest: Blob
  /** `linux/arm64/v8`. */
  readonly platform?: string
  readonly mediaType?: string
}

/** The document of a list; its manifests must be in the repository before it is put there. */
export function listOf(entries: readonly ListEntry[]): object {
  const manifests = entries.map(({ manifest, platform, mediaType }) => {
    const [os, architecture, variant] = platform?.split('/') ?? []
    const said = platform === undefined ? {} : { platform: { os, architecture, variant } }
    return descriptor(manifest, mediaType ?? `${OCI}.manifest.v1+json`, said)
  })
  return { schemaVersion: 2, mediaType: `${OCI}.index.v1+json`, manifests }
}

function expectCreated(answer: Response, what: string): void {
  if (answer.status !== 201) throw new Error(`put ${what}: ${answer.status}`)
}
