// What `inspect` prints: a JSON list of what was found, or what a template makes of each; a name that means nothing is an
// error for itself and does not hide the others.

import { type ErrorContext, errorExitCode, errorText } from '../error-text.js'
import { isJson, unescapeFormat } from '../format.js'
import { compileTemplate } from '../go-template/template.js'
import { isList, isStruct, toJson } from '../go-template/values.js'
import { writeErr, writeOut } from '../output.js'

const INDENT = 5
/** Fields that are maps in podman's types: a key that is missing there is no mistake in the template. */
const MAP_FIELDS = new Set([
  'Labels',
  'Annotations',
  'Ports',
  'PortBindings',
  'Networks',
  'Tmpfs',
  'Volumes',
  'ExposedPorts',
  'Sysctls',
  'Data',
])

export interface Inspection {
  readonly format: string
  readonly context: ErrorContext
  readonly inspect: (name: string) => Promise<object>
  /** What a template sees of an object; what JSON shows, unless said. */
  readonly toFields?: (object: object) => object
  /** Of JSON: podman does not use the same everywhere. */
  readonly indent?: number
}

/** Prints what is found, then resolves to the first failure's exit code, else 0. */
export async function showInspected(
  names: readonly string[],
  { format, context, inspect, toFields = withId, indent = INDENT }: Inspection,
): Promise<number> {
  const render = isJson(format) ? undefined : compileTemplate('inspect', unescapeFormat(format))
  const found: object[] = []
  let exitCode = 0
  for (const name of names) {
    try {
      found.push(await inspect(name))
    } catch (error) {
      writeErr(errorText(error, context))
      exitCode ||= errorExitCode(error)
    }
  }
  if (render === undefined) writeOut(`${toJson(found, indent)}\n`)
  else for (const object of found) writeOut(`${render(withMaps(toFields(object)))}\n`)
  return exitCode
}

/** The same data with Maps where Go has maps. */
export function withMaps(value: unknown, isMapField = false): unknown {
  if (isList(value)) return value.map((it) => withMaps(it))
  if (!isStruct(value)) return value
  const entries = Object.entries(value).map(([name, it]) => [name, withMaps(it, MAP_FIELDS.has(name))] as const)
  return isMapField ? new Map(entries) : Object.fromEntries(entries)
}

/** docker's and podman's templates know the ID by its Go name, too. */
export const withId = (object: object): object => ('Id' in object ? { ...object, ID: object.Id } : object)
