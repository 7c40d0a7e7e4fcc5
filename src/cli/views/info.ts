// What `info` prints: YAML as podman does, JSON, or a template over the same facts under Go's field names (`.Host.OS`).

import { isJson, unescapeFormat } from '../format.js'
import { compileTemplate } from '../go-template/template.js'
import { formatValue, isList, isStruct, toJson } from '../go-template/values.js'
import { lichenVersion } from '../version.js'

const INDENT = 2
/** JSON's names of fields that Go does not just write with a capital. */
const GO_NAMES: Readonly<Record<string, string>> = {
  ...{ os: 'OS', cpus: 'CPUs', idMappings: 'IDMappings', uidmap: 'UIDMap', gidmap: 'GIDMap', ociRuntime: 'OCIRuntime' },
  ...{ container_id: 'ContainerID', host_id: 'HostID', cgroupVersion: 'CgroupsVersion', tun: 'TUN' },
}

export function infoText(info: Readonly<Record<string, unknown>>, format: string | undefined): string {
  const facts = { ...info, version: { version: lichenVersion, nodeVersion: process.version } }
  if (isJson(format)) return `${toJson(facts, INDENT)}\n`
  if (format === undefined) return toYaml(facts)
  return `${compileTemplate('info', unescapeFormat(format))(withGoNames(facts))}\n`
}

function withGoNames(value: unknown): unknown {
  if (isList(value)) return value.map(withGoNames)
  if (!isStruct(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, it]) => [GO_NAMES[name] ?? capitalize(name), withGoNames(it)]),
  )
}

const capitalize = (name: string): string => name.slice(0, 1).toUpperCase() + name.slice(1)

/** Block style; strings that YAML would read as something else are quoted as JSON. */
export function toYaml(value: Readonly<Record<string, unknown>>, indent = ''): string {
  return Object.entries(value)
    .map(([name, it]) => `${indent}${name}:${yamlValue(it, indent)}`)
    .join('')
}

function yamlValue(value: unknown, indent: string): string {
  if (isList(value))
    return value.length === 0 ? ' []\n' : `\n${value.map((it) => `${indent}-${yamlItem(it, indent)}`).join('')}`
  if (isStruct(value)) return Object.keys(value).length === 0 ? ' {}\n' : `\n${toYaml(value, `${indent}  `)}`
  return ` ${yamlScalar(value)}\n`
}

const yamlItem = (value: unknown, indent: string): string =>
  isStruct(value) ? ` ${toYaml(value, `${indent}  `).trimStart()}` : ` ${yamlScalar(value)}\n`

function yamlScalar(value: unknown): string {
  if (typeof value !== 'string') return value === undefined || value === null ? 'null' : formatValue(value)
  const isPlain =
    /^[\p{L}/(][\p{L}\p{N} ,.;()/_+-]*(:[\p{L}\p{N}/_-][\p{L}\p{N} ,.;()/_+-]*)*$/u.test(value) &&
    value.trim() === value
  return isPlain && !/^(true|false|yes|no|on|off|null|y|n)$/i.test(value) ? value : JSON.stringify(value)
}
