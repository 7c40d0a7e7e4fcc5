// Template text → tokens, as Go's text/template/parse/lex.go: literal text, and inside {{ }} the words of actions.
// Trim markers and comments are settled here; the parser never sees them.

import type { Span } from './nodes.js'
import { templateError } from './template-error.js'

export type TokenKind =
  | 'text'
  | 'open' // {{
  | 'close' // }}
  | 'identifier'
  | 'field' // .Name
  | 'dot'
  | 'variable' // $, $name
  | 'string'
  | 'number'
  | 'punctuation' // | ( ) , := =
  | 'end of template'

export interface Token {
  readonly kind: TokenKind
  /** Of strings and numbers the value, of fields and variables the name without its mark. */
  readonly value: string | number
  readonly span: Span
  /** Whether white space stands before it: `.A .B` are two values, `.A.B` is one. */
  readonly spaced: boolean
}

export interface Source {
  readonly name: string
  readonly text: string
}

const COMMENT = /\{\{(- )?\/\*[\s\S]*?\*\/( -)?\}\}/y
const SPACE = /\s+/y
const WORDS: readonly (readonly [TokenKind, RegExp])[] = [
  ['field', /\.[\p{L}_][\p{L}\p{N}_]*/uy],
  [
    'number',
    /[+-]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![\p{L}\p{N}_])/uy,
  ],
  ['number', /'(?:[^'\\\n]|\\.[^']*)'/uy],
  ['dot', /\./y],
  ['variable', /\$[\p{L}\p{N}_]*/uy],
  ['string', /"(?:[^"\\\n]|\\.)*"|`[^`]*`/y],
  ['punctuation', /:=|[|(),=]/y],
  ['identifier', /[\p{L}_][\p{L}\p{N}_]*/uy],
]

export function tokenize(source: Source): readonly Token[] {
  const tokens: Token[] = []
  const { text } = source
  let trimLeft = false
  for (let at = 0; at < text.length; ) {
    const open = text.indexOf('{{', at)
    const textEnd = open < 0 ? text.length : open
    const trimRight = open >= 0 && /^\{\{-\s/.test(text.slice(open, open + 4))
    const literal = trimText(text.slice(at, textEnd), trimLeft, trimRight)
    if (literal !== '') tokens.push({ kind: 'text', value: literal, span: { from: at, to: textEnd }, spaced: false })
    if (open < 0) break
    const action = readAction(source, open, trimRight)
    tokens.push(...action.tokens)
    trimLeft = action.trims
    at = action.end
  }
  const end = { from: text.length, to: text.length }
  return [...tokens, { kind: 'end of template', value: '', span: end, spaced: false }]
}

/** White space as Go's trim markers mean it. */
function trimText(text: string, left: boolean, right: boolean): string {
  const trimmed = left ? text.replace(/^[ \t\r\n]+/, '') : text
  return right ? trimmed.replace(/[ \t\r\n]+$/, '') : trimmed
}

interface Action {
  readonly tokens: readonly Token[]
  readonly end: number
  /** Closed by ` -}}`. */
  readonly trims: boolean
}

function readAction(source: Source, open: number, trimRight: boolean): Action {
  const { text } = source
  const comment = matchAt(COMMENT, text, open)
  if (comment !== undefined) return { tokens: [], end: open + comment.length, trims: / -\}\}$/.test(comment) }
  if (/^\{\{(- )?\/\*/.test(text.slice(open, open + 6))) throw templateError(source, open, 'unclosed comment')
  const opened = open + (trimRight ? 3 : 2)
  const tokens: Token[] = [{ kind: 'open', value: '{{', span: { from: open, to: opened }, spaced: false }]
  for (let at = opened; at < text.length; ) {
    const space = matchAt(SPACE, text, at)?.length ?? 0
    at += space
    const trims = space > 0 && text.startsWith('-}}', at)
    if (trims || text.startsWith('}}', at)) {
      const end = at + (trims ? 3 : 2)
      return {
        tokens: [...tokens, { kind: 'close', value: '}}', span: { from: at, to: end }, spaced: space > 0 }],
        end,
        trims,
      }
    }
    const token = readToken(source, at, space > 0)
    tokens.push(token)
    at = token.span.to
  }
  throw templateError(source, open, 'unclosed action')
}

function readToken(source: Source, at: number, spaced: boolean): Token {
  if (at >= source.text.length) throw templateError(source, at, 'unclosed action')
  for (const [kind, pattern] of WORDS) {
    const word = matchAt(pattern, source.text, at)
    if (word === undefined) continue
    return { kind, value: readValue(source, at, kind, word), span: { from: at, to: at + word.length }, spaced }
  }
  const char = source.text[at] as string
  const what = /["`']/.test(char) ? 'unterminated quoted string' : `unexpected ${JSON.stringify(char)} in command`
  throw templateError(source, at, what)
}

function readValue(source: Source, at: number, kind: TokenKind, word: string): string | number {
  switch (kind) {
    case 'field':
    case 'variable':
      return word.slice(1)
    case 'string':
      return word.startsWith('`') ? word.slice(1, -1) : unquote(source, at, word.slice(1, -1))
    case 'number':
      return readNumber(source, at, word)
    default:
      return word
  }
}

function readNumber(source: Source, at: number, word: string): number {
  if (word.startsWith("'")) {
    const chars = [...unquote(source, at, word.slice(1, -1))]
    if (chars.length === 1) return (chars[0] as string).codePointAt(0) as number
    throw templateError(source, at, `malformed character constant: ${word}`)
  }
  const digits = word.replace(/^\+/, '').replaceAll('_', '')
  return digits.startsWith('-') ? -Number(digits.slice(1)) : Number(digits)
}

const ESCAPES: Readonly<Record<string, string>> = {
  ...{ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' },
  ...{ '\\': '\\', '"': '"', "'": "'" },
}

/** Go's escapes in quoted strings. */
function unquote(source: Source, at: number, text: string): string {
  return text.replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|.)/gs, (_, code: string) => {
    const hex = /^[xuU](.+)/.exec(code)?.[1]
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16))
    if (/^[0-7]{3}$/.test(code)) return String.fromCharCode(Number.parseInt(code, 8))
    const char = ESCAPES[code]
    if (char === undefined) throw templateError(source, at, 'invalid syntax in quoted string')
    return char
  })
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}
