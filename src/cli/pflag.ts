// Splits a command's words into flags and arguments by podman's grammar (spf13/pflag), over oclif's flag definitions.
// Knows nothing of values: flag-values.ts turns the tokens into them. Messages are pflag's own.

import { UsageError } from '../model/errors.js'

/** The part of an oclif flag definition that decides how words are split. */
export interface FlagShape {
  readonly type: 'boolean' | 'option'
  readonly char?: string | undefined
  /** Other long names of the same flag. */
  readonly aliases?: readonly string[] | undefined
  /** What a valueless `--flag` means; with it a value is only taken after `=`. Booleans have `true`. */
  readonly noOptDefault?: string | undefined
}
export type FlagShapes = Readonly<Record<string, FlagShape>>

export interface FlagToken {
  readonly flag: string
  readonly input: string
}

export interface SplitWords {
  readonly tokens: readonly FlagToken[]
  /** In the order typed, untouched. */
  readonly positionals: readonly string[]
}

interface Cursor {
  readonly words: readonly string[]
  at: number
  readonly tokens: FlagToken[]
}

/** `interspersed: false` stops at the first argument (run, create, exec): what follows belongs to the container. */
export function splitWords(words: readonly string[], shapes: FlagShapes, interspersed: boolean): SplitWords {
  const cursor: Cursor = { words, at: 0, tokens: [] }
  const positionals: string[] = []
  const byChar = namesByChar(shapes)
  for (; cursor.at < words.length; cursor.at++) {
    const word = words[cursor.at] as string
    if (word === '--') {
      cursor.at++
      break
    }
    if (!word.startsWith('-') || word === '-') {
      if (!interspersed) break
      positionals.push(word)
    } else if (word.startsWith('--')) readLongFlag(cursor, word, shapes)
    else readShortFlags(cursor, word, shapes, byChar)
  }
  return { tokens: cursor.tokens, positionals: [...positionals, ...words.slice(cursor.at)] }
}

function namesByChar(shapes: FlagShapes): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const [name, shape] of Object.entries(shapes)) if (shape.char !== undefined) names.set(shape.char, name)
  return names
}

function readLongFlag(cursor: Cursor, word: string, shapes: FlagShapes): void {
  const equals = word.indexOf('=')
  const typed = word.slice(2, equals < 0 ? undefined : equals)
  if (typed === '' || typed.startsWith('-')) throw new UsageError(`bad flag syntax: ${word}`)
  const flag = Object.hasOwn(shapes, typed) ? typed : findAliased(typed, shapes)
  const shape = flag === undefined ? undefined : shapes[flag]
  if (flag === undefined || shape === undefined) throw new UsageError(`unknown flag: --${typed}`)
  if (equals >= 0) cursor.tokens.push({ flag, input: word.slice(equals + 1) })
  else cursor.tokens.push({ flag, input: impliedValue(shape) ?? nextWord(cursor, `--${typed}`) })
}

const findAliased = (typed: string, shapes: FlagShapes): string | undefined =>
  Object.keys(shapes).find((name) => shapes[name]?.aliases?.includes(typed))

/** `-it`, `-dp 80:80`, `-p8080:80`, `-eA=b`, `-t=false`. */
function readShortFlags(cursor: Cursor, word: string, shapes: FlagShapes, byChar: ReadonlyMap<string, string>): void {
  for (let at = 1; at < word.length; at++) {
    const char = word[at] as string
    const flag = byChar.get(char)
    const shape = flag === undefined ? undefined : shapes[flag]
    if (flag === undefined || shape === undefined)
      throw new UsageError(`unknown shorthand flag: '${char}' in -${word.slice(at)}`)
    const rest = word.slice(at + 1)
    const implied = impliedValue(shape)
    if (rest.startsWith('=')) cursor.tokens.push({ flag, input: rest.slice(1) })
    else if (implied !== undefined) {
      cursor.tokens.push({ flag, input: implied })
      continue
    } else if (rest !== '') cursor.tokens.push({ flag, input: rest })
    else cursor.tokens.push({ flag, input: nextWord(cursor, `'${char}' in -${word.slice(at)}`) })
    return
  }
}

function impliedValue(shape: FlagShape): string | undefined {
  return shape.noOptDefault ?? (shape.type === 'boolean' ? 'true' : undefined)
}

/** A flag takes the next word whatever it looks like: `--entrypoint -it` is legal. */
function nextWord(cursor: Cursor, shown: string): string {
  const word = cursor.words[++cursor.at]
  if (word === undefined) throw new UsageError(`flag needs an argument: ${shown}`)
  return word
}
