// Builders for oclif flag definitions in podman's kinds: the word shown in help, how lists are split, which value is implied.
// A command declares its flags with these and nothing else, so that help, completions, man pages and parsing agree.

import type { Interfaces } from '@oclif/core'
import * as oclif from '@oclif/core/flags'
import { UsageError } from '../model/errors.js'

interface FlagOptions {
  readonly char?: Interfaces.AlphabetLowercase | Interfaces.AlphabetUppercase
  readonly hidden?: boolean
  readonly exclusive?: string[]
  /** Other names that work and are not shown. */
  readonly aliases?: readonly string[]
}
interface ValueOptions extends FlagOptions {
  /** The word for the value in help: `string`, `uint`, `duration` … */
  readonly type?: string
  /** Shown in help where the default is the engine's to choose. */
  readonly defaultHelp?: string
  readonly choices?: readonly string[]
  /** Its values never appear in an error. */
  readonly secret?: boolean
  /** What the flag means without a value; a value then needs `=`. */
  readonly noOptDefault?: string
  /** `--flag ''`, as scripts type with a variable that is empty, is no flag at all. */
  readonly emptyIsUnsaid?: boolean
}

export function toggle(description: string, options: FlagOptions & { readonly default?: boolean } = {}) {
  return oclif.boolean({ description, default: false, ...options } as never) as Interfaces.BooleanFlag<boolean>
}

export function value<T>(
  description: string,
  parse: (input: string) => T,
  options: ValueOptions & { readonly default: T },
): Interfaces.OptionFlag<T>
export function value<T>(
  description: string,
  parse: (input: string) => T,
  options?: ValueOptions,
): Interfaces.OptionFlag<T | undefined>
export function value<T>(
  description: string,
  parse: (input: string) => T,
  options: ValueOptions & { readonly default?: T } = {},
): Interfaces.OptionFlag<T | undefined> {
  const { type = 'string', choices, ...rest } = options
  const definition = { ...rest, description, helpValue: type, parse: async (input: string) => parse(input) }
  return { ...oclif.custom(definition as never)(), ...(choices === undefined ? {} : { options: choices }) } as never
}

/** `strings`: repeatable, and each value may be a comma-separated list. `stringArray`: repeatable, commas are kept. */
export function list<T>(
  description: string,
  parse: (input: string) => T,
  options: ValueOptions & { readonly commas?: boolean } = {},
): Interfaces.OptionFlag<T[]> {
  const { commas = false, type = commas ? 'strings' : 'stringArray', ...rest } = options
  const split = commas ? { delimiter: ',' } : {}
  return value<unknown>(description, parse, { ...rest, ...split, type, multiple: true, default: [] } as never) as never
}

/** A flag of podman's or docker's that cannot be kept here: it is named with the reason, instead of being unknown or, worse, ignored. */
export function refused(reason: string, options: FlagOptions = {}): Interfaces.OptionFlag<undefined> {
  const refuse = (): never => {
    throw new UsageError(`not supported: ${reason}`)
  }
  return value<undefined>(reason, refuse, { hidden: true, ...options }) as Interfaces.OptionFlag<undefined>
}

export const asText = (input: string): string => input

/** A whole number ≥ 0, with Go's message for anything else. */
export function asUint(input: string): number {
  if (/^\d+$/.test(input) && Number.isSafeInteger(Number(input))) return Number(input)
  throw new UsageError(`strconv.ParseUint: parsing "${input}": invalid syntax`)
}

export function asInt(input: string): number {
  if (/^[+-]?\d+$/.test(input) && Number.isSafeInteger(Number(input))) return Number(input)
  throw new UsageError(`strconv.ParseInt: parsing "${input}": invalid syntax`)
}
