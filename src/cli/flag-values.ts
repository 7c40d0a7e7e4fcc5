// Turns split flag tokens into a command's typed flags: each definition's own parse, then defaults, then `exclusive`.
// Takes the place of oclif's parser, which reads a container's arguments as its own flags.

import { UsageError } from '../model/errors.js'
import { type FlagShape, type FlagToken, splitWords } from './pflag.js'

/** What is read of an oclif flag definition here. */
export interface FlagDefinition extends FlagShape {
  readonly multiple?: boolean | undefined
  readonly delimiter?: string | undefined
  readonly options?: readonly string[] | undefined
  readonly default?: unknown
  /** Its values never appear in an error. */
  readonly secret?: boolean | undefined
  readonly emptyIsUnsaid?: boolean | undefined
  readonly exclusive?: readonly unknown[] | undefined
  // biome-ignore lint/suspicious/noExplicitAny: oclif's own signature takes a command and the flag's options, none of which is used
  readonly parse: (input: any, context: any, options: any) => Promise<unknown>
}
export type FlagDefinitions = Readonly<Record<string, FlagDefinition>>

export interface ParsedWords {
  readonly flags: Readonly<Record<string, unknown>>
  readonly positionals: readonly string[]
  readonly tokens: readonly FlagToken[]
}

export async function parseWords(
  words: readonly string[],
  definitions: FlagDefinitions,
  interspersed: boolean,
): Promise<ParsedWords> {
  const { tokens, positionals } = splitWords(words, definitions, interspersed)
  const flags: Record<string, unknown> = {}
  for (const { flag, input } of tokens) {
    const definition = definitions[flag] as FlagDefinition
    if (input === '' && definition.emptyIsUnsaid === true) {
      if (!definition.multiple) delete flags[flag]
      continue
    }
    const value = await parseValue(flag, definition, input)
    flags[flag] = definition.multiple
      ? [...((flags[flag] as unknown[] | undefined) ?? []), ...(value as unknown[])]
      : value
  }
  refuseExclusive(flags, definitions)
  for (const [name, definition] of Object.entries(definitions))
    if (flags[name] === undefined && definition.default !== undefined) flags[name] = definition.default
  return { flags, positionals, tokens }
}

async function parseValue(name: string, definition: FlagDefinition, input: string): Promise<unknown> {
  try {
    if (definition.type === 'boolean') return parseBool(input)
    if (definition.options !== undefined && !definition.options.includes(input))
      throw new UsageError(`must be one of ${definition.options.join(', ')}`)
    if (!definition.multiple) return await definition.parse(input, undefined, definition)
    const parts = definition.delimiter === ',' ? splitCommas(input) : [input]
    return await Promise.all(parts.map((part) => definition.parse(part, undefined, definition)))
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    const shown = definition.secret === true ? '' : ` "${input}"`
    throw new UsageError(`invalid argument${shown} for "${shownName(name, definition)}" flag: ${error.message}`, {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    })
  }
}

const shownName = (name: string, { char }: FlagShape): string =>
  char === undefined ? `--${name}` : `-${char}, --${name}`

const TRUE = new Set(['1', 't', 'T', 'true', 'TRUE', 'True'])
const FALSE = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False'])

/** The spellings of Go's strconv.ParseBool, and its message. */
export function parseBool(input: string): boolean {
  if (TRUE.has(input)) return true
  if (FALSE.has(input)) return false
  throw new UsageError(`strconv.ParseBool: parsing "${input}": invalid syntax`)
}

/** pflag reads `strings` flags as one CSV record: `a,"b,c"` is two values; the empty string is none. */
export function splitCommas(input: string): readonly string[] {
  if (input === '') return []
  const parts: string[] = []
  for (let at = 0; at <= input.length; at++) {
    const quoted = /^"((?:[^"]|"")*)"(?=,|$)/.exec(input.slice(at))
    const comma = input.indexOf(',', at)
    const end = quoted === null ? (comma < 0 ? input.length : comma) : at + quoted[0].length
    parts.push(quoted === null ? input.slice(at, end) : (quoted[1] as string).replaceAll('""', '"'))
    at = end
  }
  return parts
}

function refuseExclusive(flags: Readonly<Record<string, unknown>>, definitions: FlagDefinitions): void {
  for (const name of Object.keys(flags))
    for (const other of definitions[name]?.exclusive ?? [])
      if (typeof other === 'string' && flags[other] !== undefined && flags[other] !== false && flags[name] !== false)
        throw new UsageError(`--${name} and --${other} cannot be used together`)
}
