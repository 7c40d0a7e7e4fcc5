// Values of the flags that limit memory, processors, processes and block devices, with podman's messages. What must hold between
// several of them is the planner's (engine/plan-limits.ts).

import { UsageError } from '../../model/errors.js'
import { CGROUPS_MODES, type CgroupsMode, type DeviceLimit } from '../../model/limits.js'
import { parseSize } from './size.js'

const RATE_FORM = 'Number must be a positive integer'
const UNITS = `The correct format is <device-path>:<number>[<unit>]. ${RATE_FORM}. Unit is optional and can be kb, mb, or gb`
const MOST_WEIGHT = 1000
const LEAST_WEIGHT = 10

/** Bytes; undefined for 0 and the empty string, which mean no limit. */
export function parseMemory(input: string): number | undefined {
  return input === '' ? undefined : toBytes(input) || undefined
}

/** The same, and -1 for no limit. */
export function parseMemorySwap(input: string): number | undefined {
  return input === '-1' ? -1 : parseMemory(input)
}

/** Undefined for -1: the system's. */
export function parseSwappiness(input: string): number | undefined {
  const value = parseInteger(input)
  if (value === -1) return undefined
  if (value >= 0 && value <= 100) return value
  throw new UsageError(`invalid value: ${value}, valid memory swappiness range is 0-100`)
}

/** How many processors, `1.5`; 0: no limit. */
export function parseCpus(input: string): number | undefined {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(input) ? Number(input) : Number.NaN
  if (!Number.isFinite(value)) throw new UsageError(`strconv.ParseFloat: parsing "${input}": invalid syntax`)
  if (value < 0) throw new UsageError('the number of CPUs cannot be negative')
  return value === 0 ? undefined : value
}

/** `0-3,7`; undefined for the empty string. */
export function parseCpuset(input: string): string | undefined {
  if (input === '') return undefined
  const isRange = (part: string): boolean => {
    const [, first = '', last = first] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? []
    return first !== '' && Number(first) <= Number(last)
  }
  if (input.split(',').every(isRange)) return input
  throw new UsageError('a list is like 0-3 or 0,2')
}

/** 0 and everything below is no limit, -1. */
export function parsePidsLimit(input: string): number {
  const value = parseInteger(input)
  return value <= 0 ? -1 : value
}

export function parseOomScore(input: string): number {
  const value = parseInteger(input)
  if (value >= -1000 && value <= 1000) return value
  throw new UsageError(`invalid value: ${value}, the range is -1000 to 1000`)
}

/** A whole number that may be negative, with Go's message for anything else. */
export function parseInteger(input: string): number {
  if (/^[+-]?\d+$/.test(input) && Number.isSafeInteger(Number(input))) return Number(input)
  throw new UsageError(`strconv.ParseInt: parsing "${input}": invalid syntax`)
}

/** 0: not said. */
export function parseWeight(input: string): number | undefined {
  if (!/^\d+$/.test(input)) throw new UsageError(`strconv.ParseUint: parsing "${input}": invalid syntax`)
  if (Number(input) === 0) return undefined
  if (Number(input) >= LEAST_WEIGHT && Number(input) <= MOST_WEIGHT) return Number(input)
  throw new UsageError(`range of blkio weight is from ${LEAST_WEIGHT} to ${MOST_WEIGHT}`)
}

export function parseDeviceWeight(input: string): DeviceLimit {
  const { path, text } = splitDevice(input)
  const amount = /^\d+$/.test(text) ? Number(text) : -1
  if (amount === 0 || (amount >= LEAST_WEIGHT && amount <= MOST_WEIGHT)) return { path, amount }
  throw new UsageError(`invalid weight for device: ${input}`)
}

export function parseDeviceBps(input: string): DeviceLimit {
  const { path, text } = splitDevice(input)
  try {
    return { path, amount: parseSize(text) }
  } catch {
    throw new UsageError(`invalid rate for device: ${input}. ${UNITS}`)
  }
}

export function parseDeviceIops(input: string): DeviceLimit {
  const { path, text } = splitDevice(input)
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return { path, amount: Number(text) }
  throw new UsageError(`invalid rate for device: ${input}. The correct format is <device-path>:<number>. ${RATE_FORM}`)
}

export function parseCgroupsMode(input: string): CgroupsMode {
  const mode = CGROUPS_MODES.find((known) => known === input)
  if (mode !== undefined) return mode
  throw new UsageError(`invalid cgroup mode "${input}": must be one of ${CGROUPS_MODES.join(', ')}`)
}

/** `--cgroup-conf FILE=VALUE`; a file of another directory than the container's own group is none. */
export function parseCgroupConf(input: string): readonly [string, string] {
  const equals = input.indexOf('=')
  if (equals < 1) throw new UsageError('--cgroup-conf must be formatted KEY=VALUE')
  const file = input.slice(0, equals)
  if (!/^[a-z]+(\.[A-Za-z0-9_]+)+$/.test(file))
    throw new UsageError(`"${file}" is no file of a cgroup, like memory.high`)
  return [file, input.slice(equals + 1)]
}

/** A path of groups, relative or absolute, or the name of a systemd slice. */
export function parseCgroupParent(input: string): string {
  if (input !== '' && !input.split('/').includes('..') && !input.includes('\0')) return input
  throw new UsageError('the parent is a path like /group or a slice like user.slice')
}

function toBytes(input: string): number {
  try {
    return parseSize(input)
  } catch {
    throw new UsageError(`invalid size: '${input}'`, { hint: 'a size is like 512k, 64m or 1.5g' })
  }
}

function splitDevice(input: string): { path: string; text: string } {
  const [path = '', text, ...more] = input.split(':')
  if (text === undefined || more.length > 0) throw new UsageError(`bad format: ${input}`)
  if (!path.startsWith('/dev/')) throw new UsageError(`bad format for device path: ${input}`)
  return { path, text }
}
