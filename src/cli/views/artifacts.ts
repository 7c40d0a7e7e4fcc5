// What `artifact ls` and `artifact inspect` show: podman's columns, fields and JSON.

import type { LocalArtifact } from '../../model/artifact.js'
import { formatImageRef, parseImageRef } from '../../model/image-ref.js'
import { isJson, type ReportFlags, reportText, unescapeFormat } from '../format.js'
import { compileTemplate } from '../go-template/template.js'
import { toJson } from '../go-template/values.js'
import { exactSize, goTime, humanAge, shortId } from '../human.js'
import { withGoTypes } from './inspect.js'

export interface ListedArtifact {
  readonly artifact: LocalArtifact
  /** RFC 3339; undefined: it does not say. */
  readonly created: string | undefined
}

export interface ArtifactsFlags extends ReportFlags {
  readonly 'no-trunc': boolean
}

const FIELDS = ['Repository', 'Tag', 'Digest', 'Created', 'CreatedAt', 'Size', 'VirtualSize']
const INSPECT_INDENT = 5

export function artifactsText(
  artifacts: readonly ListedArtifact[],
  flags: ArtifactsFlags,
  nowMs: number = Date.now(),
): string {
  const rows = artifacts.map((listed) => toRow(listed, flags['no-trunc'], nowMs))
  const report = {
    name: 'artifacts',
    rows,
    json: rows,
    fields: FIELDS,
    headings: { CreatedAt: 'CREATED AT' },
    defaultFormat: 'table {{.Repository}}\t{{.Tag}}\t{{.Digest}}\t{{.Created}}\t{{.Size}}',
  }
  return reportText(report, flags)
}

function toRow({ artifact, created }: ListedArtifact, full: boolean, nowMs: number) {
  const { tag, ...repository } = parseImageRef(artifact.name)
  const createdMs = Date.parse(created ?? '')
  const isKnown = created !== undefined && !Number.isNaN(createdMs)
  return {
    Repository: formatImageRef(repository).replace(/[:@][^/]*$/, ''),
    Tag: tag ?? '<none>',
    Digest: full ? artifact.digest.slice('sha256:'.length) : shortId(artifact.digest),
    Created: isKnown ? humanAge(createdMs, nowMs) : 'N/A',
    CreatedAt: isKnown ? goTime(created) : 'N/A',
    Size: exactSize(artifact.sizeBytes),
    VirtualSize: artifact.sizeBytes,
  }
}

export function artifactText({ manifest, name, digest, sizeBytes }: LocalArtifact, format: string): string {
  if (isJson(format)) return `${toJson({ Manifest: manifest, Name: name, Digest: digest }, INSPECT_INDENT)}\n`
  const artifact = withGoTypes(withGoNames({ manifest, name, digest })) as object
  const fields = { ...artifact, Artifact: artifact, TotalSizeBytes: sizeBytes }
  return `${compileTemplate('inspect', unescapeFormat(format))(fields)}\n`
}

/** Templates know fields by their Go names: `.Manifest.ArtifactType`. What is below `annotations` is data. */
function withGoNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withGoNames)
  if (typeof value !== 'object' || value === null) return value
  const rename = ([key, it]: [string, unknown]) => [
    `${key.charAt(0).toUpperCase()}${key.slice(1)}`,
    key === 'annotations' ? it : withGoNames(it),
  ]
  return Object.fromEntries(Object.entries(value).map(rename))
}
