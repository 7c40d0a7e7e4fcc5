// The parser's place in the tokens, and what is in scope there.

import type { Source, Token, TokenKind } from './lexer.js'
import type { Node } from './nodes.js'
import { templateError } from './template-error.js'

export interface Parser {
  readonly source: Source
  readonly tokens: readonly Token[]
  at: number
  readonly definitions: Map<string, readonly Node[]>
  readonly functions: ReadonlySet<string>
  /** Names of the variables that are in scope. */
  readonly variables: string[]
  rangeDepth: number
}

export const peek = (parser: Parser): Token => parser.tokens[parser.at] ?? (parser.tokens.at(-1) as Token)
export const isPunctuation = (token: Token, mark: string): boolean =>
  token.kind === 'punctuation' && token.value === mark

export function next(parser: Parser): Token {
  const token = peek(parser)
  parser.at++
  return token
}

export function expect(parser: Parser, kind: TokenKind): Token {
  const token = next(parser)
  return token.kind === kind
    ? token
    : fail(parser, `unexpected "${token.value}": expected ${kind === 'close' ? '}}' : kind}`)
}

export function fail(parser: Parser, what: string): never {
  throw templateError(parser.source, (parser.tokens[parser.at - 1] ?? peek(parser)).span.from, what)
}

export function expectVariable(parser: Parser, name: string): void {
  if (!parser.variables.includes(name)) fail(parser, `undefined variable "$${name}"`)
}
