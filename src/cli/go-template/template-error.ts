// Errors of templates, worded and placed as Go's: `template: NAME:LINE:COLUMN: executing "NAME" at <.X>: …`.

import { UsageError } from '../../model/errors.js'
import type { Source } from './lexer.js'
import type { Span } from './nodes.js'

/** A template that cannot be parsed. */
export function templateError(source: Source, at: number, what: string): UsageError {
  return new UsageError(`template: ${source.name}:${lineAt(source.text, at)}: ${what}`)
}

export interface ExecutionProblem {
  readonly span: Span
  readonly what: string
  /** What could be written instead. */
  readonly hint?: string | undefined
}

/** A template that cannot be executed. */
export function executionError(source: Source, { span, what, hint }: ExecutionProblem): UsageError {
  const at = span.at ?? span.from
  const column = at - (source.text.lastIndexOf('\n', at - 1) + 1)
  const place = `${source.name}:${lineAt(source.text, span.from)}:${column}`
  const piece = source.text.slice(span.from, span.to)
  const message = `template: ${place}: executing "${source.name}" at <${piece}>: ${what}`
  return new UsageError(message, hint === undefined ? {} : { hint })
}

const lineAt = (text: string, at: number): number => text.slice(0, at).split('\n').length
