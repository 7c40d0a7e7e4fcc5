// What `images` shows: one row for each name of an image, podman's columns, template fields and JSON.

import { formatImageRef, parseImageRef } from '../../model/image-ref.js'
import type { ListedImage } from '../../model/listed-image.js'
import { repoDigests } from '../../model/repo-digests.js'
import { type ReportFlags, reportText } from '../format.js'
import { goTime, humanAge, humanSize, shortId } from '../human.js'

export interface ImagesFlags extends ReportFlags {
  readonly quiet: boolean
  readonly digests: boolean
  readonly 'no-trunc': boolean
  readonly sort: string
}

const NONE = '<none>'
export const IMAGE_FIELDS = [
  ...[
    'Repository',
    'Tag',
    'ID',
    'Id',
    'Digest',
    'Created',
    'CreatedSince',
    'CreatedAt',
    'Size',
    'VirtualSize',
    'Names',
  ],
  ...['RepoTags', 'RepoDigests', 'ParentId', 'History', 'ReadOnly', 'Labels', 'Label', 'Containers', 'Dangling'],
]
const HEADINGS = { ID: 'IMAGE ID', CreatedSince: 'CREATED', CreatedAt: 'CREATED AT' }

/** One listed line: an image under one of its names, or under none. */
interface NamedImage extends ListedImage {
  readonly name: string | undefined
}

export function imagesText(images: readonly ListedImage[], flags: ImagesFlags, nowMs: number = Date.now()): string {
  const named = sortImages(images.flatMap(withNames), flags.sort)
  const full = flags['no-trunc']
  if (flags.quiet) {
    const ids = new Set(named.map(({ image }) => (full ? `sha256:${image.id}` : shortId(image.id))))
    return [...ids].map((id) => `${id}\n`).join('')
  }
  const digests = flags.digests ? '{{.Digest}}\t' : ''
  const report = {
    name: 'images',
    rows: named.map((it) => toRow(it, full, nowMs)),
    json: images.map(toJsonRow),
    fields: IMAGE_FIELDS,
    headings: HEADINGS,
    defaultFormat: `table {{.Repository}}\t{{.Tag}}\t${digests}{{.ID}}\t{{.CreatedSince}}\t{{.Size}}`,
  }
  return reportText(report, flags)
}

function withNames(listed: ListedImage): NamedImage[] {
  const { names } = listed.image
  return names.length === 0 ? [{ ...listed, name: undefined }] : names.map((name) => ({ ...listed, name }))
}

function toRow(
  { image, sizeBytes, createdMs, containers, parentId, name }: NamedImage,
  full: boolean,
  nowMs: number,
): Readonly<Record<string, unknown>> {
  const { repository, tag } = splitName(name)
  const since = createdMs === 0 ? 'N/A' : humanAge(createdMs, nowMs)
  const labels = new Map(Object.entries(image.config.config?.Labels ?? {}))
  return {
    Repository: repository,
    Tag: tag,
    ID: full ? `sha256:${image.id}` : shortId(image.id),
    Id: image.id,
    Digest: image.manifestDigest,
    Created: since,
    CreatedSince: since,
    CreatedAt: createdMs === 0 ? 'N/A' : goTime(image.config.created ?? ''),
    Size: humanSize(sizeBytes),
    VirtualSize: humanSize(sizeBytes),
    Names: image.names,
    RepoTags: image.names,
    RepoDigests: repoDigests(image),
    ParentId: parentId ?? '',
    History: image.names,
    ReadOnly: false,
    Labels: labels,
    Label: (key: unknown) => labels.get(String(key)) ?? '',
    Containers: containers,
    Dangling: image.names.length === 0,
  }
}

function toJsonRow({
  image,
  isList,
  sizeBytes,
  createdMs,
  containers,
  parentId,
}: ListedImage): Readonly<Record<string, unknown>> {
  return {
    Id: image.id,
    ParentId: parentId ?? '',
    RepoTags: image.names.length === 0 ? null : image.names,
    RepoDigests: repoDigests(image),
    Size: sizeBytes,
    VirtualSize: sizeBytes,
    Labels: image.config.config?.Labels ?? null,
    Containers: containers,
    Names: image.names,
    Digest: image.manifestDigest,
    History: image.names,
    ...(isList ? { IsManifestList: true } : {}),
    ...(image.names.length === 0 ? { Dangling: true } : {}),
    ...(createdMs === 0 ? {} : { Created: Math.floor(createdMs / 1000), CreatedAt: inSeconds(createdMs) }),
  }
}

/** RFC 3339 in UTC, without a fraction, as podman has it here. */
const inSeconds = (timeMs: number): string => new Date(timeMs).toISOString().replace(/\.\d+Z$/, 'Z')

/** `docker.io/library/alpine:3` → repository and tag; a name with a digest alone has no tag. */
export function splitName(name: string | undefined): { readonly repository: string; readonly tag: string } {
  if (name === undefined) return { repository: NONE, tag: NONE }
  const [reference = ''] = name.split('@')
  const colon = reference.lastIndexOf(':')
  if (colon < 0 || colon < reference.lastIndexOf('/')) return { repository: reference, tag: NONE }
  return { repository: reference.slice(0, colon), tag: reference.slice(colon + 1) }
}

/** `images NAME`: only that repository's names, or that one with a tag; the registry may be left out. */
export function onlyNamed(images: readonly ListedImage[], typed: string | undefined): readonly ListedImage[] {
  if (typed === undefined) return images
  const refs = ['docker.io', 'localhost'].map((domain) => parseImageRef(typed, domain))
  const isWanted = (name: string): boolean =>
    refs.some((ref) => {
      const isRepository = ref.tag === undefined && ref.digest === undefined
      return isRepository ? splitName(name).repository === `${ref.domain}/${ref.path}` : name === formatImageRef(ref)
    })
  return images
    .map((listed) => ({ ...listed, image: { ...listed.image, names: listed.image.names.filter(isWanted) } }))
    .filter(({ image }) => image.names.length > 0)
}

type SortKey = string | number

function sortImages(images: readonly NamedImage[], order: string): readonly NamedImage[] {
  const keys: Readonly<Record<string, (listed: NamedImage) => SortKey>> = {
    created: ({ createdMs }) => -createdMs,
    id: ({ image }) => image.id,
    repository: ({ name }) => splitName(name).repository,
    size: ({ sizeBytes }) => sizeBytes,
    tag: ({ name }) => splitName(name).tag,
  }
  const key = keys[order] ?? (() => 0)
  return [...images].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0))
}
