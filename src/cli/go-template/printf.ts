// Go's fmt.Sprintf for the values templates have, with its own complaints (`%!d(string=x)`, `%!s(MISSING)`) in the output.

import { formatValue, isList, isMap, isPrintable, plainOf, sortedEntries, typeName } from './values.js'

const DIRECTIVE = /%([-+# 0]*)(\*|\d+)?(?:\.(\*|\d+)?)?(?:\[(\d+)\])?(.)?/gsu

interface Directive {
  readonly flags: string
  readonly width: number
  readonly precision: number | undefined
  readonly verb: string
}

export function sprintf(format: string, args: readonly unknown[]): string {
  let used = 0
  let isReordered = false
  const take = (): unknown => args[used++]
  const text = format.replace(
    DIRECTIVE,
    (whole: string, flags: string, width?: string, precision?: string, position?: string, verb?: string) => {
      if (verb === undefined) return '%!(NOVERB)'
      if (verb === '%') return '%'
      const asked = width === '*' ? Number(take()) : Number(width ?? 0)
      const hasPrecision = /\.(\*|\d*)/.test(whole.slice(1 + flags.length))
      const digits = precision === '*' ? Number(take()) : Number(precision ?? 0)
      if (position !== undefined) {
        used = Number(position) - 1
        isReordered = true
      }
      if (used >= args.length) return `%!${verb}(MISSING)`
      const left = asked < 0 ? `${flags}-` : flags
      return formatArgument(
        { flags: left, width: Math.abs(asked), precision: hasPrecision ? digits : undefined, verb },
        take(),
      )
    },
  )
  if (isReordered) return text
  const extra = args.slice(used).map((it) => `${typeName(it)}=${formatValue(it)}`)
  return extra.length === 0 ? text : `${text}%!(EXTRA ${extra.join(', ')})`
}

/** Lists and maps are formatted element by element with the same directive. */
function formatArgument(directive: Directive, value: unknown): string {
  const { verb } = directive
  if (verb !== 'v' && verb !== 'T' && isList(value))
    return `[${value.map((it) => formatArgument(directive, it)).join(' ')}]`
  if (verb !== 'v' && verb !== 'T' && isMap(value)) {
    const entries = sortedEntries(value).map(
      ([key, it]) => `${formatArgument(directive, key)}:${formatArgument(directive, it)}`,
    )
    return `map[${entries.join(' ')}]`
  }
  const text =
    convert(directive, value) ??
    `%!${verb}(${typeName(value)}${value === undefined || value === null ? '' : `=${formatValue(value)}`})`
  return pad(text, directive, typeof value === 'number')
}

function pad(text: string, { flags, width, verb }: Directive, isNumber: boolean): string {
  const length = [...text].length
  if (length >= width) return text
  if (flags.includes('-')) return text + ' '.repeat(width - length)
  if (!flags.includes('0') || !(isNumber || verb === 's')) return ' '.repeat(width - length) + text
  const sign = isNumber ? (/^[+-]/.exec(text)?.[0] ?? '') : ''
  return sign + '0'.repeat(width - length) + text.slice(sign.length)
}

/** Undefined: the verb does not fit the value. */
function convert(directive: Directive, value: unknown): string | undefined {
  if (directive.verb === 'T') return typeName(value)
  if (directive.verb === 'v')
    return directive.flags.includes('#') && typeof value === 'string'
      ? quote(value)
      : signed(directive, value, formatValue(value))
  if (typeof value === 'string') return convertString(directive, value)
  if (isPrintable(value)) return convertPrintable(directive, value)
  if (typeof value === 'number') return convertNumber(directive, value)
  if (typeof value === 'boolean' && directive.verb === 't') return String(value)
  return undefined
}

function convertString({ verb, precision, flags }: Directive, value: string): string | undefined {
  const cut = precision === undefined ? value : [...value].slice(0, precision).join('')
  if (verb === 's') return cut
  if (verb === 'q') return quote(cut)
  if (verb !== 'x' && verb !== 'X') return undefined
  const hex = Buffer.from(cut).toString('hex')
  const spaced = flags.includes(' ') ? hex.replace(/(..)(?=.)/g, '$1 ') : hex
  return verb === 'X' ? spaced.toUpperCase() : spaced
}

/** `%s` is its text; `%d` of a duration its number. */
function convertPrintable(directive: Directive, value: unknown): string | undefined {
  const plain = plainOf(value)
  return (
    convertString(directive, formatValue(value)) ??
    (typeof plain === 'number' ? convertNumber(directive, plain) : undefined)
  )
}

const BASES: Readonly<Record<string, number>> = { b: 2, o: 8, d: 10, x: 16, X: 16 }
const PREFIXES: Readonly<Record<string, string>> = { b: '0b', o: '0', x: '0x', X: '0X' }

function convertNumber(directive: Directive, value: number): string | undefined {
  const { verb, precision, flags } = directive
  const base = BASES[verb]
  if (base !== undefined && Number.isInteger(value)) {
    const digits = Math.abs(value).toString(base)
    const prefix = flags.includes('#') ? (PREFIXES[verb] ?? '') : ''
    const text = `${value < 0 ? '-' : ''}${prefix}${digits}`
    return signed(directive, value, verb === 'X' ? text.toUpperCase() : text)
  }
  if (verb === 'c' || verb === 'q' || verb === 'U')
    return Number.isInteger(value) ? convertRune(verb, value) : undefined
  if (verb === 'f' || verb === 'F') return signed(directive, value, value.toFixed(precision ?? 6))
  if (verb === 'e')
    return signed(directive, value, value.toExponential(precision ?? 6).replace(/e([+-])(\d)$/, 'e$10$2'))
  if (verb === 'g')
    return signed(
      directive,
      value,
      formatValue(precision === undefined ? value : Number(value.toPrecision(precision || 1))),
    )
  return undefined
}

function convertRune(verb: string, value: number): string {
  const rune = String.fromCodePoint(value)
  if (verb === 'U') return `U+${value.toString(16).toUpperCase().padStart(4, '0')}`
  return verb === 'q' ? `'${rune}'` : rune
}

function signed({ flags }: Directive, value: unknown, text: string): string {
  if (typeof value !== 'number' || value < 0) return text
  return flags.includes('+') ? `+${text}` : flags.includes(' ') ? ` ${text}` : text
}

/** strconv.Quote: JSON's escapes but for control characters, which Go writes as \x. */
export function quote(text: string): string {
  const short: Readonly<Record<string, string>> = {
    '\x07': '\\a',
    '\b': '\\b',
    '\f': '\\f',
    '\n': '\\n',
    '\r': '\\r',
    '\t': '\\t',
    '\v': '\\v',
  }
  const escaped = text
    .replaceAll(/["\\]/g, '\\$&')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is escaped
    .replaceAll(/[\x00-\x1f\x7f]/g, (char) => short[char] ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
  return `"${escaped}"`
}
