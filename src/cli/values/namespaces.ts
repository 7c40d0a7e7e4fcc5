// `--pid`, `--ipc`, `--uts`, `--cgroupns`, `--network` and `--userns`: the modes there are, and a clear refusal of the others.

import { UsageError } from '../../model/errors.js'
import type {
  IdMapRequest,
  IpcRequest,
  JoinRequest,
  NamespaceRequest,
  NetworkRequest,
  UsernsRequest,
} from '../../model/isolation.js'
import { parseIdMap } from './id-map.js'

export function parseNamespace(input: string): NamespaceRequest {
  if (input === '' || input === 'private') return { mode: 'private' }
  if (input === 'host') return { mode: 'host' }
  return parseJoin(input) ?? unrecognized(input)
}

export function parseIpc(input: string): IpcRequest {
  return input === 'shareable' || input === 'none' ? { mode: input } : parseNamespace(input)
}

export function parseNetwork(input: string): NetworkRequest {
  if (input === 'none' || input === 'host') return { mode: input }
  const join = parseJoin(input)
  if (join !== undefined) return join
  throw new UsageError('supported are none, host, container:NAME and ns:PATH')
}

export function parseUserns(input: string): UsernsRequest {
  if (input === 'host' || input === 'nomap') return { mode: input }
  if (input === '' || input === 'private') return { mode: 'private' }
  const colon = input.indexOf(':')
  const [mode, options] = colon < 0 ? [input, ''] : [input.slice(0, colon), input.slice(colon + 1)]
  if (mode === 'keep-id') return { mode, ...parseNumbers(options, ['uid', 'gid', 'size']) }
  if (mode === 'auto') return parseAuto(options)
  return parseJoin(input) ?? unrecognized(input)
}

function parseJoin(input: string): JoinRequest | undefined {
  const [, kind, what = ''] = /^(container|ns):(.*)$/s.exec(input) ?? []
  if (kind === undefined) return undefined
  if (kind === 'container') {
    if (what !== '') return { mode: 'container', container: what }
    throw new UsageError('must provide name or ID for "container"')
  }
  if (what.startsWith('/')) return { mode: 'path', path: what }
  throw new UsageError('must provide an absolute path for "ns"')
}

function unrecognized(input: string): never {
  throw new UsageError(`unrecognized namespace mode ${input} passed`)
}

/** `name=number,…`, each name one of those given. */
function parseNumbers<K extends string>(text: string, names: readonly K[]): Partial<Record<K, number>> {
  const found: Partial<Record<K, number>> = {}
  for (const [name, value] of parseOptions(text)) {
    if (!(names as readonly string[]).includes(name)) throw new UsageError(`unknown option specified: "${name}"`)
    found[name as K] = parseId(value)
  }
  return found
}

function parseAuto(text: string): UsernsRequest {
  const maps: { uidmapping: IdMapRequest[]; gidmapping: IdMapRequest[] } = { uidmapping: [], gidmapping: [] }
  let size: number | undefined
  for (const [name, value] of parseOptions(text)) {
    if (name === 'size') size = parseId(value)
    else if (name === 'uidmapping') maps[name].push(parseIdMap('UID', value))
    else if (name === 'gidmapping') maps[name].push(parseIdMap('GID', value))
    else throw new UsageError(`unknown option specified: "${name}"`)
  }
  return {
    mode: 'auto',
    ...(size === undefined ? {} : { size }),
    uidMap: maps.uidmapping,
    gidMap: maps.gidmapping,
  }
}

function parseOptions(text: string): [name: string, value: string][] {
  if (text === '') return []
  return text.split(',').map((option) => {
    const equals = option.indexOf('=')
    return equals < 0 ? [option, ''] : [option.slice(0, equals), option.slice(equals + 1)]
  })
}

function parseId(text: string): number {
  if (/^\d{1,10}$/.test(text) && Number(text) < 2 ** 32 - 1) return Number(text)
  throw new UsageError(`strconv.ParseUint: parsing "${text}": invalid syntax`)
}
