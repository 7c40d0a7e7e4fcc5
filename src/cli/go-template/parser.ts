// Tokens → tree: the grammar of Go's text/template (parse.go), with if, range, with, template, define, block, break, continue.

import { expect, fail, next, type Parser, peek } from './cursor.js'
import { type Source, tokenize } from './lexer.js'
import type { Node, Template } from './nodes.js'
import { parsePipe } from './pipe-parser.js'

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
