// What `system df` shows: podman's tables and template fields. The engine has measured, this is how it looks.

import type { ContainerUsage, ImageUsage, StoreUsage, UsageSummary, VolumeUsage } from '../../model/store-usage.js'
import { renderReport } from '../format.js'
import { toJson } from '../go-template/values.js'
import { exactSize, humanDuration, shortId } from '../human.js'
import { renderTable } from '../table.js'
import { splitName } from './images.js'

export interface DfFlags {
  readonly verbose: boolean
  readonly format?: string | undefined
}

const INDENT = 4
export const DF_FIELDS = ['Type', 'Total', 'TotalCount', 'Active', 'Size', 'RawSize', 'Reclaimable', 'RawReclaimable']
const HEADINGS = { TotalCount: 'TOTAL', RawSize: 'SIZE', RawReclaimable: 'RECLAIMABLE' }
const DEFAULT_FORMAT = 'table {{.Type}}\t{{.Total}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}'

export function storeUsageText(usage: StoreUsage, { verbose, format }: DfFlags, nowMs: number = Date.now()): string {
  if (verbose && format === undefined) return verboseText(usage, nowMs)
  const rows = verbose ? [toVerboseObject(usage, nowMs)] : usage.summaries.map(toRow)
  if (format === 'json') return `${toJson(verbose ? rows[0] : rows, INDENT)}\n`
  const report = { name: 'df', rows, json: rows, fields: DF_FIELDS, headings: HEADINGS, defaultFormat: DEFAULT_FORMAT }
  return renderReport(report, format ?? DEFAULT_FORMAT, false)
}

function toRow({ type, total, active, sizeBytes, reclaimableBytes }: UsageSummary): Readonly<Record<string, unknown>> {
  const percent = sizeBytes === 0 ? 0 : Math.floor((100 * reclaimableBytes) / sizeBytes)
  return {
    Type: type,
    Total: total,
    Active: active,
    RawSize: sizeBytes,
    RawReclaimable: reclaimableBytes,
    TotalCount: total,
    Size: exactSize(sizeBytes),
    Reclaimable: `${exactSize(reclaimableBytes)} (${percent}%)`,
  }
}

type Row = Readonly<Record<string, unknown>>

/** docker's `system df -v --format`: one object with a list for each kind. */
function toVerboseObject({ images, containers, volumes, parts, totalBytes }: StoreUsage, nowMs: number): Row {
  return {
    Images: images.flatMap((usage) => imageRows(usage, nowMs)),
    Containers: containers.map((usage) => containerRow(usage, nowMs)),
    Volumes: volumes.map(volumeRow),
    Store: parts.map(({ name, count, sizeBytes }) => ({ Part: name, Count: count, Size: exactSize(sizeBytes) })),
    TotalSize: exactSize(totalBytes),
  }
}

function verboseText(usage: StoreUsage, nowMs: number): string {
  const { images, containers, volumes, parts, totalBytes } = usage
  const table = (title: string, heads: readonly string[], rows: readonly Row[]): string =>
    `${title} space usage:\n\n${renderTable([heads, ...rows.map((row) => Object.values(row).map(String))])}`
  const partRows = [...parts, { name: 'Total', count: '', sizeBytes: totalBytes }].map(
    ({ name, count, sizeBytes }) => ({
      name,
      count,
      size: exactSize(sizeBytes),
    }),
  )
  return [
    table(
      'Images',
      ['REPOSITORY', 'TAG', 'IMAGE ID', 'CREATED', 'SIZE', 'SHARED SIZE', 'UNIQUE SIZE', 'CONTAINERS'],
      images.flatMap((it) => imageRows(it, nowMs)),
    ),
    table(
      'Containers',
      ['CONTAINER ID', 'IMAGE', 'COMMAND', 'LOCAL VOLUMES', 'SIZE', 'CREATED', 'STATUS', 'NAMES'],
      containers.map((it) => containerRow(it, nowMs)),
    ),
    table('Local Volumes', ['VOLUME NAME', 'LINKS', 'SIZE'], volumes.map(volumeRow)),
    table('Store', ['PART', 'COUNT', 'SIZE'], partRows),
  ].join('\n')
}

/** One for each name, as `images` has it. */
function imageRows({ image, createdMs, sizeBytes, sharedBytes, containers }: ImageUsage, nowMs: number): Row[] {
  const names = image.names.length === 0 ? [undefined] : image.names
  return names.map((name) => {
    const { repository, tag } = splitName(name)
    return {
      Repository: repository,
      Tag: tag,
      ImageID: shortId(image.id),
      Created: createdMs === 0 ? 'N/A' : humanDuration(nowMs - createdMs),
      Size: exactSize(sizeBytes),
      SharedSize: exactSize(sharedBytes),
      UniqueSize: exactSize(sizeBytes - sharedBytes),
      Containers: containers,
    }
  })
}

function containerRow({ view, sizeBytes, volumes }: ContainerUsage, nowMs: number): Row {
  const { id, name, createdAt, plan } = view.record
  return {
    ContainerID: shortId(id),
    Image: shortId(plan.image.id),
    Command: plan.process.args.join(' '),
    LocalVolumes: volumes,
    Size: exactSize(sizeBytes),
    Created: humanDuration(nowMs - Date.parse(createdAt)),
    Status: view.status,
    Names: name,
  }
}

function volumeRow({ name, links, sizeBytes }: VolumeUsage): Row {
  return { VolumeName: name, Links: links, Size: exactSize(sizeBytes) }
}
