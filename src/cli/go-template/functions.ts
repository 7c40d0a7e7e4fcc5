// The functions of Go's templates and those podman and docker add. Each takes evaluated arguments and throws a plain
// FunctionError with Go's words; the evaluator adds the place. `and` and `or` are the evaluator's: they stop early.

import { compareValues, equalsAny } from './compare.js'
import { ArityError, FunctionError } from './function-error.js'
import { sprintf } from './printf.js'
import { formatValue, isList, isMap, isStruct, isTrue, toJson, typeName } from './values.js'

type TemplateFunction = (...args: readonly unknown[]) => unknown

/** Least and most arguments of each function. */
const ARITY: Readonly<Record<string, readonly [number, number]>> = {
  ...{ not: [1, 1], len: [1, 1], json: [1, 1], lower: [1, 1], upper: [1, 1], title: [1, 1] },
  ...{ join: [2, 2], split: [2, 2], truncate: [2, 2], pad: [3, 3] },
  ...{ ne: [2, 2], lt: [2, 2], le: [2, 2], gt: [2, 2], ge: [2, 2], eq: [1, Infinity] },
  ...{ index: [1, Infinity], slice: [1, 4], printf: [1, Infinity] },
}

const FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  eq: (first, ...others) => equalsAny(first, others),
  ne: (a, b) => !equalsAny(a, [b]),
  lt: (a, b) => compareValues(a, b) < 0,
  le: (a, b) => compareValues(a, b) <= 0,
  gt: (a, b) => compareValues(a, b) > 0,
  ge: (a, b) => compareValues(a, b) >= 0,
  not: (value) => !isTrue(value),
  len: (value) => lengthOf(value),
  index: (value, ...keys) => keys.reduce(indexInto, value),
  slice: (value, ...bounds) => sliceOf(value, bounds),
  print: (...args) => sprint(args),
  println: (...args) => `${args.map(formatValue).join(' ')}\n`,
  printf: (format, ...args) => sprintf(asString(format), args),
  html: (...args) => sprint(args).replaceAll(/[<>&"'\0]/g, (char) => HTML[char] as string),
  js: (...args) => sprint(args).replaceAll(/[\\'"<>&=\n\r\t]/g, (char) => JS[char] as string),
  urlquery: (...args) =>
    encodeURIComponent(sprint(args))
      .replaceAll('%20', '+')
      .replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`),
  json: (value) => toJson(value),
  join: (list, separator) => asList(list).map(formatValue).join(asString(separator)),
  split: (text, separator) => asString(text).split(asString(separator)),
  lower: (text) => asString(text).toLowerCase(),
  upper: (text) => asString(text).toUpperCase(),
  title: (text) => asString(text).replaceAll(/(?<![\p{L}\p{N}_])\p{L}/gu, (char) => char.toUpperCase()),
  pad: (text, before, after) => {
    const source = asString(text)
    return source === '' ? '' : ' '.repeat(asNumber(before)) + source + ' '.repeat(asNumber(after))
  },
  truncate: (text, length) => asString(text).slice(0, asNumber(length)),
}

export const FUNCTION_NAMES: ReadonlySet<string> = new Set([...Object.keys(FUNCTIONS), 'and', 'or'])

export function callFunction(name: string, args: readonly unknown[]): unknown {
  const [min, max] = ARITY[name] ?? [0, Infinity]
  if (args.length < min || args.length > max) {
    const wanted = min === max ? `${min}` : `at least ${min}`
    throw new ArityError(`wrong number of args for ${name}: want ${wanted} got ${args.length}`)
  }
  return (FUNCTIONS[name] as TemplateFunction)(...args)
}

/** fmt.Sprint: a space between two arguments of which neither is a string. */
function sprint(args: readonly unknown[]): string {
  return args.reduce<string>((text, arg, at) => {
    const spaced = at > 0 && typeof arg !== 'string' && typeof args[at - 1] !== 'string'
    return `${text}${spaced ? ' ' : ''}${formatValue(arg)}`
  }, '')
}

function lengthOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (isList(value)) return value.length
  if (isMap(value)) return value.size
  throw new FunctionError(`len of ${value === undefined || value === null ? 'nil pointer' : `type ${typeName(value)}`}`)
}

function indexInto(value: unknown, key: unknown): unknown {
  if (isMap(value)) return value.get(asString(key)) ?? ''
  if (isStruct(value) && typeof key === 'string') throw new FunctionError(`can't index item of type struct`)
  if (isList(value) || typeof value === 'string') {
    if (typeof key !== 'number') throw new FunctionError(`cannot index slice/array with type ${typeName(key)}`)
    const at = asNumber(key)
    if (at < 0 || at >= value.length) throw new FunctionError(`index out of range: ${at}`)
    return typeof value === 'string' ? value.charCodeAt(at) : value[at]
  }
  throw new FunctionError(`${isTrue(value) ? `can't index item of type ${typeName(value)}` : 'index of untyped nil'}`)
}

function sliceOf(value: unknown, bounds: readonly unknown[]): unknown {
  if (typeof value !== 'string' && !isList(value))
    throw new FunctionError(`can't slice item of type ${typeName(value)}`)
  const [from = 0, to = value.length] = bounds.map(asNumber)
  if (from < 0 || to > value.length || from > to) throw new FunctionError(`index out of range: ${to}`)
  return value.slice(from, to)
}

function asString(value: unknown): string {
  if (typeof value === 'string') return value
  throw new FunctionError(`expected string; found ${formatValue(value)}`)
}

function asNumber(value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value)) return value
  throw new FunctionError(`expected int; found ${formatValue(value)}`)
}

function asList(value: unknown): readonly unknown[] {
  if (isList(value)) return value
  if (value === undefined || value === null) return []
  throw new FunctionError(`expected []string; found ${formatValue(value)}`)
}

const HTML: Readonly<Record<string, string>> = {
  ...{ '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&#34;', "'": '&#39;', '\0': '\uFFFD' },
}
const JS: Readonly<Record<string, string>> = {
  ...{ '\\': '\\\\', "'": "\\'", '"': '\\"', '<': '\\u003C', '>': '\\u003E', '&': '\\u0026', '=': '\\u003D' },
  ...{ '\n': '\\u000A', '\r': '\\u000D', '\t': '\\u0009' },
}
