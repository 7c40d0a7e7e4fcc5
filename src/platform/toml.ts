// TOML files that people write: what is in them, by key and type. The one door to smol-toml. Every error names the file, and the line or
// the key; what a file says is never trusted to be of the type that was meant. TOML 1.0.

import { parse } from 'smol-toml'
import { BadInputError } from '../model/errors.js'
import { toAccessError } from './access-errors.js'
import { readFileIfExists } from './files.js'

/** Reads one table key by key. A missing key is undefined; one of another type throws BadInputError. */
export interface TomlTable {
  /** Names the file and the key: `FILE: registry 2: name`. */
  readonly subject: (key: string) => string
  readonly text: (key: string) => string | undefined
  readonly flag: (key: string) => boolean | undefined
  /** A whole number, 0 or more. */
  readonly count: (key: string) => number | undefined
  readonly texts: (key: string) => readonly string[] | undefined
  readonly table: (key: string) => TomlTable | undefined
  /** The tables of `[[key]]`; none when there is no such key. */
  readonly tables: (key: string) => readonly TomlTable[]
  /** Throws BadInputError for the first key that nobody has asked for: a misspelt setting must not be a lost one. */
  readonly refuseOthers: () => void
}

/** undefined: there is no such file. Throws BadInputError when it is not TOML, HostError when it may not be read. */
export function readTomlFile(file: string): TomlTable | undefined {
  const text = readText(file)
  return text === undefined ? undefined : openTable(parseToml(text, file), { file, path: [] })
}

function readText(file: string): string | undefined {
  try {
    return readFileIfExists(file)
  } catch (error) {
    throw toAccessError(error, `read: ${file}`)
  }
}

function parseToml(text: string, file: string): Readonly<Record<string, unknown>> {
  try {
    return parse(text)
  } catch (cause) {
    const { message, line } = cause as Error & { readonly line?: number }
    const [reason = ''] = message.replace('Invalid TOML document: ', '').split('\n')
    throw new BadInputError(`read: ${file}: line ${line ?? 1}: ${reason}`, { cause })
  }
}

interface Place {
  readonly file: string
  readonly path: readonly string[]
}

function openTable(values: Readonly<Record<string, unknown>>, place: Place): TomlTable {
  const asked = new Set<string>()
  const subject = (key: string): string => [place.file, ...place.path, key].join(': ')
  const read = <T>(key: string, is: (value: unknown) => value is T, type: string): T | undefined => {
    asked.add(key)
    const value = Object.hasOwn(values, key) ? values[key] : undefined
    if (value === undefined || is(value)) return value
    throw new BadInputError(`read: ${subject(key)}: not ${type}`)
  }
  const inside = (...path: readonly string[]): Place => ({ file: place.file, path: [...place.path, ...path] })
  return {
    subject,
    text: (key) => read(key, isString, 'a string'),
    flag: (key) => read(key, isBoolean, 'true or false'),
    count: (key) => read(key, isCount, 'a whole number'),
    texts: (key) => read(key, isListOf(isString), 'a list of strings'),
    table: (key) => {
      const value = read(key, isTable, 'a table')
      return value === undefined ? undefined : openTable(value, inside(key))
    },
    tables: (key) =>
      (read(key, isListOf(isTable), `a list of tables, each under [[${key}]]`) ?? []).map((value, index) =>
        openTable(value, inside(`${key} ${index + 1}`)),
      ),
    refuseOthers: () => {
      const other = Object.keys(values).find((key) => !asked.has(key))
      if (other === undefined) return
      const known = asked.size === 0 ? 'none' : [...asked].join(', ')
      throw new BadInputError(`read: ${subject(other)}: unknown key`, { hint: `keys here are: ${known}` })
    },
  }
}

const isString = (value: unknown): value is string => typeof value === 'string'
const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean'
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
const isListOf =
  <T>(is: (value: unknown) => value is T) =>
  (value: unknown): value is T[] =>
    Array.isArray(value) && value.every(is)
