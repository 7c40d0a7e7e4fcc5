// Tokens → pipelines, commands and operands: what stands inside an action of a template (parse.go).

import { expectVariable, fail, isPunctuation, next, type Parser, peek } from './cursor.js'
import type { Token } from './lexer.js'
import type { Command, Operand, Pipe, Span } from './nodes.js'

export function parsePipe(parser: Parser, closing: 'close' | ')', isRange = false): Pipe {
  const from = peek(parser).span.from
  const { variables, assigns } = parseVariables(parser, isRange)
  const commands: Command[] = []
  do commands.push(parseCommand(parser, closing))
  while (isPunctuation(next(parser), '|'))
  for (const [index, { operands }] of commands.entries())
    if (index > 0 && !isCallable(operands[0])) fail(parser, `non executable command in pipeline stage ${index + 1}`)
  if (!assigns) parser.variables.push(...variables)
  return { variables, assigns, commands, span: { from, to: (parser.tokens[parser.at - 2] as Token).span.to } }
}

const isCallable = ({ kind }: Operand): boolean => !['literal', 'dot', 'nil'].includes(kind)

function parseVariables(parser: Parser, isRange: boolean): { variables: readonly string[]; assigns: boolean } {
  const at = parser.at
  const variables: string[] = []
  while (peek(parser).kind === 'variable') {
    variables.push(String(next(parser).value))
    const mark = next(parser)
    if (isPunctuation(mark, ':=')) return { variables, assigns: false }
    if (isPunctuation(mark, '=')) {
      for (const name of variables) expectVariable(parser, name)
      return { variables, assigns: true }
    }
    if (!isPunctuation(mark, ',')) break
    if (variables.length === (isRange ? 2 : 1)) fail(parser, 'too many declarations in command')
  }
  parser.at = at
  return { variables: [], assigns: false }
}

/** Reads up to the `|` or the closing mark, which stays. */
function parseCommand(parser: Parser, closing: 'close' | ')'): Command {
  const operands: Operand[] = []
  for (;;) {
    const token = peek(parser)
    const isClosing = closing === 'close' ? token.kind === 'close' : isPunctuation(token, ')')
    if (isClosing || isPunctuation(token, '|')) break
    operands.push(parseOperand(parser))
  }
  const [first, ...rest] = operands
  if (first === undefined) return fail(parser, 'missing value for command')
  return { operands: [first, ...rest] }
}

/** A term with the fields that follow without a space. */
function parseOperand(parser: Parser): Operand {
  const first = next(parser)
  const term = parseTerm(parser, first)
  const names: string[] = []
  const at = peek(parser).span.from
  while (peek(parser).kind === 'field' && !peek(parser).spaced) names.push(String(next(parser).value))
  if (peek(parser).kind === 'dot' && !peek(parser).spaced) fail(parser, 'unexpected <.> in operand')
  if (names.length === 0) return term
  const span = { from: first.span.from, to: (parser.tokens[parser.at - 1] as Token).span.to, at }
  switch (term.kind) {
    case 'field':
      return { ...term, names: [...term.names, ...names], span }
    case 'variable':
      return { ...term, names, span }
    case 'literal':
    case 'nil':
    case 'dot':
      return fail(parser, `unexpected . after term ${JSON.stringify(first.value)}`)
    default:
      return { kind: 'chain', of: term, names, span }
  }
}

const CONSTANTS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
])

function parseTerm(parser: Parser, { kind, value, span }: Token): Operand {
  switch (kind) {
    case 'dot':
      return { kind: 'dot', span }
    case 'field':
      return { kind: 'field', names: [String(value)], span }
    case 'variable':
      expectVariable(parser, String(value))
      return { kind: 'variable', name: String(value), names: [], span }
    case 'string':
    case 'number':
      return { kind: 'literal', value, span }
    case 'identifier':
      return parseWord(parser, String(value), span)
    default:
      if (value === '(') return { kind: 'pipe', pipe: parsePipe(parser, ')'), span }
      return fail(parser, `unexpected ${kind === 'end of template' ? 'EOF' : `"${value}"`} in operand`)
  }
}

function parseWord(parser: Parser, word: string, span: Span): Operand {
  if (word === 'nil') return { kind: 'nil', span }
  const constant = CONSTANTS.get(word)
  if (constant !== undefined) return { kind: 'literal', value: constant, span }
  if (parser.functions.has(word)) return { kind: 'function', name: word, span }
  return fail(parser, `function "${word}" not defined`)
}
