// `--device HOST[:CONTAINER][:rwm]` or a CDI name, and `--device-cgroup-rule "TYPE MAJOR:MINOR ACCESS"`. podman-run(1), docker run.

import type { DeviceRequest, DeviceRulePlan } from '../../model/devices.js'
import { UsageError } from '../../model/errors.js'
import { onlySaid } from '../only-said.js'
import { parseContainerPath } from './container-path.js'

/** vendor/class=device, Container Device Interface specification, Kind and device names. */
const CDI_NAME = /^[a-zA-Z][a-zA-Z0-9_.-]*\/[a-zA-Z][a-zA-Z0-9_-]*=[a-zA-Z0-9][a-zA-Z0-9_.:-]*$/

export function parseDevice(input: string): DeviceRequest {
  if (!input.startsWith('/') && CDI_NAME.test(input)) return { kind: 'cdi', name: input }
  const [hostPath = '', second, third, ...more] = input.split(':')
  if (more.length > 0 || hostPath === '') throw new UsageError(`invalid device specification: ${input}`)
  if (!hostPath.startsWith('/'))
    throw new UsageError(`invalid device "${hostPath}": a path, or vendor.com/class=name of a CDI device`)
  if (second === undefined) return { kind: 'path', hostPath }
  if (third === undefined && !second.startsWith('/')) return { kind: 'path', hostPath, access: parseAccess(second) }
  const containerPath = parseContainerPath(second)
  return { kind: 'path', hostPath, containerPath, ...onlySaid({ access: third && parseAccess(third) }) }
}

/** Each letter once at most. */
function parseAccess(input: string): string {
  if (/^[rwm]{1,3}$/.test(input) && new Set(input).size === input.length) return input
  throw new UsageError(`invalid device mode: ${input}`)
}

export function parseDeviceRule(input: string): DeviceRulePlan {
  const [type = '', numbers = '', access = '', ...more] = input.trim().split(/\s+/)
  if (access === '' || more.length > 0)
    throw new UsageError(`invalid device cgroup rule requires type, major:Minor, and access rules: "${input}"`)
  if (type !== 'a' && type !== 'b' && type !== 'c')
    throw new UsageError(`invalid device type in device-access-add: ${type}`)
  const [major, minor, ...rest] = numbers.split(':')
  if (rest.length > 0) throw new UsageError(`invalid device major:minor "${numbers}"`)
  return {
    type,
    ...onlySaid({ major: parseNumber(major ?? ''), minor: minor === undefined ? undefined : parseNumber(minor) }),
    access: parseAccess(access),
  }
}

/** `*`: all, undefined. */
function parseNumber(input: string): number | undefined {
  if (input === '*') return undefined
  if (/^\d{1,8}$/.test(input)) return Number(input)
  throw new UsageError(`invalid device number "${input}": a number, or * for all`)
}

/** docker's `all`, `N` or `device=A,B` as names of the Container Device Interface, under which nvidia-ctk lists its GPUs. */
export function parseGpus(input: string): DeviceRequest[] {
  const names = /^[1-9]\d?$/.test(input)
    ? Array.from({ length: Number(input) }, (_, index) => String(index))
    : input
        .replace(/^"?device=/, '')
        .replace(/"$/, '')
        .split(',')
  return names.map((name) => {
    const cdi = `nvidia.com/gpu=${name}`
    if (!CDI_NAME.test(cdi)) throw new UsageError(`invalid GPU "${name}": all, a number, or device=NAME[,NAME]`)
    return { kind: 'cdi', name: cdi }
  })
}
