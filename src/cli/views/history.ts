// What `history` shows: podman's columns, template fields and JSON.

import type { HistoryStep } from '../../model/image-history.js'
import { isJson, type ReportFlags, reportText } from '../format.js'
import { toJson } from '../go-template/values.js'
import { goTime, humanAge, humanSize, shortId } from '../human.js'

export interface HistoryFlags extends ReportFlags {
  readonly quiet: boolean
  readonly human: boolean
  readonly 'no-trunc': boolean
}

const MISSING = '<missing>'
const MOST_COMMAND_LETTERS = 45
const UNKNOWN_TIME = 'N/A'
const DEFAULT_FORMAT = 'table {{.ID}}\t{{.Created}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}'
export const HISTORY_FIELDS = ['ID', 'Created', 'CreatedAt', 'CreatedSince', 'CreatedBy', 'Size', 'Comment', 'Tags']

export function historyText(steps: readonly HistoryStep[], flags: HistoryFlags, nowMs: number = Date.now()): string {
  const rows = steps.map((step) => toRow(step, flags, nowMs))
  if (flags.quiet) return rows.map(({ ID }) => `${ID}\n`).join('')
  if (isJson(flags.format)) return `${toJson(steps.map(toJsonRow))}\n`
  const headings = { CreatedBy: 'CREATED BY', CreatedAt: 'CREATED AT', CreatedSince: 'CREATED' }
  return reportText(
    { name: 'history', rows, json: [], fields: HISTORY_FIELDS, headings, defaultFormat: DEFAULT_FORMAT },
    flags,
  )
}

function toRow(step: HistoryStep, flags: HistoryFlags, nowMs: number) {
  const full = flags['no-trunc']
  const { id = MISSING, created, createdBy, sizeBytes } = step
  const since = created === undefined ? UNKNOWN_TIME : humanAge(Date.parse(created), nowMs)
  const exact = created === undefined ? UNKNOWN_TIME : toSeconds(created)
  return {
    ID: full || id === MISSING ? id : shortId(id),
    Created: flags.human ? since : exact,
    CreatedAt: created === undefined ? UNKNOWN_TIME : goTime(exact),
    CreatedSince: since,
    CreatedBy: full ? createdBy : shorten(createdBy),
    Size: flags.human ? humanSize(sizeBytes) : String(sizeBytes),
    Comment: step.comment,
    Tags: step.tags,
  }
}

function toJsonRow({ id = MISSING, created, createdBy, sizeBytes, comment, tags }: HistoryStep) {
  return {
    id,
    ...(created === undefined ? {} : { created }),
    CreatedBy: createdBy,
    size: sizeBytes,
    ...(comment === '' ? {} : { comment }),
    ...(tags.length === 0 ? {} : { tags }),
    ...(created === undefined ? {} : { Created: toSeconds(created) }),
  }
}

/** RFC 3339 in UTC, without a fraction. */
const toSeconds = (time: string): string => new Date(time).toISOString().replace(/\.\d+Z$/, 'Z')

/** A command's line breaks and tabs would break the table. */
function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length <= MOST_COMMAND_LETTERS ? line : `${line.slice(0, MOST_COMMAND_LETTERS - 3)}...`
}
