// Makes image archives for tests, byte by byte, also wrong ones: oci-archive and docker-archive from layers that are tars. Knows nothing
// of what reads them.

import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { type TarEntry, tar } from '../monitor/tar-writer.js'

export interface TestImage {
  /** Plain tars, bottom first. */
  readonly layers: readonly Buffer[]
  readonly names?: readonly string[]
  /** More of the config document, or other values. */
  readonly config?: Readonly<Record<string, unknown>>
}

export interface Blob {
  readonly bytes: Buffer
  readonly digest: string
}

export function sha256(bytes: Buffer | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

export function toBlob(content: Buffer | object): Blob {
  const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content))
  return { bytes, digest: sha256(bytes) }
}

/** A layer with these files; contents by name. */
export function layer(files: Readonly<Record<string, string>>): Buffer {
  return tar(...Object.entries(files).map(([name, data]): TarEntry => ({ name, data })))
}

export function configOf({ layers, config }: TestImage): object {
  return {
    created: '2024-05-06T07:08:09Z',
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    config: {},
    rootfs: { type: 'layers', diff_ids: layers.map(sha256) },
    ...config,
  }
}

const OCI = 'application/vnd.oci.image'

export interface OciParts {
  readonly config: Blob
  readonly layers: readonly Blob[]
  readonly manifest: Blob
}

/** The documents and (gzip'ed) layers of one image. */
export function ociParts(image: TestImage): OciParts {
  const config = toBlob(configOf(image))
  const layers = image.layers.map((bytes) => toBlob(gzipSync(bytes)))
  const manifest = toBlob({
    schemaVersion: 2,
    mediaType: `${OCI}.manifest.v1+json`,
    config: descriptor(config, `${OCI}.config.v1+json`),
    layers: layers.map((blob) => descriptor(blob, `${OCI}.layer.v1.tar+gzip`)),
  })
  return { config, layers, manifest }
}

export function descriptor({ bytes, digest }: Blob, mediaType: string, more: object = {}): object {
  return { mediaType, digest, size: bytes.length, ...more }
}

export function manifestDescriptor(manifest: Blob, name?: string, more: object = {}): object {
  const annotations = name === undefined ? {} : { annotations: { 'org.opencontainers.image.ref.name': name } }
  return descriptor(manifest, `${OCI}.manifest.v1+json`, { ...annotations, ...more })
}

/** Files of an OCI layout: `index.json` is given, blobs get their places. */
export function ociFiles(manifests: readonly object[], blobs: readonly Blob[]): TarEntry[] {
  return [
    { name: 'oci-layout', data: '{"imageLayoutVersion":"1.0.0"}' },
    { name: 'index.json', data: JSON.stringify({ schemaVersion: 2, manifests }) },
    ...blobs.map(({ bytes, digest }) => ({ name: `blobs/${digest.replace(':', '/')}`, data: bytes })),
  ]
}

export function ociArchive(...images: readonly TestImage[]): Buffer {
  const parts = images.map((image) => ({ image, ...ociParts(image) }))
  const manifests = parts.flatMap(({ image, manifest }) =>
    (image.names ?? [undefined]).map((name) => manifestDescriptor(manifest, name)),
  )
  const blobs = parts.flatMap(({ config, layers, manifest }) => [config, ...layers, manifest])
  return tar(...ociFiles(manifests, blobs))
}

/** As `docker save` wrote it for ten years: the documents last, layers under `<id>/layer.tar`. */
export function dockerArchive(...images: readonly TestImage[]): Buffer {
  const parts = images.map((image) => ({ image, config: toBlob(configOf(image)) }))
  const layers = new Map(
    images.flatMap((image) => image.layers.map((bytes) => [sha256(bytes).slice(7), bytes] as const)),
  )
  const manifest = parts.map(({ image, config }) => ({
    Config: `${config.digest.slice(7)}.json`,
    RepoTags: image.names ?? null,
    Layers: image.layers.map((bytes) => `${sha256(bytes).slice(7)}/layer.tar`),
  }))
  return tar(
    ...[...layers].flatMap(([hex, data]): TarEntry[] => [
      { name: `${hex}/`, type: '5', mode: 0o755 },
      { name: `${hex}/layer.tar`, data },
    ]),
    ...parts.map(({ config }) => ({ name: `${config.digest.slice(7)}.json`, data: config.bytes })),
    { name: 'manifest.json', data: JSON.stringify(manifest) },
  )
}
