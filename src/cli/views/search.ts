// What `search` shows: repositories, or the tags of one; podman's columns, template fields and JSON.

import { type Filter, passes } from '../../model/filter.js'
import type { FoundRepository } from '../../model/search.js'
import { isJson, type ReportFlags, reportText } from '../format.js'

export interface SearchFlags extends ReportFlags {
  readonly compatible: boolean
  readonly 'no-trunc': boolean
}

export const SEARCH_FIELDS = ['Index', 'Name', 'Description', 'Stars', 'Official', 'Automated', 'Tag']
const DESCRIPTION_WIDTH = 44

/** Empty when nothing was found. */
export function searchText(found: readonly FoundRepository[], flags: SearchFlags): string {
  const rows = found.map((each) => toRow(each, flags['no-trunc']))
  const compatible = flags.compatible ? '\t{{.Stars}}\t{{.Official}}\t{{.Automated}}' : ''
  const defaultFormat = `table {{.Name}}\t{{.Description}}${compatible}`
  return report({ rows, json: rows, defaultFormat }, flags)
}

export function tagsText(name: string, tags: readonly string[], flags: ReportFlags): string {
  const rows = tags.map((tag) => ({ ...EMPTY_ROW, Name: name, Tag: tag }))
  return report({ rows, json: [{ Name: name, Tags: tags }], defaultFormat: 'table {{.Name}}\t{{.Tag}}' }, flags)
}

interface Listed {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  readonly json: unknown
  readonly defaultFormat: string
}

function report(listed: Listed, flags: ReportFlags): string {
  if (listed.rows.length === 0 && !isJson(flags.format)) return ''
  return reportText({ ...listed, name: 'search', fields: SEARCH_FIELDS, headings: {} }, flags)
}

const EMPTY_ROW = { Index: '', Name: '', Description: '', Stars: 0, Official: '', Automated: '', Tag: '' }

function toRow(found: FoundRepository, full: boolean): Readonly<Record<string, unknown>> {
  const { description } = found
  const isLong = !full && description.length > DESCRIPTION_WIDTH
  return {
    ...EMPTY_ROW,
    Index: found.domain,
    Name: found.name,
    Description: isLong ? `${description.slice(0, DESCRIPTION_WIDTH)}...` : description,
    Stars: found.stars,
    Official: found.isOfficial ? '[OK]' : '',
    Automated: found.isAutomated ? '[OK]' : '',
  }
}

export function selectFound(found: readonly FoundRepository[], filters: readonly Filter[]): readonly FoundRepository[] {
  return found.filter((each) =>
    passes(filters, (key, value) => {
      if (key === 'stars') return each.stars >= Number(value)
      return (key === 'is-official' ? each.isOfficial : each.isAutomated) === (value === 'true')
    }),
  )
}
