// What `diff` shows: a letter and a path on each line, or podman's JSON.

import { UsageError } from '../../model/errors.js'
import type { FileChange } from '../../model/file-change.js'
import { isJson } from '../format.js'
import { toJson } from '../go-template/values.js'

const INDENT = 5
const LETTERS = { added: 'A', changed: 'C', deleted: 'D' } as const

export function fileChangesText(changes: readonly FileChange[], format: string | undefined): string {
  if (format === undefined) return changes.map(({ kind, path }) => `${LETTERS[kind]} ${path}\n`).join('')
  checkChangesFormat(format)
  const kinds = (['changed', 'added', 'deleted'] as const).map((kind) => [kind, pathsOf(changes, kind)] as const)
  return `${toJson(Object.fromEntries(kinds.filter(([, paths]) => paths.length > 0)), INDENT)}\n`
}

/** Throws UsageError. */
export function checkChangesFormat(format: string | undefined): void {
  if (format !== undefined && !isJson(format)) throw new UsageError(`diff: --format ${format}: only json is known`)
}

const pathsOf = (changes: readonly FileChange[], wanted: FileChange['kind']): string[] =>
  changes.filter(({ kind }) => kind === wanted).map(({ path }) => path)
