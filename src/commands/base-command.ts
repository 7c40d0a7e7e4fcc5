// What every command is: an oclif Command whose words are read by podman's grammar and whose errors are main's to print.
// Its subclasses are declarations plus a few lines; they decide nothing about containers.

import type { Interfaces } from '@oclif/core'
import { Command } from '@oclif/core/command'
import type { ErrorContext } from '../cli/error-text.js'
import { type FlagDefinitions, type ParsedWords, parseWords } from '../cli/flag-values.js'
import { toGlobalOptions, withGlobalFlags } from '../cli/global-flags.js'
import { commandHelp, type GROUPS } from '../cli/help.js'
import { writeOut } from '../cli/output.js'
import type { Engine } from '../engine/engine.js'
import { UsageError } from '../model/errors.js'
import { isLive } from '../model/status.js'

/** How many arguments a command takes, and what they are called in the error. */
export interface Arity {
  readonly min: number
  readonly max: number
  readonly of: string
}
export const NO_ARGUMENTS: Arity = { min: 0, max: 0, of: '' }

export interface Invocation {
  /** How the command was typed: `image ls`. */
  readonly name: string
  readonly debug: boolean
}

/** All that oclif's Command reads of a Config in our way of running it. */
const CONFIG = { bin: 'lichen', name: 'lichen' } as Interfaces.Config

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

  private words: ParsedWords = { flags: {}, positionals: [], tokens: [] }
  protected errorContext: ErrorContext = { debug: false }

  /** Runs a command without an oclif Config or parser. Resolves to the process's exit code. */
  static async execute(argv: readonly string[], { name, debug }: Invocation): Promise<number> {
    const flags = withGlobalFlags(this.flags as FlagDefinitions)
    const words = await parseWords(argv, flags, this.interspersed)
    if (words.flags['help'] === true) {
      writeOut(commandHelp(name, { ...this, flags: this.flags as FlagDefinitions, ...helpTexts(this) }))
      return 0
    }
    checkArity(name, words.positionals.length, this.arity)
    // biome-ignore lint/complexity/noThisInStatic: the subclass that is being run
    const command = new (this as unknown as new (argv: string[], config: Interfaces.Config) => BaseCommand)([], CONFIG)
    command.words = words
    command.errorContext = { command: name, debug }
    return (await command.run()) ?? 0
  }

  /** The exit code; nothing means 0. */
  abstract override run(): Promise<number | undefined | void>

  /** Same result as oclif's parse, from podman's grammar. */
  // biome-ignore lint/suspicious/noExplicitAny: oclif's own bounds
  protected override async parse<
    F extends Record<string, any>,
    B extends Record<string, any>,
    A extends Record<string, any>,
  >(_options?: Interfaces.Input<F, B, A>): Promise<Interfaces.ParserOutput<F, B, A>> {
    const { flags, positionals } = this.words
    return { flags, args: {}, argv: positionals, raw: [], metadata: { flags: {} }, nonExistentFlags: [] } as never
  }

  protected async openEngine(): Promise<Engine> {
    const { openEngine } = await import('../engine/engine.js')
    return openEngine(toGlobalOptions(this.words.flags))
  }

  /** The containers a verb is for: those named, or with `all` those there are (`running`: that run). */
  protected async targets(
    engine: Engine,
    names: readonly string[],
    all: false | 'all' | 'running',
  ): Promise<readonly string[]> {
    if (all === false && names.length === 0) throw new UsageError('name at least one container, or use --all')
    if (all === false) return names
    if (names.length > 0) throw new UsageError('when using --all, no container may be named')
    const { listContainers } = await import('../engine/ps.js')
    const views = await listContainers(engine)
    return views.filter(({ status }) => all === 'all' || isLive(status)).map(({ record }) => record.id)
  }
}

const helpTexts = ({ summary, description, usage, examples }: typeof BaseCommand) => ({
  summary,
  description,
  usage,
  examples,
})

function checkArity(name: string, count: number, { min, max, of }: Arity): void {
  if (count >= min && count <= max) return
  if (max === 0) throw new UsageError(`\`lichen ${name}\` takes no arguments`)
  const [bound, limit] = count < min ? ['at least', min] : ['at most', max]
  throw new UsageError(`\`lichen ${name}\` needs ${bound} ${limit} ${of}${limit === 1 ? '' : 's'}, not ${count}`)
}
