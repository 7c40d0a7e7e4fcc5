// What a template's execution knows at one point: the dot, the variables in sight, the text so far.

import type { UsageError } from '../../model/errors.js'
import type { Template } from './nodes.js'
import { type ExecutionProblem, executionError } from './template-error.js'

export interface Scope {
  readonly template: Template
  readonly dot: unknown
  /** Innermost last; `''` is $. */
  readonly variables: { readonly name: string; value: unknown }[]
  readonly out: string[]
  /** How many templates called one another to get here. */
  readonly depth: number
}

/** A scope whose own variables end with it. */
export const nested = (scope: Scope, dot: unknown): Scope => ({ ...scope, dot, variables: [...scope.variables] })

/** The innermost variable of that name, which outer scopes share. The parser has seen that there is one. */
export function findVariable({ variables }: Scope, name: string): { value: unknown } {
  const variable = variables.findLast((it) => it.name === name)
  if (variable === undefined) throw new Error(`template variable $${name} is not in scope`)
  return variable
}

/** An error at a place of the template. */
export function complain({ template }: Scope, problem: ExecutionProblem): UsageError {
  return executionError({ name: template.name, text: template.source }, problem)
}
