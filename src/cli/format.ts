// `--format` of the commands that show something: JSON, a Go template, or `table TEMPLATE` with headings, as podman's
// report package treats them. Without --format a command's own columns are printed.

import { compileTemplate } from './go-template/template.js'
import { toJson } from './go-template/values.js'
import { alignTabs } from './table.js'

export interface Report {
  /** The command, for error messages. */
  readonly name: string
  /** What a template sees of each object. */
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  /** What `--format json` prints. */
  readonly json: unknown
  /** The names of a row's fields, so that headings are there when there is no row. */
  readonly fields: readonly string[]
  /** Headings that are not just the field's name in capitals, split into words. */
  readonly headings: Readonly<Record<string, string>>
  /** Without --format. */
  readonly defaultFormat: string
}

export interface ReportFlags {
  readonly format?: string | undefined
  readonly noheading?: boolean
}

const INDENT = 4

export function reportText(report: Report, { format, noheading = false }: ReportFlags): string {
  if (isJson(format)) return `${toJson(report.json, INDENT)}\n`
  return renderReport(report, isDefault(format) ? report.defaultFormat : format, noheading)
}

/** docker's `table` alone is the command's own table. */
const isDefault = (format: string | undefined): format is undefined | 'table' =>
  format === undefined || format === 'table'

/** podman takes `json` and docker's `{{json .}}` for the same. */
export const isJson = (format: string | undefined): boolean =>
  format === 'json' || /^\{\{\s*json\s*\.?\s*\}\}$/.test(format ?? '')

export function renderReport(report: Report, format: string, noheading: boolean): string {
  const isTable = /^table\s/.test(format)
  const text = isTable
    ? outsideActions(unescapeFormat(format.replace(/^table\s+/, '')), (it) => it.replaceAll(' ', '\t'))
    : unescapeFormat(format)
  // A template that ranges by itself is given the whole list, any other is executed for each row.
  if (/^\s*\{\{-?\s*range\s+\.\s*-?\}\}/.test(text)) return withNewline(compileTemplate(report.name, text)(report.rows))
  const template = compileTemplate(report.name, withNewline(text))
  const body = report.rows.map((row) => template(row)).join('')
  if (!isTable) return body
  const head = noheading ? '' : template(headingRow(report))
  return alignTabs(head + body)
}

/** Shells pass `\t` and `\n` on as they are. Within an action they belong to its strings. */
export const unescapeFormat = (format: string): string =>
  outsideActions(format, (text) => text.replaceAll('\\t', '\t').replaceAll('\\n', '\n'))

/** Changes only the text around `{{…}}`. */
function outsideActions(format: string, change: (text: string) => string): string {
  return format.replace(/(\{\{[\s\S]*?\}\})|[^{]+|\{/g, (piece, action?: string) =>
    action === undefined ? change(piece) : piece,
  )
}

const withNewline = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`)

/** The headings as a row: a template that works for the rows works for them. */
function headingRow({ fields, headings }: Report): Readonly<Record<string, unknown>> {
  const row = Object.fromEntries(fields.map((name) => [name, headings[name] ?? splitWords(name)]))
  return fields.includes('Label') ? { ...row, Label: (name: unknown) => String(name).toUpperCase() } : row
}

/** `CreatedAt` → `CREATED AT`. */
const splitWords = (name: string): string => name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toUpperCase()
