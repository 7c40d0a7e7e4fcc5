// Tokens → tree: the grammar of Go's text/template (parse.go), with if, range, with, template, define, block, break, continue.

import { type Source, type Token, type TokenKind, tokenize } from './lexer.js'
import type { Command, Node, Operand, Pipe, Span, Template } from './nodes.js'
import { templateError } from './template-error.js'

interface Parser {
  readonly source: Source
  readonly tokens: readonly Token[]
  at: number
  readonly definitions: Map<string, readonly Node[]>
  readonly functions: ReadonlySet<string>
  /** Names of the variables that are in scope. */
  readonly variables: string[]
  rangeDepth: number
}

/** How a list of nodes ended. */
type Ending = 'end' | 'else' | 'end of template'

export function parseTemplate(source: Source, functions: ReadonlySet<string>): Template {
  const definitions = new Map<string, readonly Node[]>()
  const parser = { source, tokens: tokenize(source), at: 0, definitions, functions, variables: [''], rangeDepth: 0 }
  const { nodes, ending } = parseList(parser)
  if (ending !== 'end of template') fail(parser, `unexpected {{${ending}}}`)
  return { name: source.name, source: source.text, root: nodes, definitions }
}

function parseList(parser: Parser): { nodes: readonly Node[]; ending: Ending } {
  const nodes: Node[] = []
  for (;;) {
    const token = next(parser)
    if (token.kind === 'end of template') return { nodes, ending: 'end of template' }
    if (token.kind === 'text') {
      nodes.push({ kind: 'text', text: String(token.value) })
      continue
    }
    const keyword = peek(parser).kind === 'identifier' ? String(peek(parser).value) : ''
    if (keyword === 'end' || keyword === 'else') {
      parser.at++
      if (keyword === 'end') expect(parser, 'close')
      return { nodes, ending: keyword }
    }
    const node = parseAction(parser, keyword)
    if (node !== undefined) nodes.push(node)
  }
}

/** What stands between {{ and }}; undefined for a definition, which leaves nothing in its place. */
function parseAction(parser: Parser, keyword: string): Node | undefined {
  switch (keyword) {
    case 'if':
    case 'with':
    case 'range':
      parser.at++
      return parseBranch(parser, keyword)
    case 'define':
      parser.at++
      parseDefine(parser)
      return undefined
    case 'block':
    case 'template':
      parser.at++
      return parseInvocation(parser, keyword)
    case 'break':
    case 'continue':
      parser.at++
      expect(parser, 'close')
      if (parser.rangeDepth === 0) fail(parser, `{{${keyword}}} outside {{range}}`)
      return { kind: keyword }
    default:
      return { kind: 'action', pipe: parsePipe(parser, 'close') }
  }
}

function parseBranch(parser: Parser, kind: 'if' | 'with' | 'range'): Node {
  const scope = parser.variables.length
  const pipe = parsePipe(parser, 'close', kind === 'range')
  if (kind === 'range') parser.rangeDepth++
  const { nodes: body, ending } = parseList(parser)
  if (kind === 'range') parser.rangeDepth--
  const otherwise = ending === 'else' ? parseElse(parser, kind) : []
  if (ending === 'end of template') fail(parser, 'unexpected EOF')
  parser.variables.length = scope
  return { kind, pipe, body, otherwise }
}

/** `{{else}} … {{end}}`, or `{{else if …}}`, which shares its `{{end}}`. */
function parseElse(parser: Parser, kind: 'if' | 'with' | 'range'): readonly Node[] {
  const token = peek(parser)
  if (token.kind === 'identifier' && token.value === kind && kind !== 'range') {
    parser.at++
    return [parseBranch(parser, kind)]
  }
  expect(parser, 'close')
  const { nodes, ending } = parseList(parser)
  if (ending !== 'end') fail(parser, ending === 'else' ? 'expected end; found {{else}}' : 'unexpected EOF')
  return nodes
}

function parseDefine(parser: Parser): void {
  const name = String(expect(parser, 'string').value)
  expect(parser, 'close')
  parser.definitions.set(name, parseBody(parser))
}

/** `{{template "name" pipe}}`; `{{block …}} … {{end}}` also defines it. */
function parseInvocation(parser: Parser, keyword: 'template' | 'block'): Node {
  const token = expect(parser, 'string')
  const name = String(token.value)
  const hasPipe = peek(parser).kind !== 'close'
  const pipe = hasPipe ? parsePipe(parser, 'close') : undefined
  if (!hasPipe) parser.at++
  if (keyword === 'block') parser.definitions.set(name, parseBody(parser))
  return { kind: 'template', name, span: token.span, ...(pipe === undefined ? {} : { pipe }) }
}

/** A template of its own: no variable but $ and no range around it. */
function parseBody(parser: Parser): readonly Node[] {
  const inner: Parser = { ...parser, variables: [''], rangeDepth: 0 }
  const { nodes, ending } = parseList(inner)
  parser.at = inner.at
  if (ending !== 'end') fail(parser, ending === 'else' ? 'unexpected {{else}}' : 'unexpected EOF')
  return nodes
}

function parsePipe(parser: Parser, closing: 'close' | ')', isRange = false): Pipe {
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
      for (const name of variables) checkVariable(parser, name)
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
      checkVariable(parser, String(value))
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

function checkVariable(parser: Parser, name: string): void {
  if (!parser.variables.includes(name)) fail(parser, `undefined variable "$${name}"`)
}

const peek = (parser: Parser): Token => parser.tokens[parser.at] ?? (parser.tokens.at(-1) as Token)
const isPunctuation = (token: Token, mark: string): boolean => token.kind === 'punctuation' && token.value === mark

function next(parser: Parser): Token {
  const token = peek(parser)
  parser.at++
  return token
}

function expect(parser: Parser, kind: TokenKind): Token {
  const token = next(parser)
  return token.kind === kind
    ? token
    : fail(parser, `unexpected "${token.value}": expected ${kind === 'close' ? '}}' : kind}`)
}

function fail(parser: Parser, what: string): never {
  throw templateError(parser.source, (parser.tokens[parser.at - 1] ?? peek(parser)).span.from, what)
}
