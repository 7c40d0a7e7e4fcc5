// Help in the look of podman's (cobra), from the commands' static fields. Plain padding only: it takes about a millisecond.

import type { FlagDefinition, FlagDefinitions } from './flag-values.js'
import type { CommandEntry, CommandTable } from './router.js'

export interface CommandHelp {
  readonly summary: string
  readonly description: string
  /** What follows the command's name: `[options] IMAGE [COMMAND [ARG...]]`. */
  readonly usage: string
  readonly examples: readonly string[]
  readonly flags: FlagDefinitions
}

/** The fields of a flag definition that only help reads. */
export interface ShownFlag extends FlagDefinition {
  readonly description?: string
  readonly helpValue?: string
  readonly defaultHelp?: unknown
  readonly hidden?: boolean
}

export const GROUPS = ['Containers', 'Images', 'System'] as const

export function commandHelp(name: string, help: CommandHelp): string {
  const usage = help.usage === '' ? name : `${name} ${help.usage}`
  return [
    `${help.summary}\n`,
    section('Description', indent(help.description)),
    section('Usage', `  lichen ${usage}\n`),
    section('Examples', help.examples.map((example) => `  ${example}\n`).join('')),
    section('Options', flagLines(help.flags)),
    `\n'lichen --help' lists the global options, which may stand here too.\n`,
  ].join('')
}

export function programHelp(table: CommandTable, flags: FlagDefinitions): string {
  const rows = new Map<string, string[][]>(GROUPS.map((group) => [group, []]))
  for (const { names, summary, group } of table.commands)
    if (isTopLevel(names)) rows.get(group)?.push([names[0] as string, summary])
  rows.set(
    'Topics',
    Object.entries(table.topics).map(([topic, summary]) => [topic, summary]),
  )
  const width = Math.max(...[...rows.values()].flat().map(([name]) => (name as string).length))
  return [
    'Run containers without root and without a daemon\n',
    section('Usage', '  lichen [options] COMMAND\n'),
    ...[...rows].map(([title, lines]) => section(title, twoColumns(lines, width))),
    section('Options', flagLines(flags)),
    `\n'lichen COMMAND --help' tells more about a command.\n`,
  ].join('')
}

const isTopLevel = (names: readonly string[]): boolean => !(names[0] as string).includes(' ')

/** `lichen image`: each command once, under its first name in the topic. */
export function topicHelp(table: CommandTable, topic: string): string {
  const rows = table.commands
    .flatMap((entry) => topicRow(entry, `${topic} `))
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1))
  const width = Math.max(...rows.map(([name]) => (name as string).length))
  return [
    `${table.topics[topic]}\n`,
    section('Usage', `  lichen ${topic} COMMAND\n`),
    section('Commands', twoColumns(rows, width)),
  ].join('')
}

function topicRow({ names, summary }: CommandEntry, prefix: string): string[][] {
  const name = names.find((it) => it.startsWith(prefix))
  return name === undefined ? [] : [[name.slice(prefix.length), summary]]
}

/** Options sorted by name, `-x, ` only where there is a letter, descriptions in one column. */
export function flagLines(flags: FlagDefinitions): string {
  const rows = (Object.entries(flags) as [string, ShownFlag][])
    .filter(([, flag]) => flag.hidden !== true)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, flag]) => [flagColumn(name, flag), (flag.description ?? '') + defaultText(flag)])
  return twoColumns(rows, Math.max(...rows.map(([left]) => (left as string).length)))
}

function flagColumn(name: string, flag: ShownFlag): string {
  const letter = flag.char === undefined ? '    ' : `-${flag.char}, `
  return `${letter}--${name}${flag.type === 'boolean' ? '' : ` ${flag.helpValue ?? 'string'}`}`
}

function defaultText(flag: ShownFlag): string {
  const shown = flag.defaultHelp ?? flag.default
  if (shown === undefined || shown === false || shown === '' || (Array.isArray(shown) && shown.length === 0)) return ''
  const quoted = typeof shown === 'string' && (flag.helpValue ?? 'string') === 'string'
  return ` (default ${quoted ? `"${shown}"` : String(shown)})`
}

const section = (title: string, body: string): string => (body === '' ? '' : `\n${title}:\n${body}`)
const indent = (text: string): string => text.replaceAll(/^(?=.)/gm, '  ').concat(text === '' ? '' : '\n')
const twoColumns = (rows: readonly (readonly string[])[], width: number): string =>
  rows.map(([left = '', right = '']) => `  ${left.padEnd(width)}   ${right}`.trimEnd().concat('\n')).join('')
