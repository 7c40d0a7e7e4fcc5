// The values templates work on and Go's rules for them: a plain object is a struct (its fields are known, a wrong name is an error),
// a Map is a map (a missing key is no value), a function in a field is a method. Everything else is JSON.

export type Struct = Readonly<Record<string, unknown>>

export const isMap = (value: unknown): value is ReadonlyMap<string, unknown> => value instanceof Map
export const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)
export const isStruct = (value: unknown): value is Struct =>
  typeof value === 'object' && value !== null && !isList(value) && !isMap(value)

const TEXT = Symbol('text')

/** A value that prints as a text of its own, such as a time: its fields are methods, JSON shows it as `plain`. */
export function printable(text: string, plain: string | number, methods: Struct = {}): Struct {
  return Object.defineProperties({ ...methods }, { [TEXT]: { value: text }, toJSON: { value: () => plain } }) as Struct
}

export const isPrintable = (
  value: unknown,
): value is { readonly [TEXT]: string; readonly toJSON: () => string | number } => isStruct(value) && TEXT in value

/** What printf and comparisons see of a value. */
export const plainOf = (value: unknown): unknown => (isPrintable(value) ? value.toJSON() : value)

/** Go's truth: not false, 0, nil, or empty. A struct is always true. */
export function isTrue(value: unknown): boolean {
  if (value === undefined || value === null) return false
  if (isMap(value)) return value.size > 0
  if (isList(value) || typeof value === 'string') return value.length > 0
  return typeof value === 'object' || Boolean(value)
}

/** What %T prints. */
export function typeName(value: unknown): string {
  if (value === undefined || value === null) return '<nil>'
  if (isList(value)) return '[]interface {}'
  if (isMap(value)) return 'map[string]interface {}'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float64'
  return { string: 'string', boolean: 'bool', function: 'func' }[typeof value as string] ?? 'struct'
}

/** Maps in key order, as Go prints and ranges over them. */
export const sortedEntries = (map: ReadonlyMap<string, unknown>): [string, unknown][] =>
  [...map].sort(([a], [b]) => (a < b ? -1 : 1))

/** Go's %v. */
export function formatValue(value: unknown): string {
  if (value === undefined || value === null) return '<nil>'
  if (typeof value === 'number') return formatFloat(value)
  if (isList(value)) return `[${value.map(formatValue).join(' ')}]`
  if (isMap(value))
    return `map[${sortedEntries(value)
      .map(([key, it]) => `${key}:${formatValue(it)}`)
      .join(' ')}]`
  if (isPrintable(value)) return value[TEXT]
  if (isStruct(value)) return `{${Object.values(value).map(formatValue).join(' ')}}`
  return String(value)
}

/** Like %g with the shortest form: an exponent below 1e-4 and from 1e21. */
function formatFloat(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
  const text = value !== 0 && Math.abs(value) < 1e-4 ? value.toExponential() : String(value)
  return text.replace(/e([+-])(\d)$/, 'e$10$2')
}

/** What `json` and `--format json` write; maps as objects with sorted keys, methods left out. */
export function toJson(value: unknown, indent?: number): string {
  const plain = (_: string, it: unknown): unknown => (isMap(it) ? Object.fromEntries(sortedEntries(it)) : it)
  return JSON.stringify(value ?? null, plain, indent)
}
