// `--security-opt`: seccomp, no-new-privileges, mask and unmask; what a rootless host without LSM labels cannot do is refused by name.

import { UsageError } from '../../model/errors.js'
import type { SecurityRequest } from '../../model/isolation.js'

const SUPPORTED = 'seccomp=FILE|unconfined, no-new-privileges[=true|false], mask=PATH[:PATH…], unmask=ALL|PATH[:PATH…]'

/** One option each; mergeSecurityOptions puts them together. Docker's older `key:value` is understood too. */
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
    case 'label':
    case 'apparmor':
      return refuseLsm(key, value)
    default:
      throw new UsageError(`unknown security option: supported are ${SUPPORTED}`)
  }
}

/** `disable` and `unconfined` ask for what is the case anyway. */
function refuseLsm(key: string, value: string | undefined): SecurityRequest {
  if ((key === 'label' && value === 'disable') || (key === 'apparmor' && value === 'unconfined')) return {}
  throw new UsageError(`${key} profiles are not supported: supported are ${SUPPORTED}`)
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

export function mergeSecurityOptions(options: readonly SecurityRequest[]): SecurityRequest {
  const mask = options.flatMap((option) => option.mask ?? [])
  const unmask = options.flatMap((option) => option.unmask ?? [])
  return {
    ...Object.assign({}, ...options),
    ...(mask.length === 0 ? {} : { mask }),
    ...(unmask.length === 0 ? {} : { unmask }),
  }
}
