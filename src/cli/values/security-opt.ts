// `--security-opt`: one option each, in podman's and docker's spellings. Whether this host can do it is for the engine to say.

import { UsageError } from '../../model/errors.js'
import type { SecurityRequest } from '../../model/isolation.js'

const SUPPORTED =
  'seccomp=FILE|unconfined, no-new-privileges[=true|false], mask=PATH[:PATH…], unmask=ALL|PATH[:PATH…], proc-opts=OPTIONS, systempaths=unconfined, apparmor=PROFILE|unconfined, label=disable|…'

/** mergeSecurityOptions puts them together. Docker's older `key:value` is understood too. */
export function parseSecurityOption(input: string): SecurityRequest {
  const match = /^([a-z-]+)(?:[=:](.*))?$/s.exec(input)
  const [key = '', value] = match === null ? [] : [match[1], match[2]]
  switch (key) {
    case 'seccomp':
      return { seccomp: required(key, value) }
    case 'no-new-privileges':
      return { noNewPrivileges: parseSwitch(value ?? 'true') }
    case 'mask':
      return { mask: paths(required(key, value)) }
    case 'unmask':
      return { unmask: required(key, value).toUpperCase() === 'ALL' ? ['ALL'] : paths(required(key, value)) }
    case 'systempaths':
      if (value === 'unconfined') return { unmask: ['ALL'] }
      throw new UsageError('systempaths can only be unconfined')
    case 'proc-opts':
      return { procOptions: required(key, value).split(',').map(procOption) }
    case 'apparmor':
      return { apparmor: required(key, value) }
    case 'label':
      return { label: [parseLabelOption(required(key, value))] }
    default:
      throw new UsageError(`unknown security option: supported are ${SUPPORTED}`)
  }
}

/** selinux(8) labels as podman spells them. */
function parseLabelOption(value: string): string {
  if (/^(disable|nested|(user|role|type|level|filetype):.+)$/s.test(value)) return value
  throw new UsageError(`label "${value}": the forms are disable, nested, user:, role:, type:, level: and filetype:`)
}

/** Options of proc(5), "Mount options". */
function procOption(option: string): string {
  if (/^(hidepid=(0|1|2|4|off|noaccess|invisible|ptraceable)|gid=\d+|subset=pid|r[ow])$/.test(option)) return option
  throw new UsageError(`proc-opts: "${option}": the kernel knows hidepid=, gid=, subset=pid, ro and rw`)
}

function required(key: string, value: string | undefined): string {
  if (value === undefined || value === '') throw new UsageError(`${key} needs a value: supported are ${SUPPORTED}`)
  return value
}

function parseSwitch(value: string): boolean {
  if (value === 'true' || value === 'false') return value === 'true'
  throw new UsageError(`no-new-privileges is true or false, not "${value}"`)
}

function paths(input: string): readonly string[] {
  const found = input.split(':').filter((path) => path !== '')
  for (const path of found) if (!path.startsWith('/')) throw new UsageError(`"${path}" must be an absolute path`)
  return found
}

/** Of a thing said once the last one counts; lists grow. */
export function mergeSecurityOptions(options: readonly SecurityRequest[]): SecurityRequest {
  const merged: Record<string, unknown> = {}
  for (const option of options) {
    for (const [key, value] of Object.entries(option) as [string, unknown][]) {
      const before = merged[key]
      merged[key] = Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value
    }
  }
  return merged as SecurityRequest
}
