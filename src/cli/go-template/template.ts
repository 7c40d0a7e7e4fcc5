// Go's text/template, for --format: compile once, execute for each object. See values.ts for what the data means.

import { execute } from './evaluator.js'
import { FUNCTION_NAMES } from './functions.js'
import { parseTemplate } from './parser.js'

/** `name` stands in error messages. Throws UsageError, here for what cannot be parsed, later for what cannot be executed. */
export function compileTemplate(name: string, text: string): (data: unknown) => string {
  const template = parseTemplate({ name, text }, FUNCTION_NAMES)
  return (data) => execute(template, data)
}
