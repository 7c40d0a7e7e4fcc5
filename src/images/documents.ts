// The JSON documents of an image, from untrusted bytes to our types: everything later code relies on is checked here, nothing else is
// touched. Pure. OCI image-spec manifest.md, image-index.md, config.md; Docker's schema 2 has the same fields.

import type { ArtifactManifest } from '../model/artifact.js'
import { BadInputError } from '../model/errors.js'
import type { Descriptor, Digest, ImageConfig, Manifest } from '../model/image.js'
import { isConfigType, isLayerType } from './media-types.js'

/** As other engines: no manifest or config needs more. */
export const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024

/** As docker: more directories do not fit the mount options of an overlay. */
export const MAX_LAYERS = 128

/** An index may name indexes; nobody nests them deeper. */
export const MAX_NESTED_INDEXES = 4

export interface ImageIndex {
  readonly schemaVersion: 2
  readonly mediaType?: string
  readonly manifests: readonly Descriptor[]
  readonly annotations?: Readonly<Record<string, string>>
}

type Json = Readonly<Record<string, unknown>>

/** Throws BadInputError, as all of these: `read: SUBJECT: what is wrong`. */
export function parseIndex(text: string, subject: string): ImageIndex {
  const value = parseObject(text, subject)
  check(value.schemaVersion === 2, subject, 'schemaVersion is not 2')
  check(Array.isArray(value.manifests), subject, 'it has no list of manifests')
  for (const descriptor of value.manifests as unknown[]) checkDescriptor(descriptor, subject)
  checkStringMap(value.annotations, subject, 'annotations')
  return value as unknown as ImageIndex
}

export function parseManifest(text: string, subject: string): Manifest {
  const manifest: Manifest = parseArtifact(text, subject)
  check(isConfigType(manifest.config.mediaType), subject, `it is not a container image: ${manifest.config.mediaType}`)
  const { length } = manifest.layers
  check(length <= MAX_LAYERS, subject, `it has ${length} layers, and ${MAX_LAYERS} are the most`)
  for (const { mediaType } of manifest.layers)
    check(isLayerType(mediaType), subject, `it has a layer of the unknown type ${mediaType}`)
  return manifest
}

/** A manifest of anything, images among it. */
export function parseArtifact(text: string, subject: string): ArtifactManifest {
  const value = parseObject(text, subject)
  check(value.schemaVersion === 2, subject, 'schemaVersion is not 2')
  checkDescriptor(value.config, subject)
  check(Array.isArray(value.layers), subject, 'it has no list of layers')
  for (const layer of value.layers as unknown[]) checkDescriptor(layer, subject)
  checkType(value.artifactType, 'string', subject, 'artifactType')
  checkStringMap(value.annotations, subject, 'annotations')
  return value as unknown as ArtifactManifest
}

export function parseConfig(text: string, subject: string): ImageConfig {
  const value = parseObject(text, subject)
  check(
    typeof value.architecture === 'string' && typeof value.os === 'string',
    subject,
    'it names no architecture and os',
  )
  check(isObject(value.rootfs), subject, 'it has no rootfs')
  const { diff_ids: diffIds } = value.rootfs as Json
  // an image without layers: Go writes null for an empty list
  check(
    diffIds === null || (Array.isArray(diffIds) && diffIds.every(isDigest)),
    subject,
    'rootfs.diff_ids are no digests',
  )
  for (const key of ['created', 'author', 'variant']) checkType(value[key], 'string', subject, key)
  check(
    value.history === undefined || value.history === null || isListOf(value.history, isObject),
    subject,
    'history is no list',
  )
  if (value.config !== undefined && value.config !== null) checkProcessConfig(value.config, subject)
  const { config, history, ...rest } = value
  return {
    ...rest,
    rootfs: { type: 'layers', diff_ids: diffIds ?? [] },
    ...(isObject(config) ? { config } : {}),
    ...(Array.isArray(history) ? { history } : {}),
  } as unknown as ImageConfig
}

export function isDigest(value: unknown): value is Digest {
  return typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value)
}

function checkProcessConfig(config: unknown, subject: string): void {
  check(isObject(config), subject, 'config is no object')
  const value = config as Json
  for (const key of ['User', 'WorkingDir', 'StopSignal']) checkType(value[key], 'string', subject, key)
  for (const key of ['Env', 'Entrypoint', 'Cmd', 'Shell', 'OnBuild']) {
    const list = value[key]
    check(
      list === undefined || list === null || isListOf(list, isString),
      subject,
      `config.${key} is no list of strings`,
    )
  }
  checkStringMap(value.Labels, subject, 'config.Labels')
  for (const key of ['Volumes', 'ExposedPorts']) {
    const map = value[key]
    check(map === undefined || map === null || isObject(map), subject, `config.${key} is no object`)
  }
}

/** Any JSON object, for those who only show it. */
export function parseJsonDocument(text: string, subject: string): object {
  return parseObject(text, subject)
}

function parseObject(text: string, subject: string): Json {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new BadInputError(`read: ${subject}: not JSON`, { cause })
  }
  check(isObject(value), subject, 'not a JSON object')
  return value as Json
}

function checkDescriptor(value: unknown, subject: string): void {
  check(isObject(value), subject, 'a descriptor is no object')
  const { mediaType, digest, size, annotations, platform } = value as Json
  check(typeof mediaType === 'string', subject, 'a descriptor has no mediaType')
  check(isDigest(digest), subject, 'a descriptor has no sha256 digest')
  check(Number.isSafeInteger(size) && (size as number) >= 0, subject, 'a descriptor has no size')
  checkStringMap(annotations, subject, 'annotations')
  check(platform === undefined || platform === null || isObject(platform), subject, 'a platform is no object')
}

function checkStringMap(value: unknown, subject: string, name: string): void {
  const fine = value === undefined || value === null || (isObject(value) && Object.values(value).every(isString))
  check(fine, subject, `${name} are no strings`)
}

function checkType(value: unknown, type: 'string', subject: string, name: string): void {
  check(value === undefined || value === null || typeof value === type, subject, `${name} is no ${type}`)
}

function check(condition: boolean, subject: string, cause: string): void {
  if (!condition) throw new BadInputError(`read: ${subject}: ${cause}`)
}

const isString = (value: unknown): value is string => typeof value === 'string'
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const isListOf = (value: unknown, is: (item: unknown) => boolean): boolean => Array.isArray(value) && value.every(is)
