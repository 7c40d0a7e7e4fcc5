// Finds the command that was typed: global flags, topics (`image ls`), aliases, and what to say about an unknown name.
// Decides only where to go; it loads nothing and prints nothing.

import { UsageError } from '../model/errors.js'
import type { FlagDefinitions } from './flag-values.js'
import { parseBool } from './flag-values.js'
import { type FlagToken, splitWords } from './pflag.js'

/** One command of the generated table. */
export interface CommandEntry<C = unknown> {
  /** Every way to type it, the first is its own name; topics are parted by a space: `images`, `image ls`. */
  readonly names: readonly string[]
  /** Names that work but are not listed. */
  readonly hiddenNames: readonly string[]
  readonly summary: string
  readonly group: string
  readonly load: () => Promise<C>
}

export interface CommandTable<C = unknown> {
  readonly commands: readonly CommandEntry<C>[]
  /** Topic → its summary. */
  readonly topics: Readonly<Record<string, string>>
}

export type Route<C = unknown> =
  /** `words`: the global flags typed before the name, then everything after it. */
  | {
      readonly kind: 'command'
      readonly name: string
      readonly entry: CommandEntry<C>
      readonly words: readonly string[]
    }
  /** `topic`: undefined for the whole program. `asked`: by --help or `help`, so it is no error. */
  | { readonly kind: 'help'; readonly topic?: string; readonly asked: boolean }
  | { readonly kind: 'version' }

interface Tables<C> {
  readonly table: CommandTable<C>
  readonly rootFlags: FlagDefinitions
}

export function route<C>(words: readonly string[], table: CommandTable<C>, rootFlags: FlagDefinitions): Route<C> {
  const { tokens, positionals } = splitWords(words, rootFlags, false)
  if (isOn(tokens, 'version')) return { kind: 'version' }
  const [first, ...rest] = positionals
  if (first === undefined) return { kind: 'help', asked: isOn(tokens, 'help') }
  if (first === 'help') return routeHelp(rest, table)
  if (Object.hasOwn(table.topics, first)) return routeTopic(first, { tokens, rest }, { table, rootFlags })
  return toCommand(first, { tokens, rest }, table)
}

/** The global flags before a name, and everything after it. */
interface Around {
  readonly tokens: readonly FlagToken[]
  readonly rest: readonly string[]
}

const isOn = (tokens: readonly FlagToken[], flag: string): boolean =>
  tokens.some((token) => token.flag === flag && parseBool(token.input))

/** `help run`, `help image ls`, `help image`. */
function routeHelp<C>(words: readonly string[], table: CommandTable<C>): Route<C> {
  const name = words.filter((word) => !word.startsWith('-')).join(' ')
  if (name === '') return { kind: 'help', asked: true }
  if (Object.hasOwn(table.topics, name)) return { kind: 'help', topic: name, asked: true }
  return { kind: 'command', name, entry: findCommand(name, table), words: ['--help'] }
}

function routeTopic<C>(topic: string, outer: Around, { table, rootFlags }: Tables<C>): Route<C> {
  const split = splitWords(outer.rest, rootFlags, false)
  const tokens = [...outer.tokens, ...split.tokens]
  const [verb, ...rest] = split.positionals
  if (verb === undefined) return { kind: 'help', topic, asked: isOn(tokens, 'help') }
  return toCommand(`${topic} ${verb}`, { tokens, rest }, table)
}

function toCommand<C>(name: string, { tokens, rest }: Around, table: CommandTable<C>): Route<C> {
  const globals = tokens.map(({ flag, input }) => `--${flag}=${input}`)
  return { kind: 'command', name, entry: findCommand(name, table), words: [...globals, ...rest] }
}

function findCommand<C>(name: string, table: CommandTable<C>): CommandEntry<C> {
  const found = table.commands.find(({ names, hiddenNames }) => names.includes(name) || hiddenNames.includes(name))
  if (found !== undefined) return found
  const near = suggest(name, [...table.commands.flatMap(({ names }) => names), ...Object.keys(table.topics)])
  const topic = name.split(' ')[0] as string
  const all = Object.hasOwn(table.topics, topic) ? `lichen ${topic} --help` : 'lichen --help'
  throw new UsageError(`unrecognized command \`lichen ${name}\``, {
    hint: near === undefined ? `'${all}' lists the commands` : `did you mean \`lichen ${near}\`?`,
  })
}

/** The nearest name within the same topic: at most two edits away, or one that starts with what was typed. */
export function suggest(typed: string, names: readonly string[]): string | undefined {
  const depth = typed.split(' ').length
  const ranked = names
    .filter((name) => name.split(' ').length === depth)
    .map((name) => ({ name, edits: name.startsWith(typed) ? 1 : editDistance(typed, name) }))
    .filter(({ name, edits }) => edits <= 2 && edits < name.length)
    .sort((a, b) => a.edits - b.edits)
  return ranked[0]?.name
}

/** Levenshtein's distance, row by row. */
export function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] as number) + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    row = next
  }
  return row[to.length] as number
}
