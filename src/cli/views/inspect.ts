// What `inspect` prints: a JSON list of what was found, or what a template makes of each; a name that means nothing is an
// error for itself and does not hide the others.

import { type ErrorContext, errorExitCode, errorText } from '../error-text.js'
import { isJson, unescapeFormat } from '../format.js'
import { compileTemplate } from '../go-template/template.js'
import { durationValue, timeValue } from '../go-template/time.js'
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
const TIME_FIELDS = new Set(['Created', 'StartedAt', 'FinishedAt', 'CheckpointedAt', 'RestoredAt'])
/** Only of a check: a container's own Timeout is in seconds. */
const DURATION_FIELDS = new Set(['Interval', 'Timeout', 'StartPeriod', 'StartInterval'])
const CHECK_FIELDS = new Set(['Healthcheck', 'StartupHealthCheck'])
/** Where JSON has null for an empty list; Go prints both as []. */
const LIST_FIELDS = new Set(['Env', 'Cmd', 'CreateCommand', 'Entrypoint', 'Log', 'VolumesFrom', 'Links', 'Binds'])

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
  const render = format === '' || isJson(format) ? undefined : compileTemplate('inspect', toLines(format))
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
  else for (const object of found) writeOut(render(withGoTypes(toFields(object))))
  return exitCode
}

/** Each object ends a line, which its template may have said already. */
function toLines(format: string): string {
  const text = unescapeFormat(format)
  return text.endsWith('\n') ? text : `${text}\n`
}

/** The same data with Maps, times and durations where Go has them. */
export function withGoTypes(value: unknown, field = ''): unknown {
  if (isList(value)) return value.map((it) => withGoTypes(it))
  if (typeof value === 'string' && TIME_FIELDS.has(field)) return timeValue(value)
  if (value === null && LIST_FIELDS.has(field)) return []
  if (value === null && MAP_FIELDS.has(field)) return new Map()
  if (!isStruct(value)) return value
  const isCheck = CHECK_FIELDS.has(field)
  // the names in a map are the user's own words
  const isMapField = MAP_FIELDS.has(field)
  const entries = Object.entries(value).map(([name, it]) => {
    const isDuration = isCheck && DURATION_FIELDS.has(name) && typeof it === 'number'
    return [name, isDuration ? durationValue(it) : withGoTypes(it, isMapField ? '' : name)] as const
  })
  return isMapField ? new Map(entries) : Object.fromEntries(entries)
}

/** docker's and podman's templates know the ID by its Go name, too, and what JSON leaves out when it is not there. */
export function withId(object: object): object {
  const named = 'Id' in object ? { ...object, ID: object.Id } : object
  if ('HostConfig' in object) return withUnset(named)
  return 'RootFS' in object ? withUnsetConfig(named) : named
}

function withUnsetConfig(image: object): object {
  const { Config } = image as { readonly Config?: object }
  const lists = { Env: null, Entrypoint: null, Cmd: null }
  const maps = { ExposedPorts: null, Volumes: null, Labels: null }
  return {
    ...image,
    Config: { User: '', WorkingDir: '', StopSignal: '', Healthcheck: null, ...lists, ...maps, ...Config },
  }
}

function withUnset(container: object): object {
  const { State, Config } = container as { readonly State: object; readonly Config: object }
  return {
    ...{ SizeRw: null, SizeRootFs: null, ...container },
    State: { ConmonPid: 0, Health: null, Healthcheck: null, ...State },
    Config: {
      CreateCommand: null,
      Healthcheck: null,
      StartupHealthCheck: null,
      ExposedPorts: null,
      SystemdMode: false,
      Timezone: '',
      ...Config,
    },
  }
}
