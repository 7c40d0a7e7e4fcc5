// What every command is: an oclif Command whose words are read by podman's grammar and whose errors are main's to print.
// Its subclasses are declarations plus a few lines; they decide nothing about containers.

import type { Interfaces } from '@oclif/core'
import { Command } from '@oclif/core/command'
import type { ErrorContext } from '../cli/error-text.js'
import { type FlagDefinitions, type ParsedWords, parseWords } from '../cli/flag-values.js'
import { toGlobalOptions, withGlobalFlags } from '../cli/global-flags.js'
import { commandHelp, type GROUPS } from '../cli/help.js'
import { hideSecrets } from '../cli/hide-secrets.js'
import { writeErr, writeOut } from '../cli/output.js'
import { createProgress } from '../cli/progress.js'
import { checkTargets, type TargetFlags } from '../cli/target-flags.js'
import type { Engine } from '../engine/engine.js'
import type { Target } from '../engine/targets.js'
import type { ContainerView } from '../model/container.js'
import { UsageError } from '../model/errors.js'

/** How many arguments a command takes, and what they are called in the error. */
export interface Arity {
  readonly min: number
  readonly max: number
  readonly of: string
}
export const NO_ARGUMENTS: Arity = { min: 0, max: 0, of: '' }

export interface CommandContext extends ErrorContext {
  /** How the command was typed: `image ls`. */
  readonly command: string
  /** All that was typed. */
  readonly commandLine: readonly string[]
  debug: boolean
}

// biome-ignore lint/suspicious/noExplicitAny: the bound of oclif's own type parameters
type Words = Record<string, any>

/** All that oclif's Command reads of a Config in our way of running it. */
type OclifConfig = ConstructorParameters<typeof Command>[1]
const CONFIG = { bin: 'lichen', name: 'lichen' } as OclifConfig

export abstract class BaseCommand extends Command {
  /** Arguments are counted here (`arity`), not declared to oclif: it would read stdin for missing ones. */
  static override strict = false
  static override summary: string
  static override description: string
  static override usage: string
  static override examples: string[] = []
  static override flags: Interfaces.FlagInput = {}
  static group: (typeof GROUPS)[number]
  static arity: Arity = NO_ARGUMENTS
  /** False: flags end at the first argument, the rest belongs to a container's command. */
  static interspersed = true

  words: ParsedWords = { flags: {}, positionals: [], tokens: [] }
  /** All that was typed, but for secrets: it is kept with what it makes. */
  commandLine: readonly string[] = []
  errorContext: ErrorContext = { debug: false }

  /** The exit code; nothing means 0. */
  abstract override run(): Promise<number> | Promise<void>

  /** Same result as oclif's parse, from podman's grammar. */
  protected override async parse<F extends Words, B extends Words, A extends Words>(
    _options?: Interfaces.Input<F, B, A>,
  ): Promise<Interfaces.ParserOutput<F, B, A>> {
    const { flags, positionals } = this.words
    return { flags, args: {}, argv: positionals, raw: [], metadata: { flags: {} }, nonExistentFlags: [] } as never
  }

  protected async openEngine({ showProgress = false } = {}): Promise<Engine> {
    const { openEngine } = await import('../engine/engine.js')
    const report = showProgress ? { report: createProgress() } : {}
    return openEngine({ ...toGlobalOptions(this.words.flags), ...report })
  }

  /** On stderr, unless only errors are wanted. */
  protected showWarnings(warnings: readonly string[]): void {
    if (this.words.flags['log-level'] === 'error') return
    for (const warning of warnings) writeErr(`Warning: ${warning}\n`)
  }

  /** The containers a verb is for, by its names and flags. `among`: what must be true of those that nobody named. */
  protected async targets(
    engine: Engine,
    names: readonly string[],
    { among, ignore = false, ...flags }: TargetChoice,
  ): Promise<readonly Target[]> {
    checkTargets(names, flags)
    const { findTargets } = await import('../engine/targets.js')
    const { all = false, latest = false, cidfile: cidfiles = [], filter: filters = [] } = flags
    const request = { names, all, latest, cidfiles, filters, ignoreMissing: ignore }
    return await findTargets(engine, among === undefined ? request : { ...request, among })
  }

  /** For verbs about a single container: the one named, or the newest. */
  protected async target(engine: Engine, names: readonly string[], latest: boolean): Promise<string> {
    const [target] = await this.targets(engine, names, { latest })
    return target?.id ?? ''
  }
}

export interface TargetChoice extends TargetFlags {
  readonly among?: (view: ContainerView) => boolean
  readonly ignore?: boolean
}

type Declaration = 'summary' | 'description' | 'usage' | 'examples' | 'flags' | 'interspersed' | 'arity'

/** What a command's class declares, and how to make one (which an abstract class leaves out). */
export type CommandClass = Pick<typeof BaseCommand, Declaration> &
  (new (
    argv: string[],
    config: OclifConfig,
  ) => BaseCommand)

/**
 * Runs a command without an oclif Config or parser. Resolves to the process's exit code. Sets `context.debug` when the
 * command's own words ask for it, so that an error that comes later is shown accordingly.
 */
export async function runCommand(
  Class: CommandClass,
  argv: readonly string[],
  context: CommandContext,
): Promise<number> {
  const { summary, description, usage, examples, interspersed, arity } = Class
  const flags = Class.flags as FlagDefinitions
  const words = await parseWords(argv, withGlobalFlags(flags), interspersed)
  if (words.flags.help === true) {
    writeOut(commandHelp(context.command, { summary, description, usage, examples, flags }))
    return 0
  }
  context.debug ||= words.flags['log-level'] === 'debug'
  checkArity(context.command, words.positionals.length, arity)
  const command = new Class([], CONFIG)
  command.words = words
  command.commandLine = hideSecrets(context.commandLine, words.tokens, flags)
  command.errorContext = context
  return (await command.run()) ?? 0
}

function checkArity(name: string, count: number, { min, max, of }: Arity): void {
  if (count >= min && count <= max) return
  if (max === 0) throw new UsageError(`\`lichen ${name}\` takes no arguments`)
  const [bound, limit] = count < min ? ['at least', min] : ['at most', max]
  throw new UsageError(`\`lichen ${name}\` needs ${bound} ${limit} ${of}${limit === 1 ? '' : 's'}, not ${count}`)
}
