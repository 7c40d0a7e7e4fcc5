// `--log-driver NAME` and `--log-opt NAME=VALUE`, as podman-run(1) describes them, with docker's max-file.

import { UsageError } from '../../model/errors.js'
import { LOG_DRIVERS, type LogDriver, type LogSaid } from '../../model/log.js'
import { parseSize } from './size.js'

const SUPPORTED = 'path, max-size, max-file and tag'
const MOST_FILES = 1000
/** What a tag may hold beside plain text. */
const TAG_FIELDS = /\{\{\s*\.(ID|FullID|Name|ImageName|ImageID)\s*\}\}/g

export function parseLogDriver(input: string): LogDriver {
  const driver = LOG_DRIVERS.find((name) => name === input)
  if (driver !== undefined) return driver
  throw new UsageError(`invalid log driver: supported are ${LOG_DRIVERS.join(', ')}`)
}

export function parseLogOption(input: string): LogSaid {
  const equals = input.indexOf('=')
  if (equals < 1) throw new UsageError(`the form is NAME=VALUE, with NAME one of ${SUPPORTED}`)
  const value = input.slice(equals + 1)
  const name = input.slice(0, equals)
  switch (name) {
    case 'path':
      if (value === '') throw new UsageError('the path is empty')
      return { path: value }
    case 'max-size':
      return { maxSizeBytes: parseMaxSize(value) }
    case 'max-file':
      return { maxFiles: parseMaxFile(value) }
    case 'tag':
      return { tag: parseTag(value) }
    default:
      throw new UsageError(`unknown log option "${name}": supported are ${SUPPORTED}`)
  }
}

/** -1: no limit. */
function parseMaxSize(input: string): number {
  if (input === '-1') return 0
  try {
    return parseSize(input)
  } catch (cause) {
    throw new UsageError(`invalid size: '${input}'`, { cause })
  }
}

function parseMaxFile(input: string): number {
  const count = Number(input)
  if (/^\d+$/.test(input) && count >= 1 && count <= MOST_FILES) return count
  throw new UsageError(`max-file is a number from 1 to ${MOST_FILES}`)
}

function parseTag(input: string): string {
  if (!input.replaceAll(TAG_FIELDS, '').includes('{{')) return input
  throw new UsageError('a tag may hold {{.ID}}, {{.FullID}}, {{.Name}}, {{.ImageName}} and {{.ImageID}}')
}
